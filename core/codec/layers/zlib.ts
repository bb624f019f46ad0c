import { problem } from '../../model/problem.ts';
import { concat } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import { adler32 } from './checksums.ts';
import { compressedLayer } from './compressed.ts';
import { deflateRaw, findSettings, USUAL } from './deflate-settings.ts';
import { inflate } from './inflate.ts';

/** Levels that the two header bits FLEVEL stand for (RFC 1950, section 2.2), most usual first. */
const LEVELS = [[1], [2, 3, 4, 5], [6], [9, 7, 8]] as const;

/** zlib streams (RFC 1950). */
export const zlib: Layer = {
  id: 'zlib',
  title: 'zlib',
  recognise(bytes) {
    if (bytes.length < 8 || !headerFits(bytes)) return undefined;
    return { score: 0.8, reasons: ['Starts with a zlib header whose check bits fit'] };
  },
  decode: decodeZlib,
  make: {
    kind: 'bytes',
    wrap: (inner) => concat([Uint8Array.of(0x78, 0x9c), deflateRaw(inner, USUAL, 15), adler32(inner)]),
  },
};

function headerFits(bytes: Uint8Array): boolean {
  const method = bytes[0] as number;
  const flags = bytes[1] as number;
  return (method & 15) === 8 && method >> 4 <= 7 && ((method << 8) | flags) % 31 === 0 && (flags & 0x20) === 0;
}

function decodeZlib(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  if (bytes.length < 2) throw problem('zlib-truncated', 'The zlib data ends too early', { at: bytes.length });
  if (!headerFits(bytes)) throw problem('zlib-header', 'This is not the header of a zlib stream', { at: 0 });
  const { bytes: inner, consumed } = inflate(bytes, 'zlib', context);
  if (consumed < bytes.length) throw problem('zlib-trailing', 'Something follows the zlib stream', { at: consumed });
  const windowBits = ((bytes[0] as number) >> 4) + 8;
  const levels = LEVELS[((bytes[1] as number) >> 6) as 0 | 1 | 2 | 3];
  const raw = bytes.subarray(2, bytes.length - 4);
  return compressedLayer({
    outer: bytes,
    inner,
    head: bytes.subarray(0, 2),
    trailer: adler32,
    windowBits,
    settings: findSettings(inner, raw, windowBits, [
      ...levels,
      ...LEVELS.flat().filter((one) => !levels.includes(one as never)),
      0,
    ]),
    facts: { inflated: inner.length },
    proven: true,
  });
}
