import * as shared from '../codec/codec.ts';
import type { Edit } from '../model/path.ts';
import type { TypedNode } from '../model/typed.ts';
import { LAYERS } from './layers.ts';

/*
 * The codec with the layers of all frameworks. Everything above the codec uses these functions and not those of
 * `core/codec/codec.ts`, which know the shared layers alone; `scripts/check-imports.ts` refuses the latter.
 */

export type { Decoded, DecodedData, DecodeOptions } from '../codec/codec.ts';
export { LAYERS } from './layers.ts';

/** See `decode` of `core/codec/codec.ts`. */
export function decode(bytes: Uint8Array, options: shared.DecodeOptions = {}): shared.Decoded {
  return shared.decode(bytes, { layers: LAYERS, ...options });
}

/** See `applyEdits` of `core/codec/codec.ts`. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[], options: shared.DecodeOptions = {}): Uint8Array {
  return shared.applyEdits(bytes, edits, { layers: LAYERS, ...options });
}

/** See `applyEditsFully` of `core/codec/codec.ts`. */
export function applyEditsFully(
  bytes: Uint8Array,
  edits: readonly Edit[],
  options: shared.DecodeOptions = {},
): shared.EditedData {
  return shared.applyEditsFully(bytes, edits, { layers: LAYERS, ...options });
}

/** See `encodeNew` of `core/codec/codec.ts`. */
export function encodeNew(value: TypedNode, layers: readonly string[]): Uint8Array {
  return shared.encodeNew(value, layers, LAYERS);
}
