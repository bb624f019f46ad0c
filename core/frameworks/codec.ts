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

/**
 * Takes bytes apart into layers and a typed value. The layers are guessed unless `as` names them. What the bytes are
 * never throws: see `error` of the result. Nothing is ever executed, and everything stays within limits.
 * @throws ProblemError `bad-layers`, `bad-layer` for a wrong choice, `cancelled` when the signal fired
 */
export function decode(bytes: Uint8Array, options: shared.DecodeOptions = {}): shared.Decoded {
  return shared.decode(bytes, { layers: LAYERS, ...options });
}

/**
 * The bytes after some edits: taken apart, edited in the innermost format, put together again in the manner of the
 * original, then read back and compared. Paths are those of the value before.
 * @throws ProblemError when the bytes cannot be read, a place does not exist, the format cannot say a value, or (kind
 *   `edit-not-exact`) what was written is not exactly what was asked for
 */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[], options: shared.DecodeOptions = {}): Uint8Array {
  return shared.applyEdits(bytes, edits, { layers: LAYERS, ...options });
}

/** As `applyEdits`, with the cookies that belong to the value and the state of its signature. */
export function applyEditsFully(
  bytes: Uint8Array,
  edits: readonly Edit[],
  options: shared.DecodeOptions = {},
): shared.EditedData {
  return shared.applyEditsFully(bytes, edits, { layers: LAYERS, ...options });
}

/** New bytes for a value in the usual form of the layers, outermost first: `encodeNew(value, ['base64', 'pickle'])`. */
export function encodeNew(value: TypedNode, layers: readonly string[]): Uint8Array {
  return shared.encodeNew(value, layers, LAYERS);
}
