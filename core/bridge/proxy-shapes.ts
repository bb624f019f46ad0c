import * as z from 'zod/mini';
import type { Breakpoints, ProxySettingsChange, RuleAsk } from '../model/proxy-settings.ts';

/* Requests about the proxy, as the bridge checks them. See `contract.ts`. */

// As in `contract.ts`; here too because this module is evaluated first.
z.config({ jitless: true });

const short = z.string().check(z.maxLength(4_096));
const text = z.string().check(z.maxLength(65_536));
const large = z.string().check(z.maxLength(1 << 20));
const secret = z.exactOptional(z.nullable(text));
const side = z.enum(['request', 'response']);
const treatment = z.enum(['record', 'pass', 'blind']);
const positive = z.int().check(z.positive());

/** A file's text; the web mode takes no longer request. */
export const fileText = z.string().check(z.maxLength(30_000_000));
export const certificateForm = z.enum(['pem', 'der']);
export const cookieForm = z.enum(['cookies.txt', 'storageState']);

export const proxySettingsChange = z.strictObject({
  upstream: z.exactOptional(
    z.strictObject({
      address: short,
      username: z.exactOptional(short),
      password: secret,
      pacScript: z.exactOptional(large),
    }),
  ),
  bypass: z.exactOptional(z.array(short).check(z.maxLength(1_000))),
  localAccess: z.exactOptional(z.array(short).check(z.maxLength(1_000))),
  scope: z.exactOptional(
    z.strictObject({
      others: treatment,
      hosts: z.array(z.strictObject({ host: short, treat: treatment })).check(z.maxLength(1_000)),
    }),
  ),
  tls: z.exactOptional(
    z
      .array(
        z.strictObject({
          host: short,
          verify: z.boolean(),
          ca: z.exactOptional(large),
          cert: z.exactOptional(large),
          key: secret,
          passphrase: secret,
        }),
      )
      .check(z.maxLength(200)),
  ),
}) satisfies z.ZodMiniType<ProxySettingsChange>;

export const ruleAsk = z.strictObject({
  on: side,
  host: z.exactOptional(short),
  path: z.exactOptional(short),
  times: z.exactOptional(positive),
  change: z.union([
    z.strictObject({
      kind: z.literal('cookie'),
      cookie: short,
      value: z.exactOptional(text),
      from: z.exactOptional(text),
      add: z.exactOptional(z.boolean()),
      remove: z.exactOptional(z.boolean()),
      set: z.exactOptional(z.record(short, z.nullable(text))),
      removeAttributes: z.exactOptional(z.array(short)),
    }),
    z.strictObject({
      kind: z.literal('header'),
      header: short,
      value: z.exactOptional(text),
      add: z.exactOptional(z.boolean()),
      remove: z.exactOptional(z.boolean()),
    }),
  ]),
}) satisfies z.ZodMiniType<RuleAsk>;

export const breakpoints = z.strictObject({
  breakpoints: z
    .array(
      z.strictObject({
        on: z.array(side).check(z.minLength(1)),
        host: z.exactOptional(short),
        path: z.exactOptional(short),
        methods: z.exactOptional(z.array(short).check(z.minLength(1), z.maxLength(50))),
        enabled: z.boolean(),
      }),
    )
    .check(z.maxLength(200)),
  timeLimitSeconds: z.number().check(z.gte(1), z.lte(3_600)),
}) satisfies z.ZodMiniType<Breakpoints>;

/** A body without its content coding. */
const body = z.union([z.strictObject({ text: fileText }), z.strictObject({ base64: fileText })]);

export const messageEdit = z.strictObject({
  method: z.exactOptional(short),
  url: z.exactOptional(text),
  status: z.exactOptional(z.int()),
  reason: z.exactOptional(short),
  rawHeaders: z.exactOptional(z.array(text).check(z.maxLength(4_000))),
  body: z.exactOptional(body),
});

export const replayAsk = z.strictObject({
  id: short,
  cookies: z.exactOptional(z.record(short, z.nullable(text))),
  headers: z.exactOptional(z.record(short, z.nullable(text))),
  localAddress: z.exactOptional(short),
  method: z.exactOptional(short),
  url: z.exactOptional(text),
  /** null: none. Content coding as the headers say. */
  body: z.exactOptional(z.nullable(body)),
  times: z.exactOptional(positive.check(z.lte(1_000))),
  parallel: z.exactOptional(positive.check(z.lte(50))),
  forwardingHeaders: z.exactOptional(z.union([z.enum(['recorded', 'none']), z.strictObject({ address: short })])),
  followRedirects: z.exactOptional(z.boolean()),
  /** Cookies that one answer sets count for the next hop. */
  followCookies: z.exactOptional(z.boolean()),
});
