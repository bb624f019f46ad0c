/**
 * The id with something changed, so that what it decodes to differs in every way that ids are usually written: the last
 * character of base64 has bits that mean nothing, and decoders pass over characters that are no digits of theirs.
 */
export function forgeries(raw: string): readonly (readonly [what: string, raw: string])[] {
  const middle = middleOf(raw);
  const wanted: [string, string][] = [
    ['The id with another last character', raw.slice(0, -1) + other(raw.at(-1) ?? '')],
    ['The id with another first character', other(raw[0] ?? '') + raw.slice(1)],
    [
      'The id with another character in the middle',
      raw.slice(0, middle) + other(raw[middle] ?? '') + raw.slice(middle + 1),
    ],
    ['The id without its last character', raw.slice(0, -1)],
    ['The id with one more character', `${raw}0`],
  ];
  const own = new Set(readings(raw));
  return wanted.filter(([, forged]) => forged !== '' && readings(forged).every((reading) => !own.has(reading)));
}

/** Another character of the same alphabets (hex, base64), far from it in its bits. */
function other(char: string): string {
  return char === '0' || char === '%' ? '1' : char === '1' ? 'e' : '0';
}

/** A letter or digit near the middle that belongs to no percent escape. */
function middleOf(raw: string): number {
  for (let at = raw.length >> 1; at < raw.length; at++) {
    if (
      /[A-Za-z0-9]/.test(raw[at] ?? '') &&
      !/%.?$/.test(raw.slice(0, at)) &&
      !/%/.test(raw.slice(Math.max(0, at - 2), at))
    ) {
      return at;
    }
  }
  return raw.length >> 1;
}

/** What an id can be read as: its text, and the bytes of its parts as hex or base64, as lenient decoders take them. */
function readings(raw: string): readonly string[] {
  const text = decoded(raw);
  const found = [`text ${text}`];
  // An id of hex digits is compared as text or as its bytes; everything else may be base64 of some kind.
  if (/^[0-9a-f]+$/i.test(text)) found.push(`hex ${Buffer.from(text, 'hex').toString('hex')}`);
  else if (/^[\w+/=.:|~-]+$/.test(text)) {
    const bytes = (part: string) => Buffer.from(part, 'base64').toString('hex');
    // "--" stands between parts, but also within one that is base64 for URLs.
    found.push(
      `base64 ${bytes(text)}`,
      `parts ${text
        .split(/[.:|]|--/)
        .map(bytes)
        .join('.')}`,
    );
  }
  return found;
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
