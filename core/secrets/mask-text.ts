import { maskHeaderValue } from './mask-headers.ts';
import { maskJson } from './mask-json.ts';
import { maskMarkup } from './mask-markup.ts';
import { type Hide, MASK } from './mask-types.ts';
import { maskPairs, maskUrlWith } from './mask-url.ts';
import { looksSecret, nameVerdict } from './secret-names.ts';
import { maskShapes } from './value-shapes.ts';

/** How often a text within a text is looked into: an address in JSON in a form, and once more. */
const DEEPEST = 5;
/** Names in code and settings; the value behind `=` or `:`. */
const NAME = `(?<![\\w.-])(["'\`]?)([A-Za-z_$][\\w$.-]{1,80})(\\\\?["'\`]|&quot;|&#34;)?(\\s{0,4}(?::=|=>|[=:])\\s{0,4})`;
const QUOTED = new RegExp(
  `${NAME}(?:"((?:[^"\\\\\\n]|\\\\.)*)"|'((?:[^'\\\\\\n]|\\\\.)*)'|\`([^\`\\\\\\n]*)\`|(&quot;|&#34;|\\\\")((?:(?!&quot;|&#34;|\\\\")[^\\n<>]){1,4000})\\8)`,
  'g',
);
const BARE = new RegExp(`${NAME}([^\\s"'\`,;&<>(){}\\[\\]|]{3,4000})(?=[\\s"'\`,;&<>)}\\]|]|$)`, 'g');
/** Parameters of an address or a form in the midst of a text. */
const PARAMETER = /([?&#]|&amp;|&#38;|\\u0026)([\w.[\]%-]{1,80})=([^\s&"'<>\\`#)]+)/g;
/** A line of a header: of messages in messages (`multipart/mixed`, STOMP, `message/http`) and of copied requests. */
const HEADER_LINE = /^([ \t>*<]{0,4})([A-Za-z][\w-]{1,60}):[ \t]{0,4}([^\r\n]+)$/gm;
const HEADER_NAMES =
  /^(cookie2?|set-cookie2?|authorization|proxy-authorization|x-[\w-]+|[\w-]+-(token|key|secret|signature)|passcode)$/i;

export interface TextOptions {
  /** The text is data with quoted values (a query of GraphQL, a literal of a programming language): words are values too. */
  readonly strict?: boolean;
}

/**
 * Masks any text by what can be read in it: JSON, a form, XML or HTML, lines of headers, addresses, settings and code,
 * and credentials by their form. What fits nothing stays.
 */
export function maskAnyText(text: string, hide: Hide, options: TextOptions = {}, depth = 0): string {
  // No credential that its form gives away is so short, and without these signs nothing has a name.
  if (text.length < 16 && !/[=:<{[&@]/.test(text)) return text;
  if (depth > DEEPEST) return maskShapes(text, hide);
  const deep = (inner: string): string => maskAnyText(inner, hide, {}, depth + 1);
  const inJson = (inner: string, name: string): string =>
    maskAnyText(
      inner,
      hide,
      { strict: /^(query|mutation|subscription|sql|statement|body|data)$/i.test(name) },
      depth + 1,
    );
  const json = jsonStart(text);
  if (json !== undefined) return maskShapes(text.slice(0, json) + maskJson(text.slice(json), hide, inJson), hide);
  if (isForm(text)) return maskShapes(maskPairs(text, hide, deep), hide);
  if (/^[a-z][a-z\d+.-]{1,20}:\/\/\S+$/i.test(text) || /^\/[^\s<>"']*[?#;][^\s<>"']*$/.test(text))
    return maskUrlWith(text, hide, deep);
  if (/<[A-Za-z!?/][^<]*>/.test(text)) {
    return maskMarkup(text, hide, (inner) => maskAnyText(inner, hide, options, depth + 1));
  }
  return maskProse(text, hide, deep, options);
}

function maskProse(text: string, hide: Hide, deep: (text: string) => string, { strict = false }: TextOptions): string {
  let masked = text;
  if (masked.includes(':')) {
    masked = masked.replace(HEADER_LINE, (whole, lead: string, name: string, value: string) => {
      if (!HEADER_NAMES.test(name)) return whole;
      const hidden = maskHeaderValue(name, value, hide, deep);
      return hidden === value ? whole : `${lead}${name}: ${hidden}`;
    });
    // Events of a stream, and lines of JSON, each for itself.
    if (/^(data: ?|\d{1,3}(?:\/[\w-]+,)?)?[{[]/m.test(masked)) {
      masked = masked.replace(
        /^(data: ?|\d{1,3}(?:\/[\w-]+,)?)?([{[].*)$/gm,
        (_, lead: string | undefined, line: string) => `${lead ?? ''}${deep(line)}`,
      );
    }
  }
  if (masked.includes('=')) {
    masked = masked.replace(PARAMETER, (whole, lead: string, name: string, value: string) => {
      if (value === MASK || value.startsWith(MASK)) return whole;
      const bare = safeDecode(name);
      const verdict = nameVerdict(bare, 'parameter');
      const secret = verdict === 'secret' || (verdict === 'maybe' && looksSecret(safeDecode(value), bare, 'parameter'));
      return secret ? `${lead}${name}=${hide(bare)}` : whole;
    });
  }
  if (/[=:]/.test(masked)) masked = maskAssignments(masked, hide, strict);
  return maskShapes(masked, hide);
}

function maskAssignments(text: string, hide: Hide, strict: boolean): string {
  const quoted = text.replace(QUOTED, (...found: (string | undefined)[]) => {
    const [whole = '', open = '', name = '', close = '', sign = '', double, single, tick, entity = '', escaped] = found;
    const value = double ?? single ?? tick ?? escaped ?? '';
    if (value === '' || value === MASK || !isSecretValue(name, value, strict)) return whole;
    const quote = double !== undefined ? '"' : single !== undefined ? "'" : tick !== undefined ? '`' : entity;
    return `${open}${name}${close}${sign}${quote}${hide(name)}${quote}`;
  });
  return quoted.replace(BARE, (...found: (string | undefined)[]) => {
    const [whole = '', open = '', name = '', close = '', sign = '', value = ''] = found;
    if (value.includes(MASK) || /^["'`]/.test(value) || !isSecretValue(name, value, false) || isCode(value))
      return whole;
    return `${open}${name}${close}${sign}${hide(name)}`;
  });
}

/** In a text, words behind a name are mostly words: labels of forms, sentences of a page. */
function isSecretValue(name: string, value: string, strict: boolean): boolean {
  const verdict = nameVerdict(name, 'member');
  if (verdict === 'plain') return false;
  if (verdict === 'maybe') return looksSecret(value, name, 'member');
  if (strict) return true;
  return (
    !/\s/.test(value) &&
    !/^[A-Za-z\p{L}]+[.,:;!?]?$/u.test(value) &&
    !/^([a-z]+[-_.])+[a-z]+$/.test(value) &&
    value.length >= 4
  );
}

/** `this.token`, `getToken`, `$password`, `#{x}`, `/path`: no values. */
const isCode = (value: string): boolean =>
  /^(this|self|window|document|process|e|t|n|[a-z])\.|^[$#@/!]|^\w+\.\w+$|=>|^(null|undefined|true|false)$|^\d{1,3}$/.test(
    value,
  );

/** Where JSON begins: at once, or behind what servers and Socket.IO put before it. */
function jsonStart(text: string): number | undefined {
  const lead =
    /^(?:\ufeff|\s|\)\]\}',?|for\s*\(;;\);|while\s*\(1\);|\d{1,4}(?:\/[\w-]*,)?\d{0,6}(?=[[{])|data: ?)*/.exec(
      text.slice(0, 200),
    )?.[0].length ?? 0;
  const head = /^[[{]\s*(?:["{[\]}]|-?\d|true|false|null)/.exec(text.slice(lead, lead + 200));
  return head === null || text.slice(lead, lead + 8) === MASK ? undefined : lead;
}

/** The whole text is pairs of a form or a query, without blanks. */
function isForm(text: string): boolean {
  return /^\??[\w.[\]%+~-]{1,60}=[^\s<>"{}=][^\s<>"{}]*$/.test(text) && (text.includes('&') || !text.includes(':'));
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}
