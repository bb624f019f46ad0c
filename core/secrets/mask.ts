import { maskHeaderValue } from './mask-headers.ts';
import { maskMarkup } from './mask-markup.ts';
import { boundaryOf, maskMultipart } from './mask-multipart.ts';
import { maskAnyText } from './mask-text.ts';
import { type Hide, MASK } from './mask-types.ts';
import { maskPairs, maskUrlWith } from './mask-url.ts';
import { maskShapes } from './value-shapes.ts';

export { MASK } from './mask-types.ts';

/** Where something was masked, in the words of the notes. */
type Place = 'header field' | 'address' | 'body' | 'message' | 'text';

/** Most names that a note lists. */
const LISTED = 12;

/**
 * Masks secrets by meaning: by the names that values stand under, in header fields of both directions, addresses,
 * cookies, forms, multipart, JSON, GraphQL, XML, HTML and WebSocket messages, and by the form that only credentials have.
 * It remembers what it masked and what it could not look into, so that an export can say so.
 *
 * Deliberately left: names of users, e-mail addresses and other personal data; ids that grant nothing (request, trace,
 * client, key ids); `nonce` and `state` that do not look random; public and publishable keys; hashes and ETags; challenges
 * of `WWW-Authenticate`; page tokens; file contents that are no text.
 */
export class Masker {
  readonly #hidden = new Map<Place, Map<string, number>>();
  readonly #unread = new Map<string, number>();

  /** Header fields as a flat list of names and values. */
  fields(rawHeaders: readonly string[]): string[] {
    const hide = this.#hide('header field');
    return rawHeaders.map((value, i) =>
      i % 2 === 0 ? value : maskHeaderValue(rawHeaders[i - 1] ?? '', value, hide, (text) => maskAnyText(text, hide)),
    );
  }

  /** An address: its login, parameters, fragment, and tokens in its path. */
  url(url: string): string {
    const hide = this.#hide('address');
    return maskUrlWith(url, hide, (text) => maskAnyText(text, hide, {}, 1));
  }

  /** A sentence, a line of a log, the text of an error. */
  text(text: string): string {
    return maskAnyText(text, this.#hide('text'));
  }

  /** A message of a WebSocket. */
  message(text: string): string {
    return maskAnyText(text, this.#hide('message'));
  }

  /** Messages and bodies that were not looked into, by what they are (`image/png`). */
  unread(what: string): void {
    this.#unread.set(what, (this.#unread.get(what) ?? 0) + 1);
  }

  /**
   * A body without its content coding.
   * @returns the same bytes where nothing was masked. In binary bodies only credentials that their form gives away are
   *   overwritten, byte by byte, and the type is named by `notes`.
   */
  body(bytes: Uint8Array, contentType: string): Uint8Array {
    if (bytes.length === 0) return bytes;
    const wide = wideCharset(bytes, contentType);
    const hide = this.#hide('body');
    if (wide !== undefined) {
      const text = new TextDecoder(wide, { ignoreBOM: true }).decode(bytes);
      const masked = this.#bodyText(text, contentType, hide);
      return masked === text ? bytes : fromWide(masked, wide);
    }
    const utf8 = fromUtf8(bytes);
    // One character a byte otherwise: names and marks are ASCII, and whatever else stands there comes back as it was.
    const text = utf8 ?? fromBytes(bytes);
    const masked = this.#bodyText(text, contentType, hide);
    if (masked === text) return bytes;
    return utf8 === undefined ? toBytes(masked) : new TextEncoder().encode(masked);
  }

  #bodyText(text: string, contentType: string, hide: Hide): string {
    const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    const boundary = type.startsWith('multipart/') ? boundaryOf(contentType) : undefined;
    if (boundary !== undefined) {
      return maskMultipart(text, boundary, hide, (content, inner) => this.#bodyText(content, inner, hide));
    }
    if (isBinary(text, type)) {
      this.unread(type === '' ? 'binary data' : type);
      // Overwritten at the same length, so that lengths in the format stay true.
      return maskShapes(text, hide, true);
    }
    const deep = (inner: string): string => maskAnyText(inner, hide, {}, 1);
    if (type === 'application/x-www-form-urlencoded') return maskPairs(text, hide, deep);
    if (type === 'application/graphql') return maskAnyText(text, hide, { strict: true });
    if (/[/+]xml$|^text\/html$/.test(type)) return maskMarkup(text, hide, deep);
    return maskAnyText(text, hide);
  }

  #hide(place: Place): Hide {
    return (name) => {
      let names = this.#hidden.get(place);
      if (names === undefined) this.#hidden.set(place, (names = new Map()));
      const short = name.slice(0, 60);
      if (names.has(short) || names.size < 1_000) names.set(short, (names.get(short) ?? 0) + 1);
      return MASK;
    };
  }

  /** How many values were masked so far. */
  get count(): number {
    return [...this.#hidden.values()].flatMap((names) => [...names.values()]).reduce((sum, one) => sum + one, 0);
  }

  /** What was masked, and what could not be looked into: a sentence each. */
  notes(): string[] {
    const notes: string[] = [];
    for (const [place, names] of this.#hidden) {
      const total = [...names.values()].reduce((sum, one) => sum + one, 0);
      const listed = [...names.keys()].slice(0, LISTED).join(', ');
      const more = names.size > LISTED ? ` and ${names.size - LISTED} more` : '';
      notes.push(`Masked in ${PLURAL[place]}: ${total} ${total === 1 ? 'value' : 'values'} (${listed}${more})`);
    }
    for (const [what, count] of this.#unread) {
      notes.push(`Could not look into ${count} ${count === 1 ? 'body or message' : 'bodies or messages'}: ${what}`);
    }
    return notes;
  }
}

const PLURAL: Readonly<Record<Place, string>> = {
  'header field': 'header fields',
  address: 'addresses',
  body: 'bodies',
  message: 'messages',
  text: 'texts',
};

/** A text (a line of a log, an error, a notice) without secrets. */
export function maskText(text: string): string {
  return new Masker().text(text);
}

/** An address without secrets. */
export function maskUrl(url: string): string {
  return new Masker().url(url);
}

/** Header fields without secrets. */
export function maskFields(rawHeaders: readonly string[]): string[] {
  return new Masker().fields(rawHeaders);
}

/** Types that hold no text, and texts with many characters that no text has. */
function isBinary(text: string, type: string): boolean {
  if (
    /^(image\/(?!svg)|audio\/|video\/|font\/|application\/(zip|gzip|pdf|wasm|octet-stream|x-protobuf|protobuf|grpc|msgpack|x-msgpack|cbor))/.test(
      type,
    )
  ) {
    return !/^application\/octet-stream/.test(type) || /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text.slice(0, 65_536));
  }
  return /\0|[\x01-\x08\x0e-\x1a]{2}/.test(text.slice(0, 65_536));
}

function wideCharset(bytes: Uint8Array, contentType: string): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const charset = /charset\s*=\s*"?(utf-16(?:le|be)?)/i.exec(contentType)?.[1]?.toLowerCase();
  return charset === undefined ? undefined : charset === 'utf-16be' ? 'utf-16be' : 'utf-16le';
}

function fromWide(text: string, charset: 'utf-16le' | 'utf-16be'): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i += 1) view.setUint16(i * 2, text.charCodeAt(i), charset === 'utf-16le');
  return bytes;
}

function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fromBytes(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 8_192) pieces.push(String.fromCharCode(...bytes.subarray(i, i + 8_192)));
  return pieces.join('');
}

function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}
