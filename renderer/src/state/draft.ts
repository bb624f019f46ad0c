import { formatPath } from '../../../core/codec/path.ts';
import type { Edit, Path } from '../../../core/model/path.ts';
import type { RecordView } from '../../../core/model/session.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { sameNode } from './typed-edit.ts';

/**
 * Changes of a record that are staged and not yet written. All paths are those of `base`, the value as it was read at
 * `revision`; staging keeps at most one edit of a kind for a place and none below a place that is replaced or removed.
 */
export interface Draft {
  readonly storeId: string;
  readonly id: string;
  readonly revision: string;
  readonly base: TypedNode;
  readonly edits: readonly Edit[];
  readonly past: readonly (readonly Edit[])[];
  readonly future: readonly (readonly Edit[])[];
}

export function newDraft(record: RecordView & { value: TypedNode }): Draft {
  return {
    storeId: record.storeId,
    id: record.id,
    revision: record.revision,
    base: record.value,
    edits: [],
    past: [],
    future: [],
  };
}

export function staged(draft: Draft, edits: readonly Edit[]): Draft {
  if (edits === draft.edits) return draft;
  return { ...draft, edits, past: [...draft.past, draft.edits], future: [] };
}

export function undone(draft: Draft): Draft {
  const last = draft.past.at(-1);
  if (last === undefined) return draft;
  return { ...draft, edits: last, past: draft.past.slice(0, -1), future: [draft.edits, ...draft.future] };
}

export function redone(draft: Draft): Draft {
  const [next, ...rest] = draft.future;
  if (next === undefined) return draft;
  return { ...draft, edits: next, past: [...draft.past, draft.edits], future: rest };
}

/** A new value for a place of the base; staging the value it has already takes the change back. */
export function stageSet(draft: Draft, path: Path, value: TypedNode, before: TypedNode, all = false): Draft {
  const others = draft.edits.filter((edit) => !(covers(path, edit) && edit.op !== 'rename' && edit.op !== 'move'));
  if (sameNode(value, before)) {
    return others.length === draft.edits.length ? draft : staged(draft, others);
  }
  return staged(draft, [...others, { op: 'set', path, value, ...(all ? { occurrences: 'all' as const } : {}) }]);
}

export function stageDelete(draft: Draft, path: Path): Draft {
  const others = draft.edits.filter((edit) => !covers(path, edit));
  return staged(draft, [...others, { op: 'delete', path }]);
}

export function stageInsert(draft: Draft, path: Path, value: TypedNode): Draft {
  return staged(draft, [...draft.edits, { op: 'insert', path, value }]);
}

export function stageRename(draft: Draft, path: Path, key: TypedNode): Draft {
  const others = draft.edits.filter((edit) => !(edit.op === 'rename' && samePath(edit.path, path)));
  const last = path.at(-1);
  if (last?.kind === 'key' && sameNode(last.key, key)) return staged(draft, others);
  return staged(draft, [...others, { op: 'rename', path, key }]);
}

export function stageMove(draft: Draft, path: Path, to: number): Draft {
  const others = draft.edits.filter((edit) => !(edit.op === 'move' && samePath(edit.path, path)));
  return staged(draft, [...others, { op: 'move', path, to }]);
}

/** Replaces the value of a staged `set` or `insert` (an edit inside of what is itself new). */
export function stageInto(draft: Draft, index: number, value: TypedNode): Draft {
  return staged(
    draft,
    draft.edits.map((edit, i) =>
      i === index && (edit.op === 'set' || edit.op === 'insert') ? { ...edit, value } : edit,
    ),
  );
}

/** Renames the key of a staged `insert`. */
export function stageInsertKey(draft: Draft, index: number, key: TypedNode): Draft {
  return staged(
    draft,
    draft.edits.map((edit, i) =>
      i === index && edit.op === 'insert' ? { ...edit, path: [...edit.path.slice(0, -1), { kind: 'key', key }] } : edit,
    ),
  );
}

export function unstage(draft: Draft, index: number): Draft {
  return staged(
    draft,
    draft.edits.filter((_, i) => i !== index),
  );
}

/** Whether the edit is about the place or something below it; an insert counts for what it is inserted into. */
function covers(path: Path, edit: Edit): boolean {
  if (edit.op === 'insert') {
    const parent = edit.path.slice(0, -1);
    return parent.length >= path.length && startsWith(parent, path);
  }
  return startsWith(edit.path, path);
}

function startsWith(path: Path, prefix: Path): boolean {
  return path.length >= prefix.length && samePath(path.slice(0, prefix.length), prefix);
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && formatPath(a) === formatPath(b);
}
