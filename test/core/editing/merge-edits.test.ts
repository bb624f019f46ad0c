import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, encodeNew } from '../../../core/codec/codec.ts';
import { dictNode, intNode, listNode, strNode, typedEqual } from '../../../core/codec/typed.ts';
import { editsBetween, fitted, mergeEdits } from '../../../core/editing/merge-edits.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { codec, insert, set } from '../../support/editing-harness.ts';

const LAYERS = ['base64', 'pickle'];
const node = (value: unknown): TypedNode => {
  if (typeof value === 'number') return intNode(value);
  if (typeof value === 'string') return strNode(value);
  if (Array.isArray(value)) return listNode(value.map(node));
  return dictNode(Object.entries(value as object).map(([key, child]) => [strNode(key), node(child)]));
};
const apply = (value: TypedNode, edits: Parameters<typeof applyEdits>[1]) =>
  codec.decode(applyEdits(encodeNew(value, LAYERS), edits, { as: LAYERS })).value as TypedNode;

describe('mergeEdits', () => {
  const base = node({
    count: 3,
    cart: [
      { id: 1, n: 1 },
      { id: 2, n: 1 },
    ],
    user: { name: 'alice', age: 3 },
  });

  it.each([
    ['another key', set('count', '41'), { user: { name: 'bob', age: 3 } }, true],
    ['the same key', set('count', '41'), { count: 4 }, false],
    ['inside what I replace', set('user', '{"name":"x"}'), { user: { name: 'bob', age: 3 } }, false],
    ['beside it in the same mapping', set('user.age', '9'), { user: { name: 'bob', age: 3 } }, true],
    ['around it', set('user.age', '9'), { user: 'gone' }, false],
    [
      'another member of the same list',
      set('cart[0].n', '5'),
      {
        cart: [
          { id: 1, n: 1 },
          { id: 2, n: 9 },
        ],
      },
      true,
    ],
    [
      'the list got another member',
      set('cart[1].n', '5'),
      {
        cart: [
          { id: 0, n: 0 },
          { id: 1, n: 1 },
          { id: 2, n: 1 },
        ],
      },
      false,
    ],
    ['a key that both add', insert('note', '1'), { note: 2 }, false],
    ['a key that I add and they do not', insert('note', '1'), { other: 2 }, true],
  ])('%s', (_name, edit, theirs, merges) => {
    const current = node({
      count: 3,
      cart: [
        { id: 1, n: 1 },
        { id: 2, n: 1 },
      ],
      user: { name: 'alice', age: 3 },
      ...theirs,
    });
    const merged = mergeEdits(base, current, [edit]);
    expect(merged.edits).toHaveLength(merges ? 1 : 0);
    expect(merged.collisions).toHaveLength(merges ? 0 : 1);
  });

  const leaf = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.string({ maxLength: 3 }));
  const value = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }), fc.dictionary(fc.constantFrom('x', 'y', 'z'), leaf)),
    { maxKeys: 5 },
  );

  it('what merges takes nothing of theirs away and puts all of mine in', () => {
    let merged = 0;
    fc.assert(
      fc.property(value, value, value, (was, mine, theirs) => {
        const [from, to, now] = [node(was), node(mine), node(theirs)];
        const edits = editsBetween(from, to);
        const outcome = mergeEdits(from, now, edits);
        if (outcome.collisions.length > 0) return;
        merged += 1;
        const result = apply(now, fitted(outcome.edits, now));
        // The other order gives the same: neither side stands on the other's ground.
        const other = mergeEdits(from, to, editsBetween(from, now));
        expect(other.collisions).toEqual([]);
        expect(sorted(result)).toEqual(sorted(apply(to, fitted(other.edits, to))));
      }),
      { numRuns: 2_000 },
    );
    expect(merged).toBeGreaterThan(100);
  });

  it('editsBetween leads from one value to the other', () => {
    fc.assert(
      fc.property(value, value, (was, then) => {
        const [from, to] = [node(was), node(then)];
        const result = apply(from, editsBetween(from, to));
        expect(sorted(result)).toEqual(sorted(to));
        if (Object.keys(was).join() === Object.keys(then).join())
          expect(typedEqual(result, to) || keysMoved(was, then)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Order of keys left aside, which edits do not carry. */
function sorted(value: TypedNode): unknown {
  if (value.t === 'dict') {
    return Object.fromEntries(
      value.v
        .map(([key, child]): [string, unknown] => [(key as { v: string }).v, sorted(child)])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  if (value.t === 'list') return value.v.map(sorted);
  return value;
}

function keysMoved(was: object, then: object): boolean {
  const inner = (value: object) =>
    JSON.stringify(Object.values(value).map((v) => (typeof v === 'object' ? Object.keys(v) : 0)));
  return inner(was) !== inner(then);
}
