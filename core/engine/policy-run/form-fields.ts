const MOST_TAGS = 5_000;
const LONGEST_TAG = 4_000;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * The values of form fields and of `meta` elements in a page, by name; the first of a name counts. Reads tags only, in
 * one pass: enough for the hidden fields of a login form, whatever else the page holds.
 */
export function formFields(html: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const opening = /<(?:input|meta)(?=[\s/])/gi;
  for (let tags = 0; tags < MOST_TAGS; tags++) {
    const found = opening.exec(html);
    if (found === null) break;
    const { attributes, end } = attributesAt(html, opening.lastIndex);
    opening.lastIndex = end;
    const name = attributes.get('name');
    const value = attributes.get('value') ?? attributes.get('content');
    if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value);
  }
  return fields;
}

/** The attributes from there on, and where the tag ends. */
function attributesAt(html: string, from: number): { attributes: Map<string, string>; end: number } {
  const found = new Map<string, string>();
  const text = html.slice(from, from + LONGEST_TAG);
  const attribute = /[\s/]*(?:(>)|([^\s=>/]+)(?:\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?)/y;
  let end = from;
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    end = from + attribute.lastIndex;
    if (match[1] !== undefined) break;
    const [, , name = '', double, single, bare] = match;
    const value = double ?? single ?? bare ?? '';
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), plainText(value));
  }
  return { attributes: found, end };
}

function plainText(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
