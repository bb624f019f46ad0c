import fc from 'fast-check';
import { encodeSession } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import type { PolicyParameters, PolicyQuestion } from '../../../../../core/model/app.ts';

/** A question to the lab with the store that it is asked of, and everything that may be different in it. */
export interface Combination {
  /** Python source. */
  readonly timeout: string;
  /** Seconds since the last use. */
  readonly age: number;
  /** Part of a second at which the session was used last. */
  readonly fraction: number;
  readonly ignore_expiry: boolean;
  readonly ignore_change_ip: boolean;
  readonly others: Partial<PolicyParameters>;
  readonly initializer: PolicyQuestion['initializer'] | null;
  readonly cleanup: PolicyQuestion['cleanup'];
  readonly cookieName: string;
  readonly cookie: CookieForm;
  readonly record: RecordForm;
  readonly owner: string | null;
  readonly visitor: string;
  readonly proxy: string | null;
  /** Other records beside it, used at the same time. */
  readonly neighbour: boolean;
}

export const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
export const OTHER_ID = 'beef5a69788796a5b4c3d2e1f0a9b8c7beef5a69';

const COOKIES = {
  usual: ID,
  unknown: `${ID.slice(0, -1)}0`,
  invalid: 'not-an-id',
  empty: '',
  capitals: ID.toUpperCase(),
  percent: `%33${ID.slice(1)}`,
  'line-feed': `${ID}%0A`,
  quoted: `"${ID}"`,
  short: 'c0ffee',
} as const;
export type CookieForm = keyof typeof COOKIES;

export function cookieValue(form: CookieForm): string {
  return COOKIES[form];
}

const base64 = (text: string) => Buffer.from(`${Buffer.from(text, 'latin1').toString('base64')}\n`, 'latin1');
type Values = (owner: string | null) => [string, unknown][];
const plain: Values = (owner) => [
  ['session_id', ID],
  ['count', 41],
  ['ip', owner],
];
const inner =
  (id: unknown): Values =>
  (owner) => [['session_id', id], ...plain(owner).slice(1)];
const also =
  (key: string, value: unknown): Values =>
  (owner) => [...plain(owner), [key, value]];

/** What may lie in the store under the id: values, or bytes as they are. Null: nothing. */
const RECORDS = {
  usual: plain,
  gone: null,
  'no-ip': (owner) => plain(owner).slice(0, 2),
  killed: also('_killed', true),
  'killed-no': also('_killed', 0),
  'key-get': also('get', 1),
  'key-keys': also('keys', 'x'),
  'key-update': also('update', []),
  'inner-neighbour': inner(OTHER_ID),
  'inner-unknown': inner('abc123'),
  'inner-none': inner(null),
  'inner-empty': inner(''),
  'inner-text': inner('zz top'),
  'inner-long': inner('f'.repeat(300)),
  'inner-path': inner('a/b'),
  'inner-number': inner(7),
  'inner-list': inner([1]),
  empty: Buffer.alloc(0),
  padding: Buffer.from('gASVCw'),
  cut: base64('\x80\x04\x95\x0b'),
  list: base64('\x80\x04]\x94K\x01a.'),
  pairs: Buffer.from(
    encodeSession([
      ['session_id', ID],
      ['ip', '127.0.0.1'],
      ['count', 3],
    ] as unknown as object),
  ),
  number: base64('\x80\x04K\x07.'),
} satisfies Record<string, Values | Buffer | null>;
export type RecordForm = keyof typeof RECORDS;

export function recordBytes(form: RecordForm, owner: string | null): Uint8Array | null {
  const record: Values | Buffer | null = RECORDS[form];
  return typeof record === 'function' ? encodeSession(new Map<unknown, unknown>(record(owner))) : record;
}

const ADDRESSES = ['127.0.0.1', '127.0.0.2', '::1', '10.0.0.9', '203.0.113.7'] as const;
const TIMEOUTS = {
  whole: ['0', '1', '2', '5', '60', '1800', '3600', '86400', '604800', '24 * 60 * 60'],
  fraction: ['0.5', '2.5', '1799.75', '3600.0', '.25', '1e3'],
  negative: ['-1', '-5.5', '-3600'],
  text: ['86400,', '(3600, 1)', '(0,)', "'3600'", 'None', '[]'],
  bound: ["float('inf')", '-inf', 'nan', '1000000000000', '-1000000000000', '99999999999999999999', 'True', 'False'],
} as const;

