import type { TypedNode } from './typed.ts';

/**
 * Where a value stands inside a decoded value. Written `cart[0].price`; keys that are not plain text are written as
 * typed JSON in brackets: `seen[{"t":"int","v":"3"}]` (parser and printer: `core/codec/path.ts`).
 */
export type Path = readonly PathStep[];

export type PathStep =
  /** A key of a mapping, compared by type and value. */
  | { readonly kind: 'key'; readonly key: TypedNode }
  /** A position in a list, tuple, deque or (in order of the stream) a set. */
  | { readonly kind: 'index'; readonly index: number }
  /** A named part of an object: `state`, `slots`, `base`, `items`, `entries`, `args`, `factory`, … */
  | { readonly kind: 'part'; readonly part: string };

/** One change of a decoded value. Paths are those of the value before any of the edits of one batch was applied. */
export type Edit =
  | { readonly op: 'set'; readonly path: Path; readonly value: TypedNode; readonly occurrences?: 'this' | 'all' }
  /** In a mapping the last step is the new key; in a sequence it is the index before which to insert. */
  | { readonly op: 'insert'; readonly path: Path; readonly value: TypedNode }
  | { readonly op: 'delete'; readonly path: Path }
  | { readonly op: 'rename'; readonly path: Path; readonly key: TypedNode }
  /** Moves a member of a list, tuple or mapping to another position. */
  | { readonly op: 'move'; readonly path: Path; readonly to: number };

/** One line of a structural difference. `before` is absent for an addition, `after` for a removal. */
export interface Difference {
  readonly path: Path;
  /** The path as text, for people and commands. */
  readonly at: string;
  readonly before?: TypedNode;
  readonly after?: TypedNode;
}
