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
