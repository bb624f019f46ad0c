import type { BodyView } from '../../../core/model/app.ts';

/** The ways in which a body can be shown, the most readable first. */
export const bodyForms = ['image', 'json', 'form', 'readable', 'source', 'hex'] as const;
export type BodyForm = (typeof bodyForms)[number];

/** Bodies up to this size are laid out; a longer one is shown as it came. */
const MOST_LAID_OUT = 2_000_000;

/** Images that a browser shows without running or fetching anything. */
const RASTER = /^image\/(png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)$/;

/** Which forms a body has. What it says of itself is tried; what does not read as that is left out. */
export function formsOf(body: BodyView): readonly BodyForm[] {
  const type = (body.contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const { text } = body;
  if (text === undefined) {
    const whole = body.base64 !== undefined && !body.truncated;
    return [...(whole && RASTER.test(type) ? (['image'] as const) : []), 'hex'];
  }
  const forms: BodyForm[] = [];
  if (prettyJson(text) !== null) forms.push('json');
  else if (type === 'application/x-www-form-urlencoded' && text.includes('=')) forms.push('form');
  else if (/html/.test(type)) forms.push('readable');
  return [...forms, 'source', 'hex'];
}

/** JSON objects and lists, indented; numbers keep the digits that were sent. Null: it is not JSON. */
export function prettyJson(text: string): string | null {
  const start = text.trimStart()[0];
  if ((start !== '{' && start !== '[') || text.length > MOST_LAID_OUT) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return indented(text);
}

/** Spaces and line breaks are put between tokens; the tokens themselves stay byte for byte, so that no number is rounded. */
function indented(text: string): string {
  const out: string[] = [];
  let depth = 0;
  const line = () => out.push('\n', '  '.repeat(Math.min(depth, 100)));
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  tokens.forEach((token, i) => {
    if (token === '{' || token === '[') {
      out.push(token);
      const next = tokens[i + 1];
      if (next === '}' || next === ']') return;
      depth += 1;
      line();
    } else if (token === '}' || token === ']') {
      const before = tokens[i - 1];
      if (before !== '{' && before !== '[') {
        depth -= 1;
        line();
      }
      out.push(token);
    } else if (token === ',') {
      out.push(token);
      line();
    } else out.push(token === ':' ? ': ' : token);
  });
  return out.join('');
}

/** The fields of a form in their order, decoded; what cannot be decoded stays as it was sent. */
export function formFields(text: string): readonly { readonly name: string; readonly value: string }[] {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return { name: percentDecoded(name), value: percentDecoded(value) };
    });
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** What a page says, without its markup. The document is inert: nothing in it runs and nothing is fetched. */
export function readableHtml(html: string): string {
  const page = new DOMParser().parseFromString(html.slice(0, MOST_LAID_OUT), 'text/html');
  for (const unseen of page.querySelectorAll('script, style, noscript, template, head > :not(title)')) unseen.remove();
  for (const end of page.querySelectorAll('br, p, div, li, tr, h1, h2, h3, h4, h5, h6, title, section, form, label'))
    end.append('\n');
  const lines = (page.documentElement.textContent ?? '').split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  return lines
    .filter((line, i) => line !== '' || lines[i - 1] !== '')
    .join('\n')
    .trim();
}

/** The bytes of a body, of its text in UTF-8. */
export function bytesOfBody(body: BodyView): Uint8Array {
  if (body.base64 === undefined) return new TextEncoder().encode(body.text ?? '');
  return Uint8Array.from(atob(body.base64), (char) => char.charCodeAt(0));
}
