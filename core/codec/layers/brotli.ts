import { brotliCompressSync, constants } from 'node:zlib';
import { problem } from '../../model/problem.ts';
import { sameBytes } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext, Warning } from '../layer.ts';
import { inflate } from './inflate.ts';

/** Qualities in the order of how usual they are; larger content is tried at the first two only. */
const QUALITIES = [11, 4, 5, 6, 1, 9, 2, 3, 7, 8, 10, 0];
const THOROUGH = 64 * 1024;

/** Brotli (RFC 7932). It has no mark and no checksum, so it is read by choice only. */
export const brotli: Layer = {
  id: 'brotli',
  title: 'Brotli',
  recognise: () => undefined,
  decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
    const { bytes: inner, consumed } = inflate(bytes, 'brotli', context);
    if (consumed < bytes.length)
      throw problem('brotli-trailing', 'Something follows the Brotli data', { at: consumed });
    const tried = inner.length > THOROUGH ? QUALITIES.slice(0, 2) : QUALITIES;
    const quality = tried.find((one) => sameBytes(compress(inner, one), bytes));
    const message = 'No quality of Brotli gives these bytes; an edit compresses the whole anew, still valid';
    const warnings: Warning[] = [{ code: 'compression-unknown', message, severity: 'info' }];
    return {
      kind: 'bytes',
      bytes: inner,
      proven: false,
      warnings: quality === undefined ? warnings : [],
      facts: { inflated: inner.length, ...(quality !== undefined && { quality }) },
      lossless: quality !== undefined,
      encode: (next) => (sameBytes(next, inner) ? bytes : compress(next, quality ?? 11)),
      outerSpan: () => undefined,
    };
  },
  make: { kind: 'bytes', wrap: (inner) => compress(inner, 11) },
};

function compress(inner: Uint8Array, quality: number): Uint8Array {
  return new Uint8Array(brotliCompressSync(inner, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }));
}
