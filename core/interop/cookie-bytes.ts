/**
 * Cookies are held as Latin-1 text, one character a byte, as headers are. Files and JSON of other programs hold
 * characters, in UTF-8. These two turn one into the other.
 */

/** Bytes as characters; undefined when they are no UTF-8. */
function cookieText(latin1: string): string | undefined {
  if (!/[^\x00-\x7f]/.test(latin1)) return latin1;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Characters as bytes. */
export function cookieBytes(text: string): string {
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** Name and value for a file of characters, with a note where bytes are no UTF-8 and come back as others. */
export function asCharacters<C extends { readonly name: string; readonly value: string }>(
  cookie: C,
  notes: string[],
): { name: string; value: string } {
  const name = cookieText(cookie.name);
  const value = cookieText(cookie.value);
  if (name === undefined || value === undefined) {
    notes.push(`${cookie.name} holds bytes that are no UTF-8; they are written as Latin-1 characters`);
  }
  return { name: name ?? cookie.name, value: value ?? cookie.value };
}
