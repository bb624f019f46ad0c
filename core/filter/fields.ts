import { FINDING_IDS } from '../model/finding.ts';
import { SESSION_STATES } from '../model/session.ts';

/**
 * The fields of the filter language, once: the parser checks against this table, the window completes from it, and
 * docs/filter.md prints it.
 */

/** How a value of a field is written and compared. */
export type FieldType =
  /** `:` finds a part in any letter case, `=` the whole text. */
  | 'text'
  /** One of a fixed list of words. */
  | 'word'
  /** A whole number: compared with `<`, `<=`, `>`, `>=` too. */
  | 'number'
  /** Bytes, with `k`, `M` or `G` (thousands). */
  | 'size'
  /** A span of time with `ms`, `s`, `min`, `h` or `d`. */
  | 'duration'
  /** Three digits, `4xx`, or a range `400-404`. */
  | 'status'
  /** A value of the decoded data at a path. */
  | 'data';

export interface FilterField {
  readonly type: FieldType;
  /** What it is about. A flow matches a field of a session when one of its sessions does, and the other way round. */
  readonly of: 'session' | 'flow' | 'both';
  /** One sentence for the help. */
  readonly about: string;
  readonly example: string;
  /** The words of a `word` field. */
  readonly words?: readonly string[];
}

export const FILTER_FIELDS = {
  host: { type: 'text', of: 'both', about: 'The host, with its port.', example: 'host:shop' },
  cookie: {
    type: 'text',
    of: 'both',
    about: 'The name of a cookie; with its path where several have that name: `cookie:sid/app/`.',
    example: 'cookie:sid',
  },
  id: { type: 'text', of: 'session', about: 'The session id.', example: 'id:3f2a' },
  key: { type: 'text', of: 'session', about: 'One session of this workspace by its key.', example: 'key=s12' },
  state: {
    type: 'word',
    of: 'session',
    about: 'What has become of the session.',
    example: 'state:live',
    words: SESSION_STATES,
  },
  lost: {
    type: 'text',
    of: 'session',
    about:
      'How it was lost: `any`, the certainty (`certain`, `likely`), the cause (`record-idle`), what was seen (`not-sent`), or `alarm` for what is wrong although it goes on.',
    example: 'lost:any',
  },
  signature: {
    type: 'word',
    of: 'session',
    about:
      'Whether its signature fits the keys that are known: `valid`, `invalid` (made with another key), `unchecked` (no key is known), `none` (nothing is signed).',
    example: 'signature:invalid',
    words: ['valid', 'invalid', 'unchecked', 'none'],
  },
  finding: {
    type: 'word',
    of: 'session',
    about: 'What is wrong with its value by itself; `any` for anything.',
    example: 'finding:weak-key',
    words: ['any', ...FINDING_IDS],
  },
  label: { type: 'text', of: 'session', about: 'What the list shows to tell sessions apart.', example: 'label:alice' },
  store: {
    type: 'text',
    of: 'session',
    about: 'The store that holds the record; `store:missing` for none.',
    example: 'store:disk',
  },
  identity: { type: 'text', of: 'session', about: 'The browser profile.', example: 'identity:red' },
  score: {
    type: 'number',
    of: 'session',
    about: 'How likely the cookie is the session, 0 to 100.',
    example: 'score>=80',
  },
  expires: {
    type: 'duration',
    of: 'session',
    about: 'Time until the first of its clocks runs out.',
    example: 'expires<1h',
  },
  idle: { type: 'duration', of: 'session', about: 'Time since it was last seen.', example: 'idle>30min' },
  data: {
    type: 'data',
    of: 'session',
    about: 'A value in the decoded data, anywhere or at a path.',
    example: 'data.user=42',
  },
  method: { type: 'text', of: 'flow', about: 'The request method.', example: 'method=POST' },
  status: { type: 'status', of: 'flow', about: 'The status code.', example: 'status:5xx' },
  path: { type: 'text', of: 'flow', about: 'The path and query.', example: 'path:/login' },
  url: { type: 'text', of: 'flow', about: 'The whole URL.', example: 'url:https://shop' },
  type: { type: 'text', of: 'flow', about: 'The content type of the response.', example: 'type:json' },
  size: { type: 'size', of: 'flow', about: 'The size of the response body.', example: 'size>10k' },
  took: {
    type: 'duration',
    of: 'flow',
    about: 'Time from the request to the end of the response.',
    example: 'took>2s',
  },
  is: {
    type: 'word',
    of: 'both',
    about: 'A property by its name.',
    example: 'is:error',
    words: ['session', 'candidate', 'foreign', 'error', 'edited', 'replay', 'own', 'secure', 'httponly'],
  },
} as const satisfies Readonly<Record<string, FilterField>>;

export type FilterKey = keyof typeof FILTER_FIELDS;

export const FILTER_KEYS = Object.keys(FILTER_FIELDS) as readonly FilterKey[];

/** The field of this name, in any letter case. */
export function filterField(name: string): (FilterField & { readonly key: FilterKey }) | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(FILTER_FIELDS, key)
    ? { ...(FILTER_FIELDS[key as FilterKey] as FilterField), key: key as FilterKey }
    : undefined;
}

/** `10k`, `2.5M`, `300` to bytes (1k = 1,000); undefined when it is no size. */
export function filterBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(k|m|g)?b?$/i.exec(text);
  if (match === null) return undefined;
  const unit = { k: 1e3, m: 1e6, g: 1e9 }[(match[2] ?? '').toLowerCase()] ?? 1;
  return Number(match[1]) * unit;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, min: 60e3, m: 60e3, h: 3600e3, d: 86400e3 };

/** `90s`, `1.5h`, `1h30min` to milliseconds; a bare number is seconds. Undefined when it is no duration. */
export function filterDuration(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|min|m|h|d))+$/i.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h|d)/gi)) {
    sum += Number(amount) * (UNITS[unit.toLowerCase()] ?? 0);
  }
  return sum;
}
