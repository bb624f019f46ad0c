import { parseCookieDate } from './cookie-date.ts';
import { MAX_ATTRIBUTE_BYTES } from './cookie-rules.ts';
import { tokenizeSetCookie } from './tokenizer.ts';

/** What a browser reads from a Set-Cookie value: of several attributes of a name the last one counts (RFC 6265bis 5.6). */
export interface ReadSetCookie {
  readonly name: string;
  readonly value: string;
  /** As written; absent without the attribute. */
  readonly domain?: string;
  readonly path?: string;
  readonly expiresText?: string;
  /** Milliseconds since 1970; absent when the text is no date. */
  readonly expires?: number;
  readonly maxAgeText?: string;
  /** Seconds; absent when the text is no number. */
  readonly maxAge?: number;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: string;
  readonly partitioned: boolean;
  readonly priority?: string;
  /** Attributes that are none of these, as written, and those too long to count. */
  readonly others: readonly string[];
}

type Mutable = { -readonly [Key in keyof ReadSetCookie]: ReadSetCookie[Key] } & { others: string[] };

/** Reads a Set-Cookie header value given as Latin-1 text. Nothing is refused here. */
export function readSetCookie(header: string): ReadSetCookie {
  const { pair, attributes } = tokenizeSetCookie(header);
  const read: Mutable = {
    name: pair.name,
    value: pair.value,
    secure: false,
    httpOnly: false,
    partitioned: false,
    others: [],
  };
  for (const { raw, name, value } of attributes) {
    if (value.length > MAX_ATTRIBUTE_BYTES || !take(read, name.toLowerCase(), value)) {
      if (raw.trim() !== '') read.others.push(raw.trim());
    }
  }
  return read;
}

function take(read: Mutable, name: string, value: string): boolean {
  switch (name) {
    case 'domain':
      read.domain = value;
      return true;
    case 'path':
      read.path = value;
      return true;
    case 'secure':
      read.secure = true;
      return true;
    case 'httponly':
      read.httpOnly = true;
      return true;
    case 'partitioned':
      read.partitioned = true;
      return true;
    case 'samesite':
      read.sameSite = value;
      return true;
    case 'priority':
      read.priority = value;
      return true;
    case 'expires':
      return takeExpires(read, value);
    case 'max-age':
      return takeMaxAge(read, value);
    default:
      return false;
  }
}

/** The last one counts, readable or not, as in Chromium; RFC 6265bis section 5.6.1 would keep an earlier one. */
function takeExpires(read: Mutable, value: string): boolean {
  const time = parseCookieDate(value);
  read.expiresText = value;
  if (time === undefined) delete read.expires;
  else read.expires = time;
  return true;
}

function takeMaxAge(read: Mutable, value: string): boolean {
  read.maxAgeText = value;
  if (/^[+-]?\d+$/.test(value)) read.maxAge = Number(value);
  else delete read.maxAge;
  return true;
}
