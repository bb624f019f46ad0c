import { diff } from '../codec/diff.ts';
import { getAt } from '../codec/path.ts';
import type { Difference, Edit, Path, PathStep } from '../model/path.ts';
import type { TypedNode } from '../model/typed.ts';

export interface Merge {
  /** My edits that touch nothing which the other side changed, in order. */
  readonly edits: readonly Edit[];
  /** The others, each with what the other side did there. */
  readonly collisions: readonly { readonly edit: Edit; readonly theirs: readonly Difference[] }[];
  /** All that the other side changed. */
  readonly theirs: readonly Difference[];
}

/**
 * Brings my edits of `base` together with what became of it meanwhile (`current`). An edit collides when the other side
 * changed the same place, a place inside it or one around it, or moved the members of a sequence that its path goes
 * through. What does not collide means the same in `current` as it did in `base`. Pure.
 */
export function mergeEdits(base: TypedNode, current: TypedNode, mine: readonly Edit[]): Merge {
  const theirs = diff(base, current);
  const edits: Edit[] = [];
  const collisions: { edit: Edit; theirs: readonly Difference[] }[] = [];
  for (const edit of mine) {
    const against = theirs.filter((line) => touches(edit, line));
    if (against.length === 0) edits.push(edit);
    else collisions.push({ edit, theirs: against });
  }
  return { edits, collisions, theirs };
}

function touches(edit: Edit, line: Difference): boolean {
  if (isPrefix(edit.path, line.path) || isPrefix(line.path, edit.path)) return true;
  if (edit.op === 'rename' && isPrefix([...edit.path.slice(0, -1), { kind: 'key', key: edit.key }], line.path))
    return true;
  // An index means another member once one was added to or removed from the sequence before it.
  const shifted = line.before === undefined || line.after === undefined;
  return shifted && sameSequence(edit.path, line.path);
}

/** The other side's path ends in an index, and mine goes through the same sequence. */
function sameSequence(mine: Path, theirs: Path): boolean {
  if (theirs.at(-1)?.kind !== 'index') return false;
  const parent = theirs.slice(0, -1);
  return mine.length > parent.length && mine[parent.length]?.kind === 'index' && isPrefix(parent, mine);
}

function isPrefix(short: Path, long: Path): boolean {
  return short.length <= long.length && short.every((step, i) => sameStep(step, long[i] as PathStep));
}

function sameStep(a: PathStep, b: PathStep): boolean {
  if (a.kind === 'index') return b.kind === 'index' && a.index === b.index;
  if (a.kind === 'part') return b.kind === 'part' && a.part === b.part;
  return b.kind === 'key' && JSON.stringify(a.key) === JSON.stringify(b.key);
}

/**
 * The edits that lead from one value to another. Where members of a sequence came or went, the whole sequence is set:
 * indexes before and after do not mean the same there. The order of a mapping's keys is left aside.
 */
export function editsBetween(from: TypedNode, to: TypedNode): Edit[] {
  const lines = diff(from, to).filter(({ path }) => path.at(-1)?.kind !== 'part' || getAt(to, path) !== undefined);
  const whole = lines
    .filter(({ path, before, after }) => path.at(-1)?.kind === 'index' && (before === undefined || after === undefined))
    .map(({ path }) => path.slice(0, -1))
    .filter((path, i, all) => !all.some((other, j) => isPrefix(other, path) && (other.length < path.length || j < i)));
  const edits: Edit[] = [];
  for (const path of whole) {
    const value = getAt(to, path);
    if (value !== undefined) edits.push({ op: 'set', path, value });
  }
  for (const { path, before, after } of lines) {
    if (whole.some((sequence) => isPrefix(sequence, path))) continue;
    if (after === undefined) edits.push({ op: 'delete', path });
    else if (before === undefined) edits.push({ op: 'insert', path, value: after });
    else edits.push({ op: 'set', path, value: after });
  }
  return edits;
}

/** The same edits for another value: what is there already is set instead of inserted, what is gone is not deleted. */
export function fitted(edits: readonly Edit[], value: TypedNode): Edit[] {
  return edits.flatMap((edit): Edit[] => {
    const there = getAt(value, edit.path) !== undefined;
    if (edit.op === 'insert' && there) return [{ op: 'set', path: edit.path, value: edit.value }];
    if (edit.op === 'set' && !there) return [{ op: 'insert', path: edit.path, value: edit.value }];
    return edit.op === 'delete' && !there ? [] : [edit];
  });
}
