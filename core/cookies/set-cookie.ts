import { percentEncode } from './percent.ts';
import { isLegalName, RESERVED_NAMES } from './python-cookie-names.ts';
import { CookieError } from './simple-cookie.ts';

/** How a version of web.py writes Set-Cookie. */
export interface SetCookieForm {
  /** `modern`: section 9; `python2`: `secure; httponly` in lower case at the end, no SameSite, no `:` in names. */
  readonly form: 'modern' | 'python2';
  /** Which SameSite values are written; compared in lower case. */
  readonly sameSite: readonly string[];
}

export const MODERN_FORM: SetCookieForm = { form: 'modern', sameSite: ['strict', 'lax', 'none'] };

/** The arguments of web.py's `setcookie`, after Python's `str()` of name and value. */
export interface SetCookieCall {
  readonly name: string;
  readonly value: string;
  /** A number is an int: seconds from now, negative for a date long past. Text is written as it is; `''` is left out. */
  readonly expires?: number | string;
  readonly domain?: string | null;
  readonly secure?: boolean;
  readonly httponly?: boolean;
  readonly path?: string | null;
  readonly samesite?: string | null;
}

/** CR or LF in what is to be a header. */
export class HeaderError extends RangeError {
  constructor() {
    super('invalid characters in header');
    this.name = 'HeaderError';
  }
}

/** What a negative `expires` becomes: about 31 years and 8 months back. */
const LONG_PAST_SECONDS = -1_000_000_000;

/**
 * The value of the Set-Cookie header that web.py's `setcookie` adds. `homepath` is the script name of the (sub-)
 * application; `now` is in milliseconds since 1970.
 *
 * @throws CookieError for a name that is none; HeaderError for CR or LF in the result; RangeError for a date that Python does not have
 * @see webpy-sessions.md section 9; SPEC.md [C1] to [C4]
 */
export function formatSetCookie(call: SetCookieCall, homepath: string, now: number, form = MODERN_FORM): string {
  const { name, expires = '' } = call;
  if (RESERVED_NAMES.has(name.toLowerCase()) && !(form.form === 'python2' && name.toLowerCase() === 'samesite')) {
    throw new CookieError(`Attempt to set a reserved key ${quoted(name)}`);
  }
  if (!isLegalName(name, form.form === 'python2' ? 2 : 3)) throw new CookieError(`Illegal key ${quoted(name)}`);
  const parts = [`${name}=${percentEncode(call.value)}`];
  const httponly = call.httponly === true;
  if (call.domain) parts.push(`Domain=${call.domain}`);
  if (expires !== '') parts.push(`expires=${typeof expires === 'number' ? dateAfter(expires, now) : expires}`);
  if (httponly && form.form === 'modern') parts.push('HttpOnly');
  parts.push(`Path=${call.path || `${homepath}/`}`);
  if (call.secure === true) parts.push(form.form === 'modern' ? 'Secure' : 'secure');
  if (httponly && form.form === 'python2') parts.push('httponly');
  if (call.samesite && form.sameSite.includes(call.samesite.toLowerCase())) parts.push(`SameSite=${call.samesite}`);
  const value = parts.join('; ');
  if (/[\r\n]/.test(value)) throw new HeaderError();
  return value;
}

function dateAfter(seconds: number, now: number): string {
  return httpDate(now + (seconds < 0 ? LONG_PAST_SECONDS : seconds) * 1000);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon, 23 Nov 2026 16:19:14 GMT`; parts of a second are cut off; the year may have five digits. */
export function httpDate(milliseconds: number): string {
  const date = new Date(Math.floor(milliseconds / 1000) * 1000);
  if (Number.isNaN(date.getTime())) throw new RangeError('timestamp out of range');
  const two = (number: number): string => String(number).padStart(2, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  const day = `${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCFullYear()).padStart(4)}`;
  return `${DAYS[date.getUTCDay()]}, ${day} ${time} GMT`;
}

function quoted(name: string): string {
  return name.includes("'") && !name.includes('"') ? `"${name}"` : `'${name}'`;
}
