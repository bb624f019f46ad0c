import { describe, expect, it } from 'vitest';
import type { Path } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { dict, int, recordView, str } from '../../../renderer/src/fake/fake-data.ts';
import { applyEdits } from '../../../renderer/src/fake/fake-edits.ts';
import { addTo, moveRow, removeRow, renameRow, setRow } from '../../../renderer/src/parts/value/tree-acts.ts';
import {
  newDraft,
  redone,
  stageDelete,
  stageInsert,
  stageSet,
  undone,
  unstage,
} from '../../../renderer/src/state/draft.ts';
import { flattenTree } from '../../../renderer/src/state/tree-rows.ts';

const key = (name: string): Path[number] => ({ kind: 'key', key: str(name) });
const value: TypedNode = dict({ count: int(41), cart: { t: 'list', v: [str('a'), str('b')] } });
const draft = newDraft({ ...recordView('s', 'id', value, 'r1', 0), value });
const rowAt = (edits: typeof draft, id: string) => {
  const row = flattenTree(edits.base, edits.edits, () => true).find((one) => one.id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
};

describe('staged changes', () => {
  it('keeps one edit for a place, and none when the value is the old one again', () => {
    const once = stageSet(draft, [key('count')], int(42), int(41));
    const twice = stageSet(once, [key('count')], int(43), int(41));
    expect(twice.edits).toEqual([{ op: 'set', path: [key('count')], value: int(43) }]);
    expect(stageSet(twice, [key('count')], int(41), int(41)).edits).toEqual([]);
    expect(stageSet(draft, [key('count')], int(41), int(41))).toBe(draft);
  });

  it('drops edits below a place that is replaced or removed', () => {
    const below = stageInsert(
      stageSet(draft, [key('cart'), { kind: 'index', index: 0 }], str('x'), str('a')),
      [key('cart'), { kind: 'index', index: 2 }],
      str('c'),
    );
    expect(below.edits).toHaveLength(2);
    expect(stageDelete(below, [key('cart')]).edits).toEqual([{ op: 'delete', path: [key('cart')] }]);
  });

  it('undoes and redoes step by step; a new change ends the redo', () => {
    const one = stageSet(draft, [key('count')], int(42), int(41));
    const two = stageDelete(one, [key('cart')]);
    expect(undone(two).edits).toEqual(one.edits);
    expect(redone(undone(two)).edits).toEqual(two.edits);
    expect(undone(undone(undone(two))).edits).toEqual([]);
    expect(redone(stageDelete(undone(two), [key('count')])).edits).toHaveLength(1);
  });

  it('changes a value that is itself staged in place', () => {
    const added = stageInsert(draft, [key('user')], dict({ name: str('alice') }));
    const renamed = setRow(added, rowAt(added, '/+0/.name'), str('bob'));
    expect(renamed.edits).toEqual([{ op: 'insert', path: [key('user')], value: dict({ name: str('bob') }) }]);
    const more = addTo(renamed, rowAt(renamed, '/+0'), str('age'), null, int(7));
    expect(applyEdits(value, more.edits)).toEqual(
      dict({
        count: int(41),
        cart: { t: 'list', v: [str('a'), str('b')] },
        user: dict({ name: str('bob'), age: int(7) }),
      }),
    );
    expect(removeRow(more, rowAt(more, '/+0')).edits).toEqual([]);
    const less = removeRow(more, rowAt(more, '/+0/.age'));
    expect(less.edits).toEqual(renamed.edits);
    expect(renameRow(more, rowAt(more, '/+0'), str('owner')).edits[0]?.path).toEqual([key('owner')]);
  });

  it('removes, brings back, moves within bounds and renames', () => {
    const removed = removeRow(draft, rowAt(draft, '/.count'));
    expect(removeRow(removed, rowAt(removed, '/.count')).edits).toEqual([]);
    expect(unstage(removed, 0).edits).toEqual([]);
    const moved = moveRow(draft, rowAt(draft, '/.cart/[0'), 1);
    expect(moved.edits).toEqual([{ op: 'move', path: [key('cart'), { kind: 'index', index: 0 }], to: 1 }]);
    expect(moveRow(draft, rowAt(draft, '/.cart/[1'), 1)).toBe(draft);
    const renamed = renameRow(draft, rowAt(draft, '/.count'), str('n'));
    expect(renameRow(renamed, rowAt(renamed, '/.count'), str('count')).edits).toEqual([]);
  });
});
