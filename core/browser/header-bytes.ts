/**
 * Browsers hand out cookies as text, decoded as UTF-8; headers (and our CookieView) are Latin-1, one character a byte.
 * These turn one into the other.
 */

/** The bytes that a browser's text stands for, as a Latin-1 string. */
export function headerBytes(text: string): string {
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** The text for a browser, or undefined when the bytes are no UTF-8: then no browser's protocol can carry them. */
export function browserText(bytes: string): string | undefined {
  if (!/[^\x00-\x7f]/.test(bytes)) return bytes;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return headerBytes(text) === bytes ? text : undefined;
}
