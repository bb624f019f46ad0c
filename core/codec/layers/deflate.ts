import { problem } from '../../model/problem.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import { compressedLayer } from './compressed.ts';
import { deflateRaw, findSettings, USUAL } from './deflate-settings.ts';
import { inflate } from './inflate.ts';

/** Raw deflate data (RFC 1951). It has no mark and no checksum, so a guess holds only if everything inside decodes. */
export const deflate: Layer = {
  id: 'deflate',
  title: 'Raw deflate',
  recognise(bytes, context) {
    // Block type 3 does not exist, and text is not deflate data.
    if (bytes.length < 8 || context.outer.includes('deflate') || ((bytes[0] as number) & 6) === 6) return undefined;
    if (!mayBegin(bytes)) return undefined;
    const binary = bytes.subarray(0, 64).some((byte) => byte >= 0x80 || byte < 9);
    return binary ? { score: 0.1, reasons: ['The first bits could begin raw deflate data'] } : undefined;
  },
  decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
    const { bytes: inner, consumed } = inflate(bytes, 'deflate', context);
    if (consumed < bytes.length) {
      throw problem('deflate-trailing', 'Something follows the deflate data', { at: consumed });
    }
    return compressedLayer({
      outer: bytes,
      inner,
      head: new Uint8Array(),
      trailer: () => new Uint8Array(),
      windowBits: 15,
      settings: findSettings(inner, bytes, 15, [6, 9, 1, 5, 4, 3, 2, 7, 8, 0]),
      facts: { inflated: inner.length },
      proven: false,
    });
  },
  make: { kind: 'bytes', wrap: (inner) => deflateRaw(inner, USUAL, 15) },
};

/**
 * Whether the head of the first block is one that zlib takes. Most random bytes fail here, which is far cheaper than
 * starting an inflater for them. True when the bytes end within the head: then the inflater says so.
 */
function mayBegin(bytes: Uint8Array): boolean {
  const byte = (i: number): number => bytes[i] ?? 0;
  const type = (byte(0) >> 1) & 3;
  // Stored: the length, and its complement.
  if (type === 0) return bytes.length < 5 || ((byte(1) ^ byte(3)) === 0xff && (byte(2) ^ byte(4)) === 0xff);
  if (type !== 2) return type === 1;
  const bits = (at: number, count: number): number => {
    const word = byte(at >> 3) | (byte((at >> 3) + 1) << 8);
    return (word >> (at & 7)) & ((1 << count) - 1);
  };
  if (bits(3, 5) > 29 || bits(8, 5) > 29) return false;
  const lengths = bits(13, 4) + 4;
  if (17 + 3 * lengths > bytes.length * 8) return true;
  // The code for the code lengths must use up all of its 7 bits.
  let used = 0;
  for (let i = 0; i < lengths; i++) {
    const length = bits(17 + 3 * i, 3);
    if (length > 0) used += 128 >> length;
  }
  return used === 128;
}
