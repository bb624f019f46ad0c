import { concat } from '../bytes.ts';
import type { BytesDecoded, LayerContext } from '../layer.ts';
import { adler32 } from '../layers/checksums.ts';
import { deflateRaw, USUAL } from '../layers/deflate-settings.ts';
import { zlib } from '../layers/zlib.ts';

/** A zlib stream inside a signed value, with the settings that it was made with. */
export function inflated(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const decoded = zlib.decode(bytes, context);
  if (decoded.kind !== 'bytes') throw new TypeError('zlib holds bytes');
  return decoded;
}

/** A zlib stream as `zlib.compress` of CPython writes it. */
export function deflated(inner: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(0x78, 0x9c), deflateRaw(inner, USUAL, 15), adler32(inner)]);
}
