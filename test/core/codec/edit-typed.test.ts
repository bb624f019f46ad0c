import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyToTyped } from '../../../core/codec/edit-typed.ts';
import { fromGraph, toGraph } from '../../../core/codec/graph.ts';
import { parsePath } from '../../../core/codec/path.ts';
import { parseTyped, fromPlainJson as plain, toPlain, typedEqual } from '../../../core/codec/typed.ts';
import type { Edit } from '../../../core/model/path.ts';
import { ProblemError } from '../../../core/model/problem.ts';
import { typedValue } from '../../support/typed-arbitrary.ts';

const at = (text: string) => parsePath(text);
const value = plain({ cart: [1, 2, 3], user: { name: 'Ann' } });
const run = (...edits: Edit[]) => toPlain(applyToTyped(value, edits));

it('gives a graph back as the value it was made of', () => {
  fc.assert(
    fc.property(typedValue(), (node) => {
      expect(fromGraph(toGraph(node))).toEqual(node);
    }),
    { numRuns: 1000, seed: 51 },
  );
  const loop = parseTyped({
    t: 'dict',
    id: 1,
    v: [
      [
        { t: 'str', v: 'me' },
        { t: 'ref', id: 1 },
      ],
    ],
  });
  expect(fromGraph(toGraph(loop))).toEqual(loop);
});

it('takes all paths as those of the value before', () => {
  expect(run({ op: 'delete', path: at('cart[0]') }, { op: 'set', path: at('cart[2]'), value: plain(9) })).toEqual({
    cart: [2, 9],
    user: { name: 'Ann' },
  });
  expect(
    run(
      { op: 'insert', path: at('cart[0]'), value: plain('a') },
      { op: 'insert', path: at('cart[0]'), value: plain('b') },
    ),
  ).toMatchObject({ cart: ['a', 'b', 1, 2, 3] });
  expect(run({ op: 'insert', path: at('cart[3]'), value: plain(4) })).toMatchObject({ cart: [1, 2, 3, 4] });
  expect(run({ op: 'move', path: at('cart[0]'), to: 2 })).toMatchObject({ cart: [2, 3, 1] });
  expect(run({ op: 'rename', path: at('user.name'), key: plain('nick') })).toMatchObject({ user: { nick: 'Ann' } });
  expect(Object.keys(run({ op: 'rename', path: at('cart'), key: plain('basket') }) as object)).toEqual([
    'basket',
    'user',
  ]);
  expect(run({ op: 'set', path: [], value: plain(1) })).toBe(1);
});

const shared = parseTyped({
  t: 'dict',
  v: [
    [
      { t: 'str', v: 'a' },
      { t: 'list', id: 1, v: [{ t: 'int', v: '1' }] },
    ],
    [
      { t: 'str', v: 'b' },
      { t: 'ref', id: 1 },
    ],
    [
      { t: 'str', v: 'c' },
      { t: 'ref', id: 1 },
    ],
  ],
});

it('asks which occurrence of a shared value is meant', () => {
  const set = (path: string, occurrences?: 'this' | 'all'): Edit => ({
    op: 'set',
    path: at(path),
    value: plain('new'),
    ...(occurrences && { occurrences }),
  });
  expect(kindOf(() => applyToTyped(shared, [set('b')]))).toBe('shared-value');
  expect(applyToTyped(shared, [set('a', 'this')])).toEqual({
    t: 'dict',
    v: [
      [plain('a'), plain('new')],
      [plain('b'), { t: 'list', id: 1, v: [plain(1)] }],
      [plain('c'), { t: 'ref', id: 1 }],
    ],
  });
  expect(toPlain(applyToTyped(shared, [set('c', 'all')]))).toEqual({ a: 'new', b: 'new', c: 'new' });
  // What is inside a shared object changes for all that share it.
  const inside = applyToTyped(shared, [{ op: 'insert', path: at('c[1]'), value: plain(2) }]);
  expect(
    typedEqual(
      inside,
      parseTyped(JSON.stringify(shared).replace('{"t":"int","v":"1"}', '{"t":"int","v":"1"},{"t":"int","v":"2"}')),
    ),
  ).toBe(true);
  // The last other occurrence gone, the rest is no longer shared.
  const gone = applyToTyped(shared, [
    { op: 'delete', path: at('a') },
    { op: 'delete', path: at('b') },
  ]);
  expect(gone).toEqual({ t: 'dict', v: [[plain('c'), { t: 'list', v: [plain(1)] }]] });
});