const timeouts = fc.oneof(
  { weight: 14, arbitrary: fc.constantFrom(...TIMEOUTS.whole) },
  { weight: 3, arbitrary: fc.constantFrom(...TIMEOUTS.fraction) },
  { weight: 2, arbitrary: fc.constantFrom(...TIMEOUTS.negative) },
  { weight: 1, arbitrary: fc.constantFrom(...TIMEOUTS.text) },
  { weight: 2, arbitrary: fc.constantFrom(...TIMEOUTS.bound) },
);

/** Seconds of the usual timeouts, for ages about them. */
const secondsOf = (timeout: string): number => {
  const value = timeout === '24 * 60 * 60' ? 86_400 : Number.parseFloat(timeout);
  return Number.isFinite(value) && Math.abs(value) < 1e7 ? Math.abs(value) : 3_600;
};
const age = (timeout: string) => {
  const t = secondsOf(timeout);
  return fc
    .oneof(
      { weight: 4, arbitrary: fc.constantFrom(0, t / 2, 1, 10) },
      { weight: 4, arbitrary: fc.constantFrom(t - 0.25, t, t + 0.25, t + 1) },
      { weight: 3, arbitrary: fc.constantFrom(1.5 * t, 2 * t - 0.25, 2 * t, 2 * t + 0.25) },
      { weight: 2, arbitrary: fc.constantFrom(3 * t, 100_000, 2_592_000, 1e9) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 1_000_000 }) },
    )
    .map((seconds) => Math.max(0, Math.round(seconds * 4) / 4));
};

const mostly = <T extends string>(usual: T, others: readonly T[], weight = 3) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const others = fc.record(
  {
    secret_key: fc.string({ unit: 'grapheme', maxLength: 12 }),
    expired_message: fc.constantFrom('Session expired', '', 'Bitte neu anmelden: Größe', '会话已过期', '<b>x</b>\n'),
    cookie_domain: fc.constantFrom('example.org', '.example.org', ''),
    cookie_path: fc.constantFrom('/app', '/', 'x;y', ''),
    samesite: fc.constantFrom('Lax', 'strict', 'NONE', 'whatever', ''),
    httponly: fc.boolean(),
    secure: fc.boolean(),
  },
  { requiredKeys: [] },
);

const initializers = fc.constantFrom<NonNullable<Combination['initializer']> | null>(
  null,
  { kind: 'dict', values: { count: 0 } },
  { kind: 'dict', values: { count: 41 } },
  { kind: 'dict', values: {} },
  { kind: 'dict', values: { user: null, cart: [1, { a: 'ü' }], ip: 'x' } },
  { kind: 'function', values: { count: 10 } },
  { kind: 'dict', values: { session_id: 'beef' } },
  { kind: 'function', values: { _killed: true } },
);

/** Any combination; usual parts are likelier than odd ones, so that every outcome comes up often. */
export const combinations: fc.Arbitrary<Combination> = timeouts.chain((timeout) =>
  fc.record({
    timeout: fc.constant(timeout),
    age: age(timeout),
    fraction: fc.constantFrom(0, 0, 0.25, 0.5, 0.75),
    ignore_expiry: fc.boolean(),
    ignore_change_ip: fc.boolean(),
    others,
    initializer: initializers,
    cleanup: fc.constantFrom('at-request' as const, 'not-due' as const),
    cookieName: fc.constantFrom('webpy_session_id', 'sid'),
    cookie: mostly('usual', Object.keys(COOKIES) as CookieForm[], 5),
    record: mostly('usual', Object.keys(RECORDS) as RecordForm[], 4),
    owner: mostly<string>('127.0.0.1', ADDRESSES, 2).chain((one) =>
      fc.oneof({ weight: 8, arbitrary: fc.constant(one) }, { weight: 1, arbitrary: fc.constant(null) }),
    ),
    visitor: fc.constantFrom('127.0.0.1', ...ADDRESSES),
    proxy: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom('127.0.0.1', '10.0.0.9') },
    ),
    neighbour: fc.boolean(),
  }),
);

/** The question of a combination, to a version of web.py. */
export function questionOf(one: Combination, profile: PolicyQuestion['profile'] = '0.62'): PolicyQuestion {
  const { timeout, ignore_expiry, ignore_change_ip } = one;
  return {
    parameters: { ...one.others, timeout, ignore_expiry, ignore_change_ip },
    profile,
    afterSeconds: one.age,
    fromAddress: one.visitor,
    ...(one.proxy === null ? {} : { proxyAddress: one.proxy }),
    ...(one.initializer === null || one.initializer === undefined ? {} : { initializer: one.initializer }),
    cleanup: one.cleanup,
  };
}
