import { describe, expect, it } from 'vitest';
import { diff } from '../../../core/codec/diff.ts';
import type { Edit, Path } from '../../../core/model/path.ts';
import { dict, int, str } from '../../../renderer/src/fake/fake-data.ts';
import { applyEdits } from '../../../renderer/src/fake/fake-edits.ts';
import { mergedEdits, mergeItems } from '../../../renderer/src/state/merge.ts';

const key = (name: string): Path[number] => ({ kind: 'key', key: str(name) });
const base = dict({ count: int(1), name: str('a'), user: dict({ id: int(7) }) });

describe('the merge', () => {
  it('joins what touches the same place and keeps the rest apart', () => {
    const current = dict({ count: int(2), name: str('b'), user: dict({ id: int(7) }) });
    const mine: Edit[] = [
      { op: 'set', path: [key('count')], value: int(99) },
      { op: 'insert', path: [key('new')], value: int(5) },
    ];
    const items = mergeItems(mine, diff(base, current));
    expect(items.map((item) => [item.at, item.mine !== undefined, item.theirs.length])).toEqual([
      ['count', true, 1],
      ['new', true, 0],
      ['name', false, 1],
    ]);
    expect(applyEdits(current, mergedEdits(items, current))).toEqual(
      dict({ count: int(99), name: str('b'), user: dict({ id: int(7) }), new: int(5) }),
    );
    const theirs = items.map((item) => (item.at === 'count' ? { ...item, choice: 'theirs' as const } : item));
    expect(applyEdits(current, mergedEdits(theirs, current))).toEqual(
      dict({ count: int(2), name: str('b'), user: dict({ id: int(7) }), new: int(5) }),
    );
  });

  it('counts a removed parent as touching, and leaves out what has no place any more', () => {
    const current = dict({ count: int(1), name: str('a') });
    const mine: Edit[] = [{ op: 'set', path: [key('user'), key('id')], value: int(8) }];
    const items = mergeItems(mine, diff(base, current));
    expect(items).toHaveLength(1);
    expect(items[0]?.theirs).toHaveLength(1);
    expect(mergedEdits(items, current)).toEqual([]);
  });

  it('does not take a longer name for a place below', () => {
    const items = mergeItems(
      [{ op: 'set', path: [key('count')], value: int(3) }],
      [{ path: [key('counter')], at: 'counter', after: int(1) }],
    );
    expect(items).toHaveLength(2);
  });

  it('turns an edit of a value that is gone into an addition, and an addition of one that is there into a change', () => {
    const current = dict({ name: str('a'), user: dict({ id: int(7) }), new: int(0) });
    const mine: Edit[] = [
      { op: 'set', path: [key('count')], value: int(99) },
      { op: 'insert', path: [key('new')], value: int(5) },
      { op: 'delete', path: [key('gone')] },
    ];
    expect(mergedEdits(mergeItems(mine, []), current).map((edit) => edit.op)).toEqual(['insert', 'set']);
  });
});
