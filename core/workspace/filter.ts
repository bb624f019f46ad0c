import { type Problem, problem } from '../model/problem.ts';
import { SESSION_STATES } from '../model/session.ts';

/*
 * The filter over sessions and flows: `host:shop cookie:sid data.user=42 status:5xx -method:GET "two words"`.
 * Terms are joined by "and"; a leading `-` or `!` turns one round. Pure: what a term means in SQL is in filter-sql.ts.
 */

/** What a term can be about, with words for the help and an example. */
export const FILTER_KEYS = {
  host: 'part of the host name: host:shop',
  cookie: 'name of a cookie, with its path where there are several: cookie:sid, cookie:sid/app/',
  id: 'part of a session id: id:3f2a',
  key: 'a session of this workspace by its key: key:s12',
  state: `${SESSION_STATES.join(', ')}: state:live`,
  label: 'part of what tells a session apart: label:alice',
  store: 'the store that holds the record; store:missing for none: store:disk',
  identity: 'the browser profile: identity:red',
  score: 'how surely it is the session, 0 to 100: score>=80',
  method: 'request method: method:POST',
  status: 'status code: status:500, status:4xx, status>=400',
  path: 'part of the path and query: path:/login',
  url: 'part of the URL: url:https://shop',
  type: 'part of the content type: type:json',
  size: 'bytes of the response: size>10k',
  is: 'session, candidate, foreign, error, edited, replay, own, secure or httponly: is:error',
  data: 'a value in the decoded data: data.user=42, data:alice',
} as const;

export type FilterKey = keyof typeof FILTER_KEYS;
export type FilterOp = 'has' | '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One condition. `text` terms are free words; `path` is set for `data.<path>`. */
export interface FilterTerm {
  readonly key: FilterKey | 'text';
  readonly op: FilterOp;
  readonly value: string;
  readonly path?: string;
  readonly not: boolean;
  /** Offset in the filter's text, in UTF-16 units. */
  readonly at: number;
}

export interface Filter {
  readonly terms: readonly FilterTerm[];
  /** The first thing wrong; the terms that were understood still count. */
  readonly problem?: Problem;
}

const MAX_TERMS = 30;
const KEYS = new Set<string>(Object.keys(FILTER_KEYS));
const NUMERIC = new Set<FilterKey>(['status', 'score', 'size']);
const STATES: readonly string[] = SESSION_STATES;
const FLAGS = ['session', 'candidate', 'foreign', 'error', 'edited', 'replay', 'own', 'secure', 'httponly'];

/** Splits and understands a filter. Never throws: what is wrong stands in `problem`, with its place in `at`. */
export function parseFilter(text: string): Filter {
  const terms: FilterTerm[] = [];
  let first: Problem | undefined;
  for (const word of words(text)) {
    const found = word.open
      ? bad(`The quotation mark at ${word.at + 1} is never closed`, word.at, 'Close it with another "')
      : term(word);
    if ('kind' in found) first ??= found;
    else if (terms.length < MAX_TERMS) terms.push(found);
    else first ??= bad(`More than ${MAX_TERMS} terms`, word.at, 'Use fewer terms');
  }
  return first === undefined ? { terms } : { terms, problem: first };
}

/** The same for callers that want all or nothing: throws a ProblemError of kind `filter`. */
export function filterTerms(text: string | undefined): readonly FilterTerm[] {
  const { terms, problem: wrong } = parseFilter(text ?? '');
  if (wrong !== undefined) throw problem(wrong.kind, wrong.message, pick(wrong));
  return terms;
}

interface Word {
  readonly text: string;
  readonly at: number;
  /** Offset in `text` from which it was quoted, or -1. */
  readonly quotedFrom: number;
  readonly open: boolean;
}

/** Words between spaces; quotes keep spaces together and `\"` is a quotation mark. */
function* words(text: string): Generator<Word> {
  let i = 0;
  while (i < text.length) {
    if (/\s/.test(text[i] as string)) {
      i += 1;
      continue;
    }
    const at = i;
    let out = '';
    let quotedFrom = -1;
    let open = false;
    for (; i < text.length && (open || !/\s/.test(text[i] as string)); i += 1) {
      const c = text[i] as string;
      if (c === '"') {
        open = !open;
        if (quotedFrom < 0) quotedFrom = out.length;
      } else if (open && c === '\\' && i + 1 < text.length) {
        i += 1;
        out += text[i];
      } else out += c;
    }
    yield { text: out, at, quotedFrom, open };
  }
}

