import type { Path } from '../../model/path.ts';
import type { PickleNode } from './node.ts';
import { endOf, type Occurrence, stepDown } from './occurrence.ts';
import type { ReaderState } from './reader-state.ts';

/** Bytes `start` (included) to `end` (excluded) of the stream. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The occurrence of a value at a path; undefined when a step leads nowhere. */
export function occurrenceAt(r: ReaderState, path: Path): Occurrence | undefined {
  let found: Occurrence | undefined = { node: r.root as PickleNode, start: r.rootStart };
  for (const step of path) {
    if (found === undefined) return undefined;
    found = stepDown(r, found, step);
  }
  return found;
}

/** The bytes that make the value at a path, its memo opcode included. */
export function spanAt(r: ReaderState, path: Path): Span | undefined {
  const found = occurrenceAt(r, path);
  if (found === undefined || found.start < 0) return undefined;
  return { start: found.start, end: endOf(r, found) };
}
