import { percentDecode, percentDecodeBytes } from './percent.ts';
import { CookieError, loadSimpleCookie } from './simple-cookie.ts';

/** What Python's `str.strip` takes off: white space in the sense of Unicode, U+001C to U+001F included. */
const PYTHON_SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const OUTER_SPACE = new RegExp(`^[${PYTHON_SPACE}]+|[${PYTHON_SPACE}]+$`, 'g');
/** Python 2 strips bytes. */
const OUTER_SPACE_BYTES = /^[\t-\r ]+|[\t-\r ]+$/g;

/**
 * web.py's `parse_cookies`: names and decoded values of a Cookie header value, given as Latin-1 text as WSGI does. The
 * last of several cookies of a name counts; the order is that of first occurrence. With Python 2 (web.py 0.37) values
 * are byte strings, here one character for each byte.
 *
 * @see webpy-sessions.md section 10; SPEC.md [C5] to [C9]
 */
export function parseCookies(header: string, python: 2 | 3 = 3): Map<string, string> {
  return header.includes('"') ? parseQuoted(header, python) : parsePlain(header, python);
}

/** Parser A: no double quote in the header. */
function parsePlain(header: string, python: 2 | 3): Map<string, string> {
  const space = python === 2 ? OUTER_SPACE_BYTES : OUTER_SPACE;
  const decode = python === 2 ? percentDecodeBytes : percentDecode;
  const cookies = new Map<string, string>();
  for (const piece of header.split(';')) {
    const equals = piece.indexOf('=');
    if (equals < 0) continue;
    const value = piece.slice(equals + 1).replace(space, '');
    cookies.set(piece.slice(0, equals).replace(space, ''), decode(value));
  }
  return cookies;
}

/** Parser B: SimpleCookie; if that raises, piece by piece, keeping what works. */
function parseQuoted(header: string, python: 2 | 3): Map<string, string> {
  let cookies = new Map<string, string>();
  try {
    loadSimpleCookie(header, cookies, python);
  } catch (error) {
    if (!(error instanceof CookieError)) throw error;
    cookies = new Map();
    for (const piece of header.split(';')) loadPiece(piece, cookies, python);
  }
  const decode = python === 2 ? percentDecodeBytes : percentDecode;
  return new Map([...cookies].map(([name, value]) => [name, decode(value)]));
}

function loadPiece(piece: string, cookies: Map<string, string>, python: 2 | 3): void {
  try {
    loadSimpleCookie(piece, cookies, python);
  } catch (error) {
    if (!(error instanceof CookieError)) throw error;
  }
}
