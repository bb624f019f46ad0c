import { problem } from '../../model/problem.ts';
import { concat } from '../bytes.ts';
import type { BytesDecoded, Layer } from '../layer.ts';
import { CharMapBuilder } from './char-map.ts';
import { contentLength } from './hex.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * A value in double quotes as Python's `http.cookies` writes it: `\"`, `\\`, and `\ooo` for a byte. Reading takes the
 * rules of RFC 2109 as that module does: `\` and three octal digits (the first 0 to 3) is a byte, `\x` is `x`.
 */
export const quotes: Layer = {
  id: 'quotes',
  title: 'Double quotes',
  recognise(bytes) {
    if (bytes.length < 2 || bytes[0] !== QUOTE || closing(bytes) !== contentLength(bytes) - 1) return undefined;
    return { score: 0.9, reasons: ['Starts and ends with a double quote'] };
  },
  decode: decodeQuotes,
  make: { kind: 'bytes', wrap: (inner) => concat([Uint8Array.of(QUOTE), write(inner), Uint8Array.of(QUOTE)]) },
};

/** Position of the quote that closes the first one, or -1. */
function closing(bytes: Uint8Array): number {
  for (let i = 1; i < bytes.length; i++) {
    if (bytes[i] === QUOTE) return i;
    if (bytes[i] === BACKSLASH) i++;
  }
  return -1;
}

function decodeQuotes(bytes: Uint8Array): BytesDecoded {
  if (bytes[0] !== QUOTE) throw problem('quotes-missing', 'The value does not start with a double quote', { at: 0 });
  const end = closing(bytes);
  if (end < 0) throw problem('quotes-open', 'The closing double quote is missing', { at: bytes.length });
  if (end !== bytes.length - 1)
    throw problem('quotes-trailing', 'Something follows the closing quote', { at: end + 1 });
  const builder = new CharMapBuilder(bytes.length);
  let escapes = 0;
  let i = 1;
  while (i < end) {
    const byte = bytes[i] as number;
    if (byte !== BACKSLASH) {
      builder.add(byte, i++);
      continue;
    }
    escapes++;
    const octal = octalAt(bytes, i + 1);
    if (octal !== undefined) {
      builder.add(octal, i);
      i += 4;
    } else {
      builder.add(bytes[i + 1] as number, i);
      i += 2;
    }
  }
  const { inner, map } = builder.finish(bytes, end);
  return {
    kind: 'bytes',
    bytes: inner,
    proven: false,
    warnings: [],
    facts: { escapes },
    lossless: true,
    encode: (next) => map.rewrite(next, write, (outer) => decodeQuotes(outer).bytes),
    outerSpan: (span) => map.outerSpan(span),
  };
}

function octalAt(bytes: Uint8Array, at: number): number | undefined {
  const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  if (a === undefined || b === undefined || c === undefined) return undefined;
  if (a < 0x30 || a > 0x33 || b < 0x30 || b > 0x37 || c < 0x30 || c > 0x37) return undefined;
  return ((a - 0x30) << 6) | ((b - 0x30) << 3) | (c - 0x30);
}

function write(part: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of part) {
    if (byte === QUOTE || byte === BACKSLASH) out.push(BACKSLASH, byte);
    else if (byte >= 0x20 && byte < 0x7f && byte !== 0x2c && byte !== 0x3b) out.push(byte);
    else out.push(BACKSLASH, 0x30 + (byte >> 6), 0x30 + ((byte >> 3) & 7), 0x30 + (byte & 7));
  }
  return Uint8Array.from(out);
}
