import { fromBase64, fromLatin1, latin1, sameBytes, toBase64 } from '../bytes.ts';
import type { JsonHabits } from '../json/style.ts';
import type { BytesDecoded, Companions, Facts, Signature, Warning } from '../layer.ts';

/** Base64 as cookies write it: which alphabet, and whether the padding is there. */
export type Alphabet = 'standard' | 'standard-nopad' | 'url' | 'url-padded';

const TESTS: Record<Alphabet, RegExp> = {
  standard: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  'standard-nopad': /^[A-Za-z0-9+/]*$/,
  url: /^[\w-]*$/,
  'url-padded': /^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/,
};

/** The bytes of base64 in exactly this form; undefined when writing them again would give another text. */
export function readBase64Text(text: string, alphabet: Alphabet): Uint8Array | undefined {
  if (!TESTS[alphabet].test(text)) return undefined;
  const standard = alphabet.startsWith('url') ? text.replaceAll('-', '+').replaceAll('_', '/') : text;
  const bytes = fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
  return bytes !== undefined && writeBase64Text(bytes, alphabet) === text ? bytes : undefined;
}

export function writeBase64Text(bytes: Uint8Array, alphabet: Alphabet): string {
  const text = toBase64(bytes);
  const padded = alphabet === 'standard' || alphabet === 'url-padded' ? text : text.replace(/=+$/, '');
  return alphabet.startsWith('url') ? padded.replaceAll('+', '-').replaceAll('/', '_') : padded;
}

/** Text of a value whose bytes are all printable ASCII; undefined otherwise, or when it is longer than cookies are. */
export function asciiText(bytes: Uint8Array): string | undefined {
  if (bytes.length > MOST_TEXT) return undefined;
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) return undefined;
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
