import { z } from 'zod';
import { PROFILES, type ProfileId } from '../../frameworks/webpy/session/profiles.ts';
import type { PolicyOutcome, Verdict } from '../../model/app.ts';
import type { ExperimentMeta } from '../../model/lab.ts';
import { EXPERIMENTS } from '../live/catalog.ts';
import { oneOrMany, REMEDY, seconds, table, text, word, wrongType, yesOrNo } from './shapes.ts';

/** The schema of a policy file. What keys have to do with one another is checked afterwards (`rules.ts`). */
export const POLICY_VERSION = 1;
export const OUTCOMES = [
  'accepted',
  'new-session',
  'expired-message',
  'server-error',
] as const satisfies readonly PolicyOutcome[];
export const VERDICTS = [
  'holds',
  'does-not-hold',
  'cannot-tell',
  'not-applicable',
] as const satisfies readonly Verdict[];

/** In the place of experiments: all are asked and reported, and nothing is expected. */
export const CHECK_UP = 'check-up';

const METHODS = /^(GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE) +(?=\S)/;

/** A request as the file names it; `url` may be a path of the origin. */
export interface PolicyRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
  /** Names of form fields that are taken over from the page before. */
  readonly fields: readonly string[];
}

const plainText = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)], {
  error: ({ input }) => wrongType(input, 'a text'),
});
const texts = (what: string) =>
  z.record(z.string(), plainText, { error: ({ input }) => wrongType(input, what) }).describe(what);

const request: z.ZodType<PolicyRequest, unknown> = z
  .union(
    [
      text('a path such as /login, or "POST /login"'),
      table(
        {
          method: z
            .optional(text('a method such as POST'))
            .describe('GET, or POST where there is a form, json or body'),
          url: text('a path of the application, or a whole address'),
          headers: z.optional(texts('header fields by name')),
          form: z.optional(texts('the fields of a form')),
          json: z.optional(z.json()).describe('a body that is sent as JSON'),
          body: z.optional(text('a body as text')),
          fields: z
            .optional(oneOrMany(text('the name of a form field')))
            .describe('hidden fields taken over from the page before, such as csrf_token'),
        },
        'a path such as /login, or a group with url, method, form',
      ),
    ],
    { error: ({ input }) => wrongType(input, 'a path such as /login, or a group with url, method, form') },
  )
  .transform((given): PolicyRequest => {
    if (typeof given === 'string') {
      const method = METHODS.exec(given);
      return { method: method?.[1] ?? 'GET', url: given.slice(method?.[0].length ?? 0), headers: {}, fields: [] };
    }
    const { method, url, headers = {}, form, json, body, fields = [] } = given;
    const sends = form !== undefined || json !== undefined || body !== undefined || fields.length > 0;
    return {
      method: (method ?? (sends ? 'POST' : 'GET')).toUpperCase(),
      url,
      headers,
      fields,
      ...(form === undefined ? {} : { form }),
      ...(json === undefined ? {} : { json }),
      ...(body === undefined ? {} : { body }),
    };
  });

const target = table({
  origin: text('the address of the application, such as http://127.0.0.1:8080').describe('scheme, host and port'),
  cookie: z.optional(text('the name of the session cookie')).describe('name of the session cookie; webpy_session_id'),
  verification: request.describe('a request that looks different when logged in'),
  login: z.optional(oneOrMany(request, 20)).describe('the requests that log in, in order; redirects are followed'),
  cookies: z.optional(texts('cookies by name')).describe('cookies to begin with; secrets belong into the environment'),
  cookie_file: z
    .optional(text('the path of a cookie file'))
    .describe('cookies.txt or storageState, from the policy file on'),
  logout: z.optional(request).describe('the request that logs out'),
  act: z.optional(request).describe('a request that changes something, for CSRF and lost updates'),
  privilege_change: z.optional(request).describe('a request that changes the privileges of the session'),
  sensitive_change: z.optional(request).describe('a sensitive change, written without the password'),
  password_change: z.optional(request).describe('the request that changes the password'),
  logout_everywhere: z.optional(request).describe('the request that ends all sessions of the user'),
  disable_user: z.optional(request).describe('the request that disables the account'),
  headers: z.optional(texts('header fields by name')).describe('sent with every request'),
  verify_certificate: z.optional(yesOrNo()).describe('false: any certificate of the application is taken'),
});

const optionalText = (what: string) => z.optional(z.nullable(text(what)));

const parameters = table({
  cookie_name: z.optional(text('a cookie name')),
  cookie_domain: optionalText('a domain'),
  cookie_path: optionalText('a path'),
  samesite: optionalText('strict, lax or none'),
  timeout: z.optional(seconds()).describe('seconds, or 25h, 30m'),
  ignore_expiry: z.optional(yesOrNo()),
  ignore_change_ip: z.optional(yesOrNo()),
  secret_key: z.optional(text('a text')),
  expired_message: z.optional(text('a text')),
  httponly: z.optional(yesOrNo()),
  secure: z.optional(yesOrNo()),
}).describe("web.py's session_parameters, under their names");

