import { formatPath, getAt } from '../../../core/codec/path.ts';
import type { Difference, Edit } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';

/** One line of the merge dialog: what I want there and what the application did there. */
export interface MergeItem {
  readonly at: string;
  readonly mine?: Edit;
  readonly theirs: readonly Difference[];
  readonly choice: 'mine' | 'theirs';
}

/**
 * My staged edits and the application's changes side by side, joined where one stands at, above or below the other.
 * Mine are chosen at first: they are what the user was about to write.
 */
export function mergeItems(mine: readonly Edit[], theirs: readonly Difference[]): MergeItem[] {
  const left = new Set(theirs);
  const items: MergeItem[] = mine.map((edit) => {
    const at = formatPath(edit.path);
    const touched = theirs.filter((difference) => related(at, difference.at));
    for (const difference of touched) left.delete(difference);
    return { at, mine: edit, theirs: touched, choice: 'mine' };
  });
  for (const difference of left) items.push({ at: difference.at, theirs: [difference], choice: 'theirs' });
  return items;
}

function related(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return long === short || short === '' || (long.startsWith(short) && /^[.[]/.test(long.slice(short.length)));
}

/** The chosen edits of mine, fitted to the record as it is now; those that have no place any more are left out. */
export function mergedEdits(items: readonly MergeItem[], current: TypedNode): Edit[] {
  return items.flatMap(({ mine, choice }): Edit[] => {
    if (mine === undefined || choice === 'theirs') return [];
    const there = getAt(current, mine.path) !== undefined;
    const parentThere = mine.path.length === 0 || getAt(current, mine.path.slice(0, -1)) !== undefined;
    const last = mine.path.at(-1);
    switch (mine.op) {
      case 'set':
        if (there) return [mine];
        return parentThere && last !== undefined ? [{ op: 'insert', path: mine.path, value: mine.value }] : [];
      case 'insert':
        if (there && last?.kind === 'key') return [{ op: 'set', path: mine.path, value: mine.value }];
        return parentThere ? [mine] : [];
      default:
        return there ? [mine] : [];
    }
  });
}
