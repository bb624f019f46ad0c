import { resolveAddress, webAddress } from '../../model/web-address.ts';

/** A form of a page. */
export interface PageForm {
  /** As written; empty: the page's own address. */
  readonly action: string;
  readonly method: string;
  /** Values of its fields by name; the first of a name counts. */
  readonly fields: ReadonlyMap<string, string>;
}

/** What a page has to send along: its forms, and fields and `meta` values outside of them. */
export interface PageFields {
  readonly forms: readonly PageForm[];
  readonly all: ReadonlyMap<string, string>;
}

const MOST_TAGS = 5_000;
const LONGEST_TAG = 4_000;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * The forms of a page and the values of `input` and `meta` elements by name. Reads tags only, in one pass: enough for the
 * hidden fields of a form, whatever else the page holds.
 */
export function pageFields(html: string): PageFields {
  const all = new Map<string, string>();
  const forms: { action: string; method: string; fields: Map<string, string> }[] = [];
  let open: Map<string, string> | undefined;
  const opening = /<(input|meta|form|\/form)(?=[\s/>])/gi;
  for (let tags = 0; tags < MOST_TAGS; tags++) {
    const found = opening.exec(html);
    if (found === null) break;
    const tag = (found[1] ?? '').toLowerCase();
    const { attributes, end } = attributesAt(html, opening.lastIndex);
    opening.lastIndex = end;
    if (tag === '/form') open = undefined;
    else if (tag === 'form') {
      open = new Map();
      forms.push({
        action: attributes.get('action') ?? '',
        method: (attributes.get('method') ?? 'get').toUpperCase(),
        fields: open,
      });
    } else {
      const name = attributes.get('name');
      const value = attributes.get('value') ?? attributes.get('content');
      if (name === undefined || value === undefined) continue;
      if (!all.has(name)) all.set(name, value);
      if (open !== undefined && !open.has(name)) open.set(name, value);
    }
  }
  return { forms, all };
}

/**
 * The fields that a request to this URL takes over from a page: those of the form that leads there, else any of that name.
 * `page` is the page's own URL.
 */
export function fieldsFor(fields: PageFields, url: string, page: string): ReadonlyMap<string, string> {
  const leads = fields.forms.find(({ action }) => {
    const target = resolveAddress(action, page);
    const wanted = webAddress(url);
    return target?.origin === wanted.origin && target.pathname === wanted.pathname;
  });
  return leads === undefined ? fields.all : new Map([...fields.all, ...leads.fields]);
}

/** Names under which frameworks hide the token of a form. */
export const TOKEN_FIELD =
  /^(csrf[\w-]*|_csrf[\w-]*|xsrf[\w-]*|_token|authenticity_token|__RequestVerificationToken)$/i;

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
