import { describe, expect, it } from 'vitest';
import { formatPath } from '../../../core/codec/path.ts';
import type { Edit, Path } from '../../../core/model/path.ts';
import { dict, int, manyNodes, shopData, str } from '../../../renderer/src/fake/fake-data.ts';
import { childCount, containerIds, flattenTree, pathId } from '../../../renderer/src/state/tree-rows.ts';

const key = (name: string): Path[number] => ({ kind: 'key', key: str(name) });
const index = (at: number): Path[number] => ({ kind: 'index', index: at });
const all = () => true;
const base = dict({ count: int(41), cart: { t: 'list', v: [str('a'), str('b')] }, user: dict({ name: str('alice') }) });
const lines = (edits: Edit[]) =>
  flattenTree(base, edits, all).map((row) => `${'  '.repeat(row.depth)}${formatPath(row.path)} ${row.status}`);

describe('the tree as rows', () => {
  it('lists every node once, in the order of the value', () => {
    expect(lines([])).toEqual([
      ' same',
      '  count same',
      '  cart same',
      '    cart[0] same',
      '    cart[1] same',
      '  user same',
      '    user.name same',
    ]);
  });

  it('shows only what is expanded', () => {
    expect(flattenTree(base, [], (id) => id === '').map((row) => row.depth)).toEqual([0, 1, 1, 1]);
  });

  it('lays staged edits over the base: set, delete, insert before a position, insert under a key, rename, move', () => {
    expect(
      lines([
        { op: 'set', path: [key('count')], value: int(42) },
        { op: 'delete', path: [key('user')] },
        { op: 'insert', path: [key('cart'), index(1)], value: str('new') },
        { op: 'insert', path: [key('fresh')], value: dict({ deep: int(1) }) },
      ]),
    ).toEqual([
      ' same',
      '  count set',
      '  cart same',
      '    cart[0] same',
      '    cart[1] inserted',
      '    cart[1] same',
      '  user deleted',
      '  fresh inserted',
      '    fresh.deep same',
    ]);
    const rows = flattenTree(
      base,
      [
        { op: 'rename', path: [key('count')], key: str('n') },
        { op: 'move', path: [key('cart'), index(0)], to: 1 },
      ],
      all,
    );
    expect(rows[1]?.renamedTo).toEqual(str('n'));
    expect(rows.find((row) => formatPath(row.path) === 'cart[0]')?.movedTo).toBe(1);
  });

  it('gives rows inside of staged values an origin in the edit', () => {
    const rows = flattenTree(base, [{ op: 'set', path: [key('count')], value: dict({ a: int(1) }) }], all);
    const inside = rows.find((row) => formatPath(row.path) === 'count.a');
    expect(inside?.origin).toEqual({ from: 'staged', edit: 0, sub: [key('a')] });
    expect(rows[1]?.before).toEqual(int(41));
  });

  it('keeps the id of a row while values change, and names it as its path does', () => {
    const before = flattenTree(base, [], all).map((row) => row.id);
    const changed = dict({
      count: int(99),
      cart: { t: 'list', v: [str('x'), str('b')] },
      user: dict({ name: str('b') }),
    });
    expect(flattenTree(changed, [], all).map((row) => row.id)).toEqual(before);
    for (const row of flattenTree(base, [], all)) expect(row.id).toBe(pathId(row.path));
  });

  it('has unique ids for every kind of node and key', () => {
    const ids = flattenTree(shopData(), [], all).map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(35);
  });

  it('flattens 100,000 nodes', () => {
    const big = manyNodes(100_000);
    const ids = containerIds(big, 1_000_000);
    const rows = flattenTree(big, [], (id) => ids.has(id));
    expect(rows).toHaveLength(1 + 2 + 25_000 + 75_000);
    expect(rows.at(-1)?.depth).toBe(3);
    expect(childCount(big)).toBe(2);
  });
});
