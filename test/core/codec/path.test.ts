import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatPath, getAt, parsePath, resolveNewPath, resolvePath } from '../../../core/codec/path.ts';
import { parseTyped } from '../../../core/codec/typed.ts';
import type { Path } from '../../../core/model/path.ts';
import { ProblemError } from '../../../core/model/problem.ts';
import { typedValue } from '../../support/typed-arbitrary.ts';

const key = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => ({ t: 'str', v: text }) as const),
  fc
    .constantFrom('a', 'b.c', '[0]', '@state', '0', '', '"', ']', '日本', 'a-b', '__proto__', '\ud800')
    .map((v) => ({ t: 'str', v }) as const),
  typedValue({ maxDepth: 2 }),
);

const step = fc.oneof(
  fc.nat(100_000).map((index) => ({ kind: 'index', index }) as const),
  fc.constantFrom('state', 'items', 'new_args').map((part) => ({ kind: 'part', part }) as const),
  key.map(
    (node) =>
      ({ kind: 'key', key: node.t === 'str' ? parseTyped({ t: 'str', v: node.v, ...cp(node.v) }) : node }) as const,
  ),
);

function cp(text: string): { cp?: number[] } {
  return /\p{Surrogate}/u.test(text) ? { cp: [...text].map((c) => c.codePointAt(0) as number) } : {};
}

it('prints and parses 5,000 random paths to the same path', () => {
  let count = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (path) => {
      count++;
      expect(parsePath(formatPath(path as Path))).toEqual(path);
    }),
    { numRuns: 5000, seed: 4 },
  );
  console.log(`path round trips: ${count}`);
});

it.each([
  ['', []],
  [
    'cart[0].price',
    [
      { kind: 'key', key: { t: 'str', v: 'cart' } },
      { kind: 'index', index: 0 },
      { kind: 'key', key: { t: 'str', v: 'price' } },
    ],
  ],
  ['[3]', [{ kind: 'index', index: 3 }]],
  [
    'seen[{"t":"int","v":"3"}]',
    [
      { kind: 'key', key: { t: 'str', v: 'seen' } },
      { kind: 'key', key: { t: 'int', v: '3' } },
    ],
  ],
  ['["a.b"]', [{ kind: 'key', key: { t: 'str', v: 'a.b' } }]],
  [
    'user.@state.name',
    [
      { kind: 'key', key: { t: 'str', v: 'user' } },
      { kind: 'part', part: 'state' },
      { kind: 'key', key: { t: 'str', v: 'name' } },
    ],
  ],
])('reads %j', (text, expected) => {
  expect(parsePath(text)).toEqual(expected);
});

it.each([
  ['a..b', 2],
  ['a.', 2],
  ['a[0', 1],
  ['a[0]b', 4],
  ['a[x]', 2],
  ['a[{"t":"nope"}]', 2],
  ['a b', 0],
  ['@State', 0],
])('refuses %j and says where', (text, at) => {
  const caught = catching(() => parsePath(text));
  expect(caught.problem.kind).toBe('bad-path');
  expect(caught.problem.at).toBe(at);
});

const value = parseTyped({
  t: 'dict',
  v: [
    [
      { t: 'str', v: 'seen' },
      {
        t: 'dict',
        v: [
          [
            { t: 'int', v: '3' },
            { t: 'str', v: 'three' },
          ],
        ],
      },
    ],
    [
      { t: 'str', v: 'user' },
      {
        t: 'object',
        id: 1,
        class: 'shop.User',
        entries: [
          [
            { t: 'str', v: 'apple' },
            { t: 'int', v: '2' },
          ],
        ],
        items: [{ t: 'none' }],
        state: {
          t: 'dict',
          v: [
            [
              { t: 'str', v: 'name' },
              { t: 'str', v: 'Ann' },
            ],
          ],
        },
      },
    ],
    [
      { t: 'str', v: 'again' },
      { t: 'ref', id: 1 },
    ],
  ],
});

it.each([
  ['seen[3]', 'seen[{"t":"int","v":"3"}]', { t: 'str', v: 'three' }],
  ['user.name', 'user.@state.name', { t: 'str', v: 'Ann' }],
  ['user.apple', 'user.@entries.apple', { t: 'int', v: '2' }],
  ['user[0]', 'user.@items[0]', { t: 'none' }],
  ['again.name', 'again.@state.name', { t: 'str', v: 'Ann' }],
  ['again', 'again', { t: 'ref', id: 1 }],
])('finds %s, in full %s', (short, full, expected) => {
  const path = parsePath(short);
  expect(getAt(value, path)).toEqual(expected);
  expect(formatPath(resolvePath(value, path) ?? [])).toBe(full);
});

it('finds nothing where nothing is', () => {
  for (const path of ['nope', 'seen[4]', 'user.nope', 'again[7]', 'seen.__proto__', 'user.@constructor']) {
    expect(getAt(value, parsePath(path))).toBeUndefined();
  }
});

it('gives one key one text, and finds keys that are objects of elsewhere', () => {
  const pair = { t: 'tuple', v: [{ t: 'int', v: '1' }], id: 4 } as const;
  expect(formatPath([{ kind: 'key', key: pair }])).toBe('[{"t":"tuple","id":4,"v":[{"t":"int","v":"1"}]}]');
  const root = parseTyped({
    t: 'list',
    v: [
      pair,
      {
        t: 'dict',
        v: [
          [
            { t: 'ref', id: 4 },
            { t: 'str', v: 'found' },
          ],
        ],
      },
    ],
  });
  expect(getAt(root, parsePath('[1][{"t":"ref","id":4}]'))).toEqual({ t: 'str', v: 'found' });
});

it('completes the path of a new member', () => {
  const full = (text: string) => formatPath(resolveNewPath(value, parsePath(text)) ?? []);
  expect(full('user.role')).toBe('user.@entries.role');
  expect(full('fresh')).toBe('fresh');
  expect(full('seen[9]')).toBe('seen[{"t":"int","v":"9"}]');
  expect(resolveNewPath(value, parsePath('nope.deeper'))).toBeUndefined();
});

function catching(run: () => unknown): ProblemError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}
