import type { Edit } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { PickleOptions } from './options.ts';

/** Applies edits to a stream and keeps the bytes of everything else. */
export function editPickle(bytes: Uint8Array, edits: readonly Edit[], _options: PickleOptions = {}): Uint8Array {
  if (edits.length === 0) return bytes.slice();
  throw problem('pickle-edit-refused', 'Editing is not there yet');
}
