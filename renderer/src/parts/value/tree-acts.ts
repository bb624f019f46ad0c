import type { TypedNode } from '../../../../core/model/typed.ts';
import {
  type Draft,
  stageDelete,
  stageInsert,
  stageInsertKey,
  stageInto,
  stageMove,
  stageRename,
  stageSet,
  unstage,
} from '../../state/draft.ts';
import type { TreeRow } from '../../state/tree-rows.ts';
import { insertAt, isMapping, isSequence, replaceAt } from '../../state/typed-edit.ts';

/*
 * What the acts of a row do to the draft. A row of the base stages an edit of its own; a row inside of a value that is
 * itself staged changes that value.
 */

function stagedValue(draft: Draft, edit: number): TypedNode | undefined {
  const staged = draft.edits[edit];
  return staged?.op === 'set' || staged?.op === 'insert' ? staged.value : undefined;
}

export function setRow(draft: Draft, row: TreeRow, value: TypedNode, all = false): Draft {
  if (row.origin.from === 'base') return stageSet(draft, row.path, value, row.node, all);
  const { edit, sub } = row.origin;
  const whole = stagedValue(draft, edit);
  if (whole === undefined) return draft;
  if (sub.length === 0 && row.status === 'set' && row.before !== undefined) {
    return stageSet(draft, row.path, value, row.before, all);
  }
  return stageInto(draft, edit, replaceAt(whole, sub, value));
}

export function removeRow(draft: Draft, row: TreeRow): Draft {
  if (row.status === 'deleted') return row.edit === undefined ? draft : unstage(draft, row.edit);
  if (row.origin.from === 'base' || row.status === 'set') return stageDelete(draft, row.path);
  const { edit, sub } = row.origin;
  if (sub.length === 0) return unstage(draft, edit);
  const whole = stagedValue(draft, edit);
  return whole === undefined ? draft : stageInto(draft, edit, replaceAt(whole, sub, undefined));
}

export function renameRow(draft: Draft, row: TreeRow, key: TypedNode): Draft {
  if (row.origin.from === 'staged' && row.status === 'inserted') return stageInsertKey(draft, row.origin.edit, key);
  if (row.origin.from === 'staged' && row.origin.sub.length > 0) return draft;
  return stageRename(draft, row.path, key);
}

/** Positions are those after the move, among the members of the same parent. */
export function moveRow(draft: Draft, row: TreeRow, by: -1 | 1): Draft {
  if (row.origin.from === 'staged' || row.parent === null) return draft;
  if (!isMapping(row.parent) && !isSequence(row.parent)) return draft;
  if (row.parent.t === 'set' || row.parent.t === 'frozenset') return draft;
  const from = row.movedTo ?? row.position - 1;
  const to = Math.max(0, Math.min(row.parent.v.length - 1, from + by));
  return to === from ? draft : stageMove(draft, row.path, to);
}

/** Adds a member: under a key to a mapping, else before a position (by default at the end). */
export function addTo(
  draft: Draft,
  parent: TreeRow,
  key: TypedNode | null,
  at: number | null,
  value: TypedNode,
): Draft {
  const length = isSequence(parent.node) ? parent.node.v.length : 0;
  const step = key === null ? { kind: 'index' as const, index: at ?? length } : { kind: 'key' as const, key };
  if (parent.origin.from === 'base') return stageInsert(draft, [...parent.path, step], value);
  const { edit, sub } = parent.origin;
  const whole = stagedValue(draft, edit);
  if (whole === undefined) return draft;
  return stageInto(draft, edit, replaceAt(whole, sub, insertAt(parent.node, step, value)));
}
