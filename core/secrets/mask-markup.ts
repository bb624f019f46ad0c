import { type Hide, MASK } from './mask-types.ts';
import { looksSecret, nameVerdict } from './secret-names.ts';

/** A tag may be this long; longer ones are read as text. */
const LONGEST_TAG = 16_384;
const HOLDS = /passw|secret|credential|token|private_?key/i;

interface Tag {
  readonly name: string;
  readonly end: number;
  readonly closing: boolean;
  readonly empty: boolean;
  readonly attributes: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

/**
 * Masks XML and HTML: text of elements and values of attributes by their names, fields of forms and `meta` elements by
 * what they are called, pairs of `name` and `value` elements (XML-RPC, property lists). Other text goes through `deep`.
 */
export function maskMarkup(text: string, hide: Hide, deep: (text: string, within: string) => string): string {
  const pieces: string[] = [];
  const open: { readonly name: string; readonly within: boolean }[] = [];
  let pairName: string | undefined;
  let at = 0;
  let done = 0;
  const replace = (from: number, to: number, piece: string): void => {
    pieces.push(text.slice(done, from), piece);
    done = to;
  };
  const content = (from: number, to: number, wrap: (masked: string) => string): void => {
    const inner = text.slice(from, to);
    const trimmed = inner.trim();
    if (trimmed === '' || trimmed === MASK) return;
    const { name = '', within = false } = open.at(-1) ?? {};
    if (/^(name|key)$/i.test(name)) {
      pairName = nameVerdict(trimmed, 'member') === 'secret' && trimmed.length <= 100 ? trimmed : undefined;
      return;
    }
    const paired = pairName !== undefined && /^(value|string|data|int|i4|integer|base64)$/i.test(name);
    if (paired || within || isSecret(name, trimmed)) {
      replace(from, to, wrap(inner.replace(trimmed, () => hide(paired ? (pairName ?? name) : name))));
      pairName = undefined;
      return;
    }
    const masked = deep(inner, name);
    if (masked !== inner) replace(from, to, wrap(masked));
  };
  while (at < text.length) {
    const start = text.indexOf('<', at);
    const until = start < 0 ? text.length : start;
    if (until > at) content(at, until, (masked) => masked);
    if (start < 0) break;
    if (text.startsWith('<![CDATA[', start)) {
      const end = text.indexOf(']]>', start);
      const stop = end < 0 ? text.length : end;
      content(start + 9, stop, (masked) => masked);
      at = end < 0 ? text.length : end + 3;
      continue;
    }
    if (text.startsWith('<!--', start)) {
      const end = text.indexOf('-->', start);
      const stop = end < 0 ? text.length : end;
      const masked = deep(text.slice(start + 4, stop), '');
      if (masked !== text.slice(start + 4, stop)) replace(start + 4, stop, masked);
      at = end < 0 ? text.length : end + 3;
      continue;
    }
    const tag = tagAt(text, start);
    if (tag === undefined) {
      at = start + 1;
      // A lone `<` belongs to the text behind it.
      const next = text.indexOf('<', at);
      content(at, next < 0 ? text.length : next, (masked) => masked);
      at = next < 0 ? text.length : next;
      continue;
    }
    for (const { from, to, value } of maskedAttributes(text, tag, hide, deep)) replace(from, to, value);
    if (tag.closing) {
      const last = open.findLastIndex(({ name }) => name === tag.name);
      if (last >= 0 && open.length - last < 50) open.length = last;
    } else if (!tag.empty && open.length < 1_000) {
      const outer = open.at(-1);
      const within =
        (outer?.within ?? false) ||
        (HOLDS.test(tag.name) && nameVerdict(tag.name, 'member') === 'secret' && !/^tokens?$/i.test(tag.name));
      open.push({
        name: tag.name,
        within: within && !/^(username|user|type|created|expires|keyidentifier)$/i.test(tag.name),
      });
    }
    at = tag.end;
  }
  pieces.push(text.slice(done));
  return pieces.join('');
}

function isSecret(name: string, value: string): boolean {
  const verdict = nameVerdict(name, 'member');
  if (/^(html|body|head|p|div|span|td|th|li|a|h\d|title|label|button|option|code|pre|script|style|key)$/i.test(name))
    return false;
  return verdict === 'secret' || (verdict === 'maybe' && looksSecret(value, name, 'member'));
}

function* maskedAttributes(
  text: string,
  tag: Tag,
  hide: Hide,
  deep: (text: string, within: string) => string,
): Generator<{ from: number; to: number; value: string }> {
  const attribute = (wanted: string) => {
    const found = tag.attributes.find(({ name }) => name.toLowerCase() === wanted);
    return found === undefined ? '' : text.slice(found.from, found.to);
  };
  // What a field or a `meta` element is called decides about its value.
  const called = [attribute('name'), attribute('property'), attribute('key'), attribute('id'), attribute('http-equiv')];
  const secretField =
    called.some((name) => name !== '' && nameVerdict(name, 'parameter') === 'secret') ||
    attribute('type').toLowerCase() === 'password';
  for (const { name, from, to } of tag.attributes) {
    const value = text.slice(from, to);
    const bare = name.replace(/^.*:/, '');
    if (value === '' || value === MASK) continue;
    const ofField = secretField && /^(value|content|val)$/i.test(bare);
    const own =
      !/^(name|id|class|for|type|style|nonce|integrity|autocomplete|placeholder|title|alt|aria-\w+|role|xmlns.*)$/i.test(
        name,
      );
    const verdict = own ? nameVerdict(bare, 'member') : 'plain';
    if (
      ofField ||
      (verdict === 'secret' && !/\s/.test(value)) ||
      (verdict === 'maybe' && looksSecret(value, bare, 'member'))
    ) {
      yield { from, to, value: hide(ofField ? (called.find((one) => one !== '') ?? bare) : bare) };
      continue;
    }
    const masked = deep(value, '');
    if (masked !== value) yield { from, to, value: masked };
  }
}

/** Reads a tag and where its attributes' values stand; undefined where `<` begins none. */
function tagAt(text: string, start: number): Tag | undefined {
  const head = /^<(\/?)([A-Za-z_?!][\w:.-]{0,100})/.exec(text.slice(start, start + 104));
  if (head === null) return undefined;
  const limit = Math.min(text.length, start + LONGEST_TAG);
  const attributes: { name: string; from: number; to: number }[] = [];
  let at = start + head[0].length;
  while (at < limit) {
    const char = text[at] ?? '';
    if (char === '>') {
      const name = (head[2] ?? '').replace(/^.*:/, '');
      const empty =
        text[at - 1] === '/' || /^[?!]|^(input|meta|link|img|br|hr|source|area|base|col|embed|wbr)$/i.test(name);
      return { name, end: at + 1, closing: head[1] === '/', empty, attributes };
    }
    if (char === '<') return undefined;
    if (/[\s/]/.test(char)) {
      at += 1;
      continue;
    }
    const nameStart = at;
    while (at < limit && !/[\s=>/<]/.test(text[at] ?? '')) at += 1;
    const name = text.slice(nameStart, at);
    if (text[at] !== '=') {
      if (at === nameStart) at += 1;
      continue;
    }
    at += 1;
    const quote = text[at];
    if (quote === '"' || quote === "'") {
      const end = text.indexOf(quote, at + 1);
      if (end < 0 || end > limit) return undefined;
      attributes.push({ name, from: at + 1, to: end });
      at = end + 1;
    } else {
      const from = at;
      while (at < limit && !/[\s>]/.test(text[at] ?? '')) at += 1;
      attributes.push({ name, from, to: at });
    }
  }
  return undefined;
}
