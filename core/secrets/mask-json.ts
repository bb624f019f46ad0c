import { type Hide, MASK } from './mask-types.ts';
import { looksSecret, nameVerdict } from './secret-names.ts';

/** A container that is open: what its members are called, and whether all its values are credentials. */
interface Frame {
  readonly array: boolean;
  /** The values within belong to a credential (`"credentials": {…}`). */
  readonly within: boolean;
  /** Name that values of an array stand under. */
  readonly name: string;
  key: string | undefined;
  /** Members so far, of an array. */
  count: number;
  /** `{"name": "password", "value": "…"}`: the name, and the piece that holds the value. */
  pairName: string | undefined;
  pairValue: number | undefined;
}

/** Most depth that is followed; what lies deeper is masked by the name of its nearest known container. */
const DEEPEST = 2_000;
const PAIR_NAMES = /^(name|key|field|id|header|param|parameter|path|label|attribute|property|variable)$/i;
const PAIR_VALUES = /^(value|val|content|data|text|default|defaultvalue|newvalue|oldvalue|to)$/i;
/** Names whose containers hold nothing but credentials. A `session` or `auth` holds other things as well. */
const HOLDS = /passw|secret|credential|token|cookie|api_?key|private_?key|jwt/i;
/** Numbers under these are credentials, however small. */
const NUMBERS = /pass|pin|pwd|otp|code|cvv|cvc|secret/i;
/** What a description of a credential says about it. */
const DESCRIBES =
  /^(name|type|kind|user|username|login|email|scope|scopes|domain|path|url|host|role|provider|same_?site|http_?only|secure|label|description|id|status|realm|region|bucket)$/i;

/**
 * Masks JSON by the names of its members, at any depth, and what its texts hold. Works on the text as it is: blanks,
 * order and doubled members stay, and what follows a mistake or a cut is read all the same (streams of events, lines of
 * JSON, bodies of which the beginning was recorded).
 * @param deep masks a text within: an address, JSON in a string, a query of GraphQL
 */
export function maskJson(text: string, hide: Hide, deep: (text: string, name: string) => string): string {
  const pieces: string[] = [];
  const frames: Frame[] = [];
  let done = 0;
  let at = 0;
  /** Containers deeper than are followed. */
  let beyond = 0;
  const open = (array: boolean): void => {
    const outer = frames.at(-1);
    const name = nameOf(outer);
    const within =
      (outer?.within ?? false) || (name !== '' && HOLDS.test(name) && nameVerdict(name, 'member') === 'secret');
    if (frames.length >= DEEPEST) beyond += 1;
    else frames.push({ array, within, name, key: undefined, count: 0, pairName: undefined, pairValue: undefined });
  };
  const replace = (from: number, to: number, piece: string): number => {
    pieces.push(text.slice(done, from), piece);
    done = to;
    return pieces.length - 1;
  };
  const value = (from: number, to: number, kind: 'text' | 'number', closed: boolean): void => {
    const frame = frames.at(-1);
    const name = nameOf(frame);
    const source = text.slice(from, to);
    const plain = kind === 'text' ? unquoted(source, closed) : source;
    if (plain === MASK || plain === '') return;
    const quote = (masked: string) =>
      closed || kind === 'number' ? JSON.stringify(masked) : JSON.stringify(masked).slice(0, -1);
    if (frame !== undefined && isSecret(frame, name, plain, kind)) {
      replace(from, to, quote(hide(name)));
      return;
    }
    if (kind === 'number') {
      if (frame !== undefined && frame.key !== undefined && PAIR_VALUES.test(frame.key)) {
        if (frame.pairName !== undefined) replace(from, to, quote(hide(frame.pairName)));
        else frame.pairValue = replace(from, to, source);
      }
      return;
    }
    if (frame !== undefined && !frame.array && frame.key !== undefined) {
      if (PAIR_VALUES.test(frame.key)) {
        if (frame.pairName !== undefined) {
          replace(from, to, quote(hide(frame.pairName)));
          return;
        }
        const masked = deep(plain, name);
        frame.pairValue = replace(from, to, masked === plain ? source : quote(masked));
        return;
      }
      if (
        (PAIR_NAMES.test(frame.key) && names(plain, frame.key)) ||
        (/^type$/i.test(frame.key) && plain === 'password')
      ) {
        frame.pairName = plain;
        if (frame.pairValue !== undefined) pieces[frame.pairValue] = JSON.stringify(hide(plain));
      }
    }
    // `["Authorization", "Bearer …"]`
    if (frame?.array === true && frame.count === 0 && names(plain, '')) frame.pairName = plain;
    const masked = deep(plain, name);
    if (masked !== plain) replace(from, to, quote(masked));
  };
  while (at < text.length) {
    const char = text[at];
    if (char === '{' || char === '[') {
      open(char === '[');
      at += 1;
    } else if (char === '}' || char === ']') {
      if (beyond > 0) beyond -= 1;
      else frames.pop();
      ended(frames.at(-1));
      at += 1;
    } else if (char === '"') {
      const end = endOfString(text, at);
      const frame = frames.at(-1);
      const colon = frame === undefined || frame.array ? -1 : colonAfter(text, end);
      if (colon >= 0 && frame !== undefined) {
        frame.key = unquoted(text.slice(at, end), true);
        at = colon + 1;
      } else {
        value(at, end, 'text', text[end - 1] === '"' && end - 1 > at);
        ended(frame);
        at = end;
      }
    } else if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) {
      let end = at + 1;
      while (end < text.length && /[\d.eE+-]/.test(text[end] ?? '')) end += 1;
      value(at, end, 'number', true);
      ended(frames.at(-1));
      at = end;
    } else at += 1;
  }
  pieces.push(text.slice(done));
  return pieces.join('');
}