/** `0.40` without quotes is the number 0.4 to YAML. */
const profile: z.ZodType<ProfileId, string | number> = z
  .union([z.string(), z.number()], { error: ({ input }) => wrongType(input, 'a version of web.py') })
  .transform((given) => (typeof given === 'number' ? given.toFixed(2) : given))
  .pipe(word(Object.keys(PROFILES) as ProfileId[], 'profile'));

const question = table({
  name: z.optional(text('a name')).describe('how the question is called in reports'),
  after: z.optional(oneOrMany(seconds())).describe('used again so long after the last use; 0'),
  from: z.optional(oneOrMany(text('an IP address'))).describe("the visitor's address; the one in the record"),
  timeout: z.optional(oneOrMany(seconds())).describe('instead of the one in parameters'),
  ignore_expiry: z.optional(yesOrNo()),
  ignore_change_ip: z.optional(yesOrNo()),
  profiles: z.optional(oneOrMany(profile)).describe('instead of those of the policy'),
  cleanup: z
    .optional(word(['at-request', 'not-due'], 'cleanup'))
    .describe('at-request: a cleanup runs at that request; not-due: one ran less than timeout ago'),
  expect: oneOrMany(word(OUTCOMES, 'outcome')).describe('the outcome, or a list of those that are allowed'),
});

const verdicts = oneOrMany(word(VERDICTS, 'verdict'));
const named = (metas: readonly ExperimentMeta[]) =>
  table(Object.fromEntries(metas.map(({ id, title }) => [id, z.optional(verdicts).describe(title)])));
const metas = EXPERIMENTS.map(({ meta }) => meta);
const ids = metas.map(({ id }) => id);

const live = table({
  idle: z.optional(seconds()).describe('after so long without use a session is to be refused'),
  absolute: z.optional(seconds()).describe('so long after its beginning a session is to end'),
  address_may_change: z.optional(yesOrNo()).describe('whether a session may go on from another address'),
  addresses: z
    .optional(z.union([text('an IP address').transform((one) => [one]), z.array(text('an IP address')).max(10)]))
    .describe('other addresses of this machine to ask from'),
  sessions: z
    .optional(z.number().int().positive())
    .describe('so many sessions of one user may be valid at once; reported, not judged, without it'),
  experiments: z
    .union(
      [
        z.literal(CHECK_UP),
        z.array(word(ids, 'experiment')).min(1, { error: `This list is empty${REMEDY}Name an experiment` }),
        named(metas),
      ],
      {
        error: ({ input }) => wrongType(input, `experiments by id: ${ids.join(', ')}`),
      },
    )
    .transform((given) => {
      if (given === CHECK_UP) return CHECK_UP;
      const asked: Record<string, readonly (typeof VERDICTS)[number][]> = {};
      if (Array.isArray(given)) for (const id of given) asked[id] = ['holds'];
      else for (const [id, allowed] of Object.entries(given)) if (allowed !== undefined) asked[id] = allowed;
      return asked;
    })
    .optional()
    .describe(
      'experiments with the verdict (or verdicts) expected; a list expects that all hold; check-up reports on all',
    ),
}).describe('experiments on the running application; everything is put back afterwards');

export const policySchema = table({
  version: z.literal(POLICY_VERSION, {
    error: ({ input }) =>
      input === undefined
        ? `The version is missing${REMEDY}Write \`version: ${POLICY_VERSION}\` first`
        : `This is version ${JSON.stringify(input) ?? 'unknown'} of policy files, and only ${POLICY_VERSION} is known here${REMEDY}Write \`version: ${POLICY_VERSION}\`, or use a newer Sessionscope`,
  }),
  title: z.optional(text('a title')),
  start: z
    .optional(text('a command'))
    .describe('a command that starts the application, in the folder of this file; it is stopped afterwards'),
  target: z.optional(target).describe('the application'),
  store: z
    .optional(text('a store URL such as disk:./sessions'))
    .describe('disk:PATH, sqlite:PATH?table=T, postgres://…, mysql://…'),
  secrets: z
    .optional(oneOrMany(text('a key'), 50))
    .describe('keys that sign or seal the session cookie, as --secret takes them: text, hex:…, base64:…'),
  parameters: z.optional(parameters),
  initializer: z.optional(z.record(z.string(), z.json())).describe('what a new session begins with'),
  profiles: z.optional(oneOrMany(profile)).describe('versions of web.py that are simulated; 0.62'),
  record: z
    .optional(text('session, newest, new, or the id of a record'))
    .describe('whose copy is asked: that of the session, the newest in the store, a new one, or an id'),
  simulated: z.optional(z.array(question).max(200)).describe('questions to a scratch copy of one record'),
  live: z.optional(live),
  confirm: z.optional(yesOrNo()).describe('true: writes and unsafe requests need no --yes'),
});

export type PolicyDocument = z.output<typeof policySchema>;

/** The schema as JSON Schema (draft 2020-12), for editors that check while one writes. */
export function policyJsonSchema(): object {
  return {
    ...z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' }),
    title: 'Sessionscope policy',
  };
}
