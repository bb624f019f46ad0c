/** Pages are compared up to so many parts. */
const MOST_PARTS = 6_000;
/** A part counts with so many of its characters. */
const LONGEST = 400;

/**
 * A page as the parts that can differ on their own: lines, tags, texts between tags, members of JSON. So a page without
 * line breaks can be compared too.
 */
export function partsOf(text: string): readonly string[] {
  const parts = new Set<string>();
  for (const piece of text.split(/[\r\n]+|(?<=>)|(?=<)|(?<=[,{}[\]])/)) {
    const trimmed = piece.trim();
    if (!/[\p{L}\p{N}]/u.test(trimmed)) continue;
    parts.add(trimmed.slice(0, LONGEST));
    if (parts.size >= MOST_PARTS) break;
  }
  return [...parts];
}

/**
 * A part with what usually changes from response to response taken out: numbers (clocks, counters) and long values with
 * digits in them (tokens, ids). Undefined where nothing was taken out.
 */
export function withoutNoise(part: string): string | undefined {
  const plain = part.replace(/[\w+/=-]{16,}/g, (value) => (/\d/.test(value) ? '*' : value)).replace(/\d+/g, '#');
  return plain === part || !/\p{L}/u.test(plain) ? undefined : plain;
}
