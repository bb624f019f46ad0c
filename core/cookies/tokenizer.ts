/**
 * Cookie and Set-Cookie header values cut into tokens that keep every byte: order, letter case, duplicates and spacing.
 * A header value is a Latin-1 string, one character for each byte. `;` always separates, as browsers have it (RFC 6265bis
 * sections 5.6 and 5.8.3), also inside quotes.
 */
import { problem } from '../model/problem.ts';

/** A half-open range of characters in the header value. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One piece between two semicolons. The pieces joined with `;` are the header value again. */
export interface CookieToken {
  /** The piece with its spaces. */
  readonly raw: string;
  readonly at: Span;
  /** Trimmed; empty for a piece without `=`, which browsers read as a nameless cookie. */
  readonly name: string;
  /** Trimmed, quotes kept, not decoded. */
  readonly value: string;
  readonly valueAt: Span;
  readonly hasEquals: boolean;
}

export interface SetCookieTokens {
  readonly pair: CookieToken;
  /** In order, duplicates and unknown ones too. For a flag (`Secure`) `hasEquals` is false and `value` is empty. */
  readonly attributes: readonly CookieToken[];
}

/** The cookies of a `Cookie` header value. Empty pieces (`a=1;;`) are tokens too. */
export function tokenizeCookie(header: string): CookieToken[] {
  return pieces(header, cookieToken);
}

/** Name and value, then the attributes, of one `Set-Cookie` header value. */
export function tokenizeSetCookie(header: string): SetCookieTokens {
  const [first, ...attributes] = pieces(header, (text, start, at) =>
    at === 0 ? cookieToken(text, start) : attributeToken(text, start),
  );
  return { pair: first as CookieToken, attributes };
}

/** Which of several cookies of one name is meant. Browsers send the most specific path first; web.py reads the last. */
export type Occurrence = 'all' | 'first' | 'last';

/**
 * Gives a cookie of a `Cookie` header another value and leaves every other byte. A header without that cookie comes back
 * unchanged. Names are compared by case, as servers do.
 *
 * @throws ProblemError `bad-cookie` for a value that would not stay one cookie (`;`, control characters).
 */
export function replaceCookieValue(header: string, name: string, value: string, which: Occurrence = 'all'): string {
  checkPart('value', value);
  const found = chosen(tokenizeCookie(header), name, which);
  return splice(
    header,
    found.map((token) => ({ ...token.valueAt, text: token.hasEquals ? value : `=${value}` })),
  );
}

/**
 * Gives the cookies of a name that have one certain value another one, and leaves every other byte: a cookie of the same
 * name with another path is another cookie.
 *
 * @throws ProblemError `bad-cookie`
 */
export function replaceOneValue(header: string, name: string, from: string, to: string): string {
  checkPart('value', to);
  const found = chosen(tokenizeCookie(header), name, 'all').filter(({ value }) => value === from);
  return splice(
    header,
    found.map((token) => ({ ...token.valueAt, text: token.hasEquals ? to : `=${to}` })),
  );
}

/** Like `replaceCookieValue`, but a cookie that is not there is added at the end. */
export function withCookie(header: string | undefined, name: string, value: string): string {
  checkPart('name', name);
  checkPart('value', value);
  const text = header ?? '';
  if (tokenizeCookie(text).some((token) => token.hasEquals && token.name === name)) {
    return replaceCookieValue(text, name, value);
  }
  return /^[ \t]*$/.test(text) ? `${name}=${value}` : `${text}; ${name}=${value}`;
}

/** Takes a cookie with its separator out of a `Cookie` header; an empty string when nothing is left. */
export function removeCookie(header: string, name: string, which: Occurrence = 'all'): string {
  return without(header, tokenizeCookie(header), chosen(tokenizeCookie(header), name, which));
}

export interface SetCookieEdit {
  readonly value?: string;
  readonly attributes?: {
    /** By name, in any letter case: text, or true for a flag. The last one of a name counts and is changed in place. */
    readonly set?: Readonly<Record<string, string | true>>;
    /** Names of attributes to take out, every occurrence. */
    readonly remove?: readonly string[];
  };
}

/**
 * Changes the value or attributes of one `Set-Cookie` header value and leaves every other byte. New attributes come last.
 *
 * @throws ProblemError `bad-cookie` for text that would not stay one value (`;`, control characters).
 */