function term(word: Word): FilterTerm | Problem {
  const { at } = word;
  const not = word.quotedFrom !== 0 && word.text.length > 1 && /^[-!]/.test(word.text);
  const body = not ? word.text.slice(1) : word.text;
  const quotedFrom = word.quotedFrom - (not ? 1 : 0);
  const match = /^([A-Za-z]+)((?:\.|\[)[^:=<>!]*)?(!=|<=|>=|[:=<>])/.exec(body);
  // A word that begins with a quote, and a URL, are text.
  const isUrl = /^[a-z]+:\/\//i.test(body) && !KEYS.has((match?.[1] ?? '').toLowerCase());
  if (match === null || word.quotedFrom === 0 || isUrl) {
    if (!not && body === '') return { key: 'text', op: 'has', value: '', not, at };
    return { key: 'text', op: 'has', value: body, not, at };
  }
  if (quotedFrom >= 0 && quotedFrom < match[0].length) return { key: 'text', op: 'has', value: body, not, at };
  const [whole, name = '', path, sign = ':'] = match;
  const key = name.toLowerCase();
  if (!KEYS.has(key)) {
    return bad(
      `The filter knows no "${name}"`,
      at,
      `Known are ${[...KEYS].join(', ')}. To search for text, put it in quotes`,
    );
  }
  if (path !== undefined && key !== 'data')
    return bad(`Only data has a path, ${name} has none`, at, 'Write data.user=42');
  const value = body.slice(whole.length);
  const op: FilterOp = sign === ':' ? 'has' : (sign as FilterOp);
  const made: FilterTerm = {
    key: key as FilterKey,
    op,
    value,
    ...(path === undefined ? {} : { path: path.replace(/^\./, '') }),
    not,
    at,
  };
  return check(made) ?? made;
}

function check(made: FilterTerm): Problem | undefined {
  const { key, op, value, at } = made;
  if (key === 'text') return undefined;
  if (value === '' && key !== 'data') return bad(`Nothing stands after ${key}`, at, FILTER_KEYS[key]);
  const ordered = op === '<' || op === '<=' || op === '>' || op === '>=';
  if (ordered && !NUMERIC.has(key) && key !== 'data') return bad(`${key} has no order`, at, FILTER_KEYS[key]);
  if (key === 'status' && !/^(\d{3}|[1-5]xx|\d{3}-\d{3})$/i.test(value)) {
    return bad(`"${value}" is no status`, at, FILTER_KEYS.status);
  }
  if ((key === 'score' && !/^\d+$/.test(value)) || (key === 'size' && filterBytes(value) === undefined)) {
    return bad(`"${value}" is no number`, at, FILTER_KEYS[key]);
  }
  if (key === 'state' && !STATES.includes(value.toLowerCase())) {
    return bad(`"${value}" is no state`, at, `States are ${STATES.join(', ')}`);
  }
  if (key === 'is' && !FLAGS.includes(value.toLowerCase())) {
    return bad(`"is:${value}" is not known`, at, `Known are ${FLAGS.map((flag) => `is:${flag}`).join(', ')}`);
  }
  return undefined;
}

/** `10k`, `2.5M`, `300` → bytes (1k = 1,000); undefined when it is no size. */
export function filterBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(k|m|g)?b?$/i.exec(text);
  if (match === null) return undefined;
  const unit = { k: 1e3, m: 1e6, g: 1e9 }[(match[2] ?? '').toLowerCase()] ?? 1;
  return Number(match[1]) * unit;
}

function bad(message: string, at: number, remedy: string): Problem {
  return { kind: 'filter', message, at, remedy };
}

function pick(wrong: Problem): { remedy?: string; at?: number } {
  return {
    ...(wrong.remedy === undefined ? {} : { remedy: wrong.remedy }),
    ...(wrong.at === undefined ? {} : { at: wrong.at }),
  };
}
