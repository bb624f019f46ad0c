import { fromLatin1, latin1, sameBytes, sextets, toBase64 } from '../bytes.ts';
import type { JsonHabits } from '../json/style.ts';
import type { BytesDecoded, Companions, Facts, Signature, Warning } from '../layer.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Base64 as cookies write it: which alphabet, and whether the padding is there. */
export type Alphabet = 'standard' | 'standard-nopad' | 'url' | 'url-padded';

const STANDARD = sextets(`${LETTERS}+/`);
const URL_SAFE = sextets(`${LETTERS}-_`);

/** The bytes of base64 in exactly this form; undefined when writing them again would give another text. */
export function readBase64Text(text: string, alphabet: Alphabet): Uint8Array | undefined {
  const table = alphabet.startsWith('url') ? URL_SAFE : STANDARD;
  let length = text.length;
  if (alphabet === 'standard' || alphabet === 'url-padded') {
    if (length % 4 !== 0) return undefined;
    if (text.endsWith('=')) length -= text.endsWith('==') ? 2 : 1;
  }
  if (length % 4 === 1) return undefined;
  // Most texts are refused, so nothing is allocated before all characters fit.
  let sextet = 0;
  for (let i = 0; i < length; i++) {
    sextet = table[text.charCodeAt(i)] ?? 255;
    if (sextet > 63) return undefined;
  }
  // Bits of the last character that no byte holds are zero in what is written.
  if ((length % 4 === 2 && (sextet & 15) !== 0) || (length % 4 === 3 && (sextet & 3) !== 0)) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let at = 0;
  let word = 0;
  for (let i = 0; i < length; i++) {
    word = ((word << 6) | (table[text.charCodeAt(i)] as number)) & 0xffffff;
    if (i % 4 > 0) bytes[at++] = (word >> (6 - (i % 4) * 2)) & 255;
  }
  return bytes;
}

export function writeBase64Text(bytes: Uint8Array, alphabet: Alphabet): string {
  const text = toBase64(bytes);
  const padded = alphabet === 'standard' || alphabet === 'url-padded' ? text : text.replace(/=+$/, '');
  return alphabet.startsWith('url') ? padded.replaceAll('+', '-').replaceAll('/', '_') : padded;
}

/** The bytes that all layers look at in turn, and their text once one of them wanted it (null: they have none). */
let viewed: { readonly bytes: Uint8Array; text?: string | null } | undefined;

/**
 * Runs something that wants the text of the same bytes many times: `asciiText` then makes it once. The bytes must not
 * change while it runs, which is why nothing is remembered for longer.
 */
export function withTextOf<T>(bytes: Uint8Array, run: () => T): T {
  const before = viewed;
  viewed = { bytes };
  try {
    return run();
  } finally {
    viewed = before;
  }
}

/** Text of a value whose bytes are all printable ASCII; undefined otherwise, or when it is longer than cookies are. */
export function asciiText(bytes: Uint8Array): string | undefined {
  if (viewed?.bytes !== bytes) return printable(bytes);
  if (viewed.text === undefined) viewed.text = printable(bytes) ?? null;
  return viewed.text ?? undefined;
}

function printable(bytes: Uint8Array): string | undefined {
  if (bytes.length > MOST_TEXT) return undefined;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20 || byte > 0x7e) return undefined;
  }
  return fromLatin1(bytes);
}

/** Signed texts beyond this length are no cookies and no rows of sessions. */
const MOST_TEXT = 16 * 1024 * 1024;

export interface EnvelopeParts {
  readonly outer: Uint8Array;
  readonly inner: Uint8Array;
  readonly facts: Facts;
  readonly signature?: Signature;
  readonly warnings?: readonly Warning[];
  readonly proven?: boolean;
  readonly inside?: readonly string[];
  readonly habits?: JsonHabits;
  /** The outer value for new content. */
  build(inner: Uint8Array): Uint8Array | string;
  companions?(outer: Uint8Array): Companions;
}

/** A byte layer around a value as a whole: unchanged content gives the original bytes, changed content is built again. */
export function envelope(parts: EnvelopeParts): BytesDecoded {
  const { outer, inner, facts, signature, warnings = [], inside, habits, companions } = parts;
  return {
    kind: 'bytes',
    bytes: inner,
    proven: parts.proven ?? signature?.state === 'valid',
    warnings,
    facts,
    lossless: true,
    ...(signature && { signature }),
    ...(inside && { inside }),
    ...(habits && { habits }),
    ...(companions && { companions }),
    encode(next) {
      if (sameBytes(next, inner)) return outer;
      const made = parts.build(next);
      return typeof made === 'string' ? latin1(made) : made;
    },
    outerSpan: () => undefined,
  };
}
