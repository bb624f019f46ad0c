import { problem } from '../../model/problem.ts';
import { toHex, utf8 } from '../bytes.ts';
import type { BytesDecoded, Layer } from '../layer.ts';
import { CharMapBuilder } from './char-map.ts';

/** Pairs of hex digits, lower or upper case. A line break at the end belongs to the layer. */
export const hex: Layer = {
  id: 'hex',
  title: 'Hex digits',
  recognise(bytes) {
    const length = contentLength(bytes);
    if (length < 8 || length % 2 !== 0) return undefined;
    for (let i = 0; i < length; i++) if (digit(bytes[i]) < 0) return undefined;
    return { score: 0.5, reasons: [`Only hex digits, ${length} of them`] };
  },
  decode: decodeHex,
  make: { kind: 'bytes', wrap: (inner) => utf8(toHex(inner)) },
};

function decodeHex(bytes: Uint8Array): BytesDecoded {
  const length = contentLength(bytes);
  const builder = new CharMapBuilder(length >> 1);
  let lower = false;
  let upper = false;
  for (let i = 0; i < length; i += 2) {
    for (const at of [i, i + 1]) {
      const byte = bytes[at];
      if (at >= length) throw problem('hex-odd', 'The number of hex digits is odd', { at: length });
      if (digit(byte) < 0) throw problem('hex-digit', 'This is not a hex digit', { at });
      if (byte !== undefined && byte >= 0x61) lower = true;
      else if (byte !== undefined && byte >= 0x41) upper = true;
    }
    builder.add((digit(bytes[i]) << 4) | digit(bytes[i + 1]), i);
  }
  const { inner, map } = builder.finish(bytes, length);
  const capitals = upper && !lower;
  return {
    kind: 'bytes',
    bytes: inner,
    proven: false,
    warnings: [],
    facts: { case: lower && upper ? 'mixed' : capitals ? 'upper' : 'lower' },
    lossless: true,
    encode: (next) =>
      map.rewrite(
        next,
        (part) => utf8(capitals ? toHex(part).toUpperCase() : toHex(part)),
        (outer) => decodeHex(outer).bytes,
      ),
    outerSpan: (span) => map.outerSpan(span),
  };
}

/** Length without line breaks at the end. */
export function contentLength(bytes: Uint8Array): number {
  let length = bytes.length;
  while (length > 0 && (bytes[length - 1] === 0x0a || bytes[length - 1] === 0x0d)) length--;
  return length;
}

/** 0..15, or -1. */
export function digit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
