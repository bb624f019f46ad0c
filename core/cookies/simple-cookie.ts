/**
 * Python's `http.cookies.SimpleCookie.load`, which web.py uses for a Cookie header that has a double quote anywhere.
 * Python 3 takes a header or rejects it whole; Python 2.7 looks for cookies anywhere in it.
 */
import { FLAG_NAMES, isLegalName, RESERVED_NAMES } from './python-cookie-names.ts';

/** `http.cookies.CookieError`. */
export class CookieError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CookieError';
  }
}

const SPACE = '[ \\t\\n\\r\\f\\v]';
const KEY = "[\\w!#%&'~_`><@,:/$*+\\-.^|)(?}{=]";
const VALUE = "[\\w!#%&'~_`><@,:/$*+\\-.^|)(?}{=\\[\\]]";
const QUOTED = '"(?:[^\\\\"]|\\\\[^\\n])*"';
const DATE = `\\w{3},${SPACE}[\\w \\t\\n\\r\\f\\v-]{9,11}${SPACE}[\\d:]{8}${SPACE}GMT`;
const pattern = (value: string): string =>
  `${SPACE}*(${KEY}+?)(?:${SPACE}*=${SPACE}*(${QUOTED}|${DATE}|${value}*))?${SPACE}*(?:${SPACE}+|;|$)`;
const PYTHON3 = pattern(VALUE);
const PYTHON2 = pattern(KEY);

type Item = { readonly attribute: boolean; readonly key: string; readonly value: string };

/**
 * Adds the cookies of `header` to `into` (name to unquoted value). Names are as far as they got when a CookieError is
 * thrown, as Python leaves them.
 */
export function loadSimpleCookie(header: string, into: Map<string, string>, python: 2 | 3 = 3): void {
  const items = python === 3 ? scan(header) : search(header);
  let inCookie = false;
  for (const { attribute, key, value } of items) {
    if (!attribute) {
      setCookie(into, key, value, python);
      inCookie = true;
    } else if (inCookie && !RESERVED_NAMES.has(key.toLowerCase())) {
      throw new CookieError(`Invalid attribute '${key}'`);
    }
  }
}

function setCookie(into: Map<string, string>, key: string, value: string, python: 2 | 3): void {
  if (RESERVED_NAMES.has(key.toLowerCase())) throw new CookieError(`Attempt to set a reserved key '${key}'`);
  if (!isLegalName(key, python)) throw new CookieError(`Illegal key '${key}'`);
  into.set(key, value);
}

/** All or nothing: an item that cannot stand where it does makes the whole header void; unreadable text ends it. */
function scan(header: string): Item[] {
  const items: Item[] = [];
  const at = new RegExp(PYTHON3, 'y');
  let inCookie = false;
  while (at.lastIndex < header.length) {
    const match = at.exec(header);
    if (match === null) break;
    const key = match[1] as string;
    const value = match[2];
    if (key.startsWith('$')) {
      if (inCookie) items.push({ attribute: true, key: key.slice(1), value: value ?? '' });
    } else if (RESERVED_NAMES.has(key.toLowerCase())) {
      if (!inCookie || (value === undefined && !FLAG_NAMES.has(key.toLowerCase()))) return [];
      items.push({ attribute: true, key, value: unquote(value ?? '') });
    } else if (value !== undefined) {
      items.push({ attribute: false, key, value: unquote(value) });
      inCookie = true;
    } else return [];
  }
  return items;
}

/** Python 2.7: whatever cannot be read is stepped over. */
function search(header: string): Item[] {
  const items: Item[] = [];
  let inCookie = false;
  for (const match of header.matchAll(new RegExp(PYTHON2, 'g'))) {
    const key = match[1] as string;
    const value = match[2];
    if (key.startsWith('$')) {
      if (inCookie) items.push({ attribute: true, key: key.slice(1), value: value ?? '' });
    } else if (RESERVED_NAMES.has(key.toLowerCase())) {
      items.push({ attribute: true, key, value: unquote(value ?? '') });
    } else if (value !== undefined) {
      items.push({ attribute: false, key, value: unquote(value) });
      inCookie = true;
    }
  }
  return items;
}

/** Outer quotes off, `\ooo` (first digit 0 to 3) is one character up to U+00FF, `\x` is `x`. */
function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/\\([0-3][0-7][0-7])|\\([^\n])/g, (_, octal: string | undefined, character: string) =>
      octal === undefined ? character : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}