it('understands short paths into objects and adds parts that are missing', () => {
  const user = parseTyped({
    t: 'object',
    class: 'shop.User',
    state: {
      t: 'dict',
      v: [
        [
          { t: 'str', v: 'name' },
          { t: 'str', v: 'Ann' },
        ],
      ],
    },
  });
  const renamed = applyToTyped(user, [{ op: 'set', path: at('name'), value: plain('Bob') }]);
  expect(renamed).toMatchObject({ state: { v: [[{}, { v: 'Bob' }]] } });
  const bare = parseTyped({ t: 'object', class: 'shop.User', state: null });
  expect(applyToTyped(bare, [{ op: 'set', path: at('@state'), value: plain({ a: 1 }) }])).toMatchObject({
    state: { t: 'dict' },
  });
});

it('keeps objects whole: what a part must hold, it holds', () => {
  const call = parseTyped({ t: 'reduce', func: 'shop.make', args: [{ t: 'int', v: '1' }], state: { t: 'none' } });
  const edit = (more: Edit) => () => applyToTyped(call, [more]);
  expect(kindOf(edit({ op: 'delete', path: at('@args') }))).toBe('bad-edit');
  expect(kindOf(edit({ op: 'rename', path: at('@args'), key: plain('x') }))).toBe('bad-edit');
  expect(kindOf(edit({ op: 'set', path: at('@items'), value: plain(3) }))).toBe('bad-edit');
  expect(kindOf(edit({ op: 'set', path: at('@entries'), value: plain([3]) }))).toBe('bad-edit');
  expect(edit({ op: 'delete', path: at('@state') })()).toEqual({ t: 'reduce', func: 'shop.make', args: [plain(1)] });
  expect(edit({ op: 'set', path: at('@args'), value: plain([2, 3]) })()).toMatchObject({ args: [plain(2), plain(3)] });
  expect(edit({ op: 'set', path: at('@items'), value: plain([4]) })()).toMatchObject({ items: [plain(4)] });
});

it('treats keys that are one key in Python as one', () => {
  const numbers = parseTyped({ t: 'dict', v: [[{ t: 'int', v: '1' }, { t: 'none' }]] });
  for (const key of [
    '{"t":"int","v":"1"}',
    '{"t":"bool","v":true}',
    '{"t":"float","v":"1.0","hex":"3ff0000000000000"}',
  ]) {
    expect(kindOf(() => applyToTyped(numbers, [{ op: 'insert', path: at(`[${key}]`), value: plain(0) }]))).toBe(
      'key-exists',
    );
  }
  const more = applyToTyped(numbers, [{ op: 'insert', path: at('["1"]'), value: plain(0) }]);
  expect(more).toMatchObject({
    v: [
      [{ t: 'int' }, {}],
      [{ t: 'str' }, {}],
    ],
  });
});

it('refuses what has no place', () => {
  expect(kindOf(() => run({ op: 'set', path: at('user.age'), value: plain(1) }))).toBe('no-such-place');
  expect(kindOf(() => run({ op: 'delete', path: [] }))).toBe('bad-edit');
  expect(kindOf(() => run({ op: 'rename', path: at('user.name'), key: plain('name') }))).toBe('nothing thrown');
  expect(kindOf(() => run({ op: 'rename', path: at('cart'), key: plain('user') }))).toBe('key-exists');
  expect(kindOf(() => run({ op: 'delete', path: at('user') }, { op: 'delete', path: at('user.name') }))).toBe(
    'edits-conflict',
  );
});

function kindOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.kind;
    throw error;
  }
  return 'nothing thrown';
}

it('has no trouble with 300,000 members', () => {
  const long = plain(Array.from({ length: 300_000 }, (_, i) => i));
  const after = applyToTyped(long, [{ op: 'delete', path: at('[299999]') }]);
  expect(after.t === 'list' && after.v.length).toBe(299_999);
});
