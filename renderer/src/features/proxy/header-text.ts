/** A flat list of header fields as text, one a line. */
export function headerText(rawHeaders: readonly string[]): string {
  const lines: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return lines.join('\n');
}

/**
 * The list again. Lines that were not touched give the same bytes as in `before`; one blank after the colon is notation.
 * @returns the fields, or the number of the first line that is none
 */
export function headerFields(text: string): { fields: string[] } | { wrongLine: number } {
  const fields: string[] = [];
  const lines = text.split('\n');
  for (const [i, written] of lines.entries()) {
    const line = written.replace(/\r$/, '');
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    if (colon <= 0 || /\s/.test(line.slice(0, colon))) return { wrongLine: i + 1 };
    fields.push(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
  }
  return { fields };
}