function nameOf(frame: Frame | undefined): string {
  if (frame === undefined) return '';
  return frame.array ? frame.name : (frame.key ?? '');
}

function ended(frame: Frame | undefined): void {
  if (frame === undefined) return;
  frame.count += 1;
  if (!frame.array) frame.key = undefined;
}

function isSecret(frame: Frame, name: string, plain: string, kind: 'text' | 'number'): boolean {
  if (frame.array && frame.count === 1 && frame.pairName !== undefined) return true;
  const verdict = name === '' ? 'plain' : nameVerdict(name, 'member');
  if (kind === 'number') {
    // Counted tokens of a language model, seconds of a session: figures under a name in the plural are figures.
    if (verdict === 'secret') return NUMBERS.test(name) || plain.length >= 8;
    return verdict === 'maybe' && /^code$/i.test(name) && /^\d{6,8}$/.test(plain);
  }
  if (verdict === 'secret') return true;
  if (verdict === 'maybe' && looksSecret(plain, name, 'member')) return true;
  return frame.within && !DESCRIBES.test(name) && (frame.array || nameVerdict(`token ${name}`, 'member') === 'secret');
}

/** Whether a text is the name of a credential: `password`, `/user/password` of a JSON Patch. */
function names(text: string, key: string): boolean {
  if (text.length > 100 || /\s{2}|[=<>{]/.test(text)) return false;
  const last = /^path$/i.test(key) ? (text.split('/').at(-1) ?? '') : text;
  return nameVerdict(last, 'member') === 'secret' && !/[.!?]$/.test(last);
}

/** Behind the closing quote, or the end of a text that is cut. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function colonAfter(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  return text[at] === ':' ? at : -1;
}

function unquoted(source: string, closed: boolean): string {
  const inner = source.slice(1, closed ? -1 : undefined);
  if (!inner.includes('\\')) return inner;
  try {
    return JSON.parse(`"${inner.replace(/[\n\r\t]/g, ' ')}"`) as string;
  } catch {
    return inner;
  }
}
