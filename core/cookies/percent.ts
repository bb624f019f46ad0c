/** Percent encoding as Python's `urllib.parse` does it for web.py. */

/** `quote(text)`: UTF-8, upper-case hex; letters, digits and `_.-~/` stay. Throws URIError for a lone surrogate. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/');
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const ASCII_RUN = /[\0-\x7f]+/g;
const ESCAPES = /%([0-9A-Fa-f]{2})/g;

/**
 * `unquote(text)`: escapes in each run of ASCII are decoded together as UTF-8, invalid sequences become U+FFFD; what is
 * no escape and what is not ASCII stays and is not joined with neighbouring escapes.
 */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(ASCII_RUN, (run) => (run.includes('%') ? utf8.decode(escapedBytes(run)) : run));
}

/** `unquote` of Python 2 on a byte string: the bytes themselves, one character each. */
export function percentDecodeBytes(text: string): string {
  return text.replace(ESCAPES, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function escapedBytes(ascii: string): Uint8Array {
  return Uint8Array.from(percentDecodeBytes(ascii), (character) => character.charCodeAt(0));
}
