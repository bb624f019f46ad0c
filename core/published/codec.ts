/** The module `sessionscope/codec`: bytes to typed values through layers, and back to the very same bytes. */

export { toNotation } from '../codec/abbreviate.ts';
export { diff } from '../codec/diff.ts';
export { formatPath, parsePath } from '../codec/path.ts';
export { fromPlainJson, toPlain } from '../codec/typed-plain.ts';
export { applyEdits, type Decoded, type DecodeOptions, decode, encodeNew } from '../frameworks/codec.ts';
export type { Edit, Path } from '../model/path.ts';
export type { TypedNode } from '../model/typed.ts';