export function editSetCookie(header: string, edit: SetCookieEdit): string {
  let text = header;
  if (edit.value !== undefined) text = replacePairValue(text, edit.value);
  for (const name of edit.attributes?.remove ?? []) {
    const { pair, attributes } = tokenizeSetCookie(text);
    text = without(text, [pair, ...attributes], attributes.filter(named(name)));
  }
  for (const [name, value] of Object.entries(edit.attributes?.set ?? {})) text = setAttribute(text, name, value);
  return text;
}

function replacePairValue(header: string, value: string): string {
  checkPart('value', value);
  const { pair } = tokenizeSetCookie(header);
  return splice(header, [{ ...pair.valueAt, text: value }]);
}

function setAttribute(header: string, name: string, value: string | true): string {
  checkPart('name', name, 'attribute ');
  if (value !== true) checkPart('value', value, 'attribute ');
  const last = tokenizeSetCookie(header).attributes.filter(named(name)).at(-1);
  if (last === undefined) return `${header}; ${value === true ? name : `${name}=${value}`}`;
  if (value === true) {
    const nameEnd = last.at.start + last.raw.indexOf(last.name) + last.name.length;
    return splice(header, [{ start: nameEnd, end: last.valueAt.end, text: '' }]);
  }
  return splice(header, [{ ...last.valueAt, text: last.hasEquals ? value : `=${value}` }]);
}

function named(name: string): (token: CookieToken) => boolean {
  return (token) => token.name.toLowerCase() === name.toLowerCase();
}

function pieces(header: string, make: (text: string, start: number, at: number) => CookieToken): CookieToken[] {
  let start = 0;
  return header.split(';').map((text, at) => {
    const token = make(text, start, at);
    start += text.length + 1;
    return token;
  });
}

function cookieToken(raw: string, start: number): CookieToken {
  const equals = raw.indexOf('=');
  const valueAt = trimmed(raw, equals + 1, raw.length);
  return {
    raw,
    at: { start, end: start + raw.length },
    name: equals < 0 ? '' : slice(raw, trimmed(raw, 0, equals)),
    value: slice(raw, valueAt),
    valueAt: { start: start + valueAt.start, end: start + valueAt.end },
    hasEquals: equals >= 0,
  };
}

/** An attribute without `=` has a name and no value, unlike a cookie. */
function attributeToken(raw: string, start: number): CookieToken {
  const token = cookieToken(raw, start);
  if (token.hasEquals) return token;
  return { ...token, name: token.value, value: '', valueAt: { start: token.valueAt.end, end: token.valueAt.end } };
}

const isSpace = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t';

function trimmed(text: string, from: number, to: number): Span {
  let start = from;
  let end = to;
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return { start, end };
}

const slice = (text: string, { start, end }: Span): string => text.slice(start, end);

function chosen(tokens: readonly CookieToken[], name: string, which: Occurrence): CookieToken[] {
  const found = tokens.filter(
    (token) => token.name === name && (token.hasEquals || (name === '' && token.value !== '')),
  );
  if (which === 'all') return found;
  return found.slice(...(which === 'first' ? [0, 1] : [-1]));
}

/** Removes pieces with one separator each: the one before, or, for the first piece, the one after and its spaces. */
function without(header: string, tokens: readonly CookieToken[], gone: readonly CookieToken[]): string {
  const starts = new Set(gone.map((token) => token.at.start));
  const left = tokens.filter((token) => !starts.has(token.at.start));
  if (left.length === tokens.length) return header;
  const firstGone = tokens[0] !== undefined && starts.has(tokens[0].at.start);
  const text = left.map((token) => token.raw).join(';');
  return firstGone ? text.replace(/^[ \t]+/, '') : text;
}

/** Replaces ranges, which do not overlap and stand in order. */
function splice(text: string, changes: readonly (Span & { text: string })[]): string {
  let out = '';
  let done = 0;
  for (const change of changes) {
    out += text.slice(done, change.start) + change.text;
    done = change.end;
  }
  return out + text.slice(done);
}

function checkPart(part: 'name' | 'value', text: string, of: '' | 'attribute ' = ''): void {
  const forbidden = part === 'name' ? /[;=\x00-\x1f\x7f\u0100-\uffff]/ : /[;\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]/;
  const found = forbidden.exec(text);
  if (found === null && !(part === 'name' && text.trim() === '')) return;
  throw problem('bad-cookie', `The ${of}${part} ${JSON.stringify(text)} cannot stand in a cookie header`, {
    remedy: 'Percent-encode semicolons, control characters and everything beyond Latin-1',
    ...(found === null ? {} : { at: found.index }),
  });
}
