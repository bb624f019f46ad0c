import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diff } from '../../../core/codec/diff.ts';
import { applyToTyped } from '../../../core/codec/edit-typed.ts';
import { children, formatPath, getAt, parsePath } from '../../../core/codec/path.ts';
import { fromPlainJson, parseTyped, typedEqual } from '../../../core/codec/typed.ts';
import type { Difference, Path } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { typedValue } from '../../support/typed-arbitrary.ts';

const lines = (before: TypedNode, after: TypedNode) =>
  diff(before, after).map(({ at, before: old, after: now }) => [at, old, now].map(short));
const short = (part: unknown) => (typeof part === 'object' && part !== null ? text(part as TypedNode) : part);
const text = (node: TypedNode) => ('v' in node && !Array.isArray(node.v) ? String(node.v) : node.t);
const plain = fromPlainJson;

it('is empty exactly when the values are equal', () => {
  let equal = 0;
  fc.assert(
    fc.property(typedValue(), typedValue(), fc.boolean(), (a, b, same) => {
      const other = same ? (structuredClone(a) as TypedNode) : b;
      const found = diff(a, other);
      expect(found.length === 0).toBe(typedEqual(a, other));
      if (found.length === 0) equal++;
    }),
    { numRuns: 3000, seed: 41 },
  );
  expect(equal).toBeGreaterThan(1000);
});

it('finds exactly the place of one edit', () => {
  const counts = { set: 0, delete: 0, insert: 0 };
  fc.assert(
    fc.property(
      typedValue({ maxDepth: 4 }),
      typedValue({ maxDepth: 1 }),
      fc.nat(),
      fc.nat(2),
      (value, fresh, pick, kind) => {
        const all = places(value).slice(1);
        const place = all[pick % (all.length || 1)];
        if (place === undefined || place.at(-1)?.kind === 'part') return;
        const old = getAt(value, place) as TypedNode;
        if (kind === 0) {
          const after = applyToTyped(value, [{ op: 'set', path: place, value: fresh }]);
          expect(getAt(after, place)).toEqual(fresh);
          if (typedEqual(old, fresh)) {
            expect(diff(value, after)).toEqual([]);
            return;
          }
          const found = diff(value, after);
          expect(found.length).toBeGreaterThan(0);
          // Every line is at the place or inside it; in a list the same change may be seen as a removal beside it.
          const holder = formatPath(place.slice(0, -1));
          for (const line of found) expect(line.at.startsWith(holder)).toBe(true);
          if (found.length === 1 && found[0]?.at === formatPath(place))
            expect(found[0]).toMatchObject({ before: old, after: fresh });
          counts.set++;
        } else if (kind === 1) {
          const after = applyToTyped(value, [{ op: 'delete', path: place }]);
          const found = diff(value, after);
          expect(found).toHaveLength(1);
          expect(found[0]?.after).toBeUndefined();
          expect(typedEqual(found[0]?.before as TypedNode, old)).toBe(true);
          expect(formatPath(found[0]?.path.slice(0, -1) as Path)).toBe(formatPath(place.slice(0, -1)));
          counts.delete++;
        } else {
          const last = place.at(-1);
          const path: Path =
            last?.kind === 'index' ? place : [...place.slice(0, -1), { kind: 'key', key: plain('brand new key') }];
          const after = applyToTyped(value, [{ op: 'insert', path, value: fresh }]);
          const found = diff(value, after);
          expect(found).toHaveLength(1);
          expect(found[0]?.before).toBeUndefined();
          expect(typedEqual(found[0]?.after as TypedNode, fresh)).toBe(true);
          counts.insert++;
        }
      },
    ),
    { numRuns: 4000, seed: 42 },
  );
  console.log('edits found again', JSON.stringify(counts));
  expect(Math.min(counts.set, counts.delete, counts.insert)).toBeGreaterThan(200);
});

function places(node: TypedNode, path: Path = []): Path[] {
  const found: Path[] = [path];
  for (const [step, inner] of children(node)) found.push(...places(inner, [...path, step]));
  return found;
}

it('speaks of lists as people do', () => {
  expect(lines(plain([1, 2, 3]), plain([1, 3]))).toEqual([['[1]', '2', undefined]]);
  expect(lines(plain([1, 3]), plain([1, 2, 3]))).toEqual([['[1]', undefined, '2']]);
  expect(lines(plain([1, 2, 3]), plain([1, 9, 3]))).toEqual([['[1]', '2', '9']]);
  expect(lines(plain([{ n: 1 }, { n: 2 }]), plain([{ n: 0 }, { n: 1 }, { n: 3 }]))).toEqual([
    ['[0]', undefined, 'dict'],
    ['[2].n', '2', '3'],
  ]);
});

it('compares keys by type and value, and tells a changed order', () => {
  expect(lines(plain({ count: 41 }), plain({ count: 42 }))).toEqual([['count', '41', '42']]);
  expect(lines(plain({ a: 1 }), plain({ b: 1 }))).toEqual([
    ['a', '1', undefined],
    ['b', undefined, '1'],
  ]);
  expect(lines(plain({ a: 1, b: 2 }), plain({ b: 2, a: 1 }))).toEqual([['@order', 'list', 'list']]);
  expect(lines(plain(1), plain(1.0 + 1e-9))).toEqual([['', '1', '1.000000001']]);
  expect(lines({ t: 'int', v: '1' }, { t: 'bool', v: true })).toEqual([['', '1', 'true']]);
  const dict = (key: TypedNode): TypedNode => ({ t: 'dict', v: [[key, plain(0)]] });
  expect(diff(dict({ t: 'int', v: '1' }), dict({ t: 'float', v: '1.0', hex: '3ff0000000000000' }))).toHaveLength(2);
});

it('does not mind the order of sets', () => {
  const set = (...items: unknown[]): TypedNode => ({ t: 'set', v: items.map(plain) });
  expect(diff(set(1, 2, 3), set(3, 1, 2))).toEqual([]);
  expect(lines(set(1, 2), set(2, 4))).toEqual([
    ['[0]', '1', undefined],
    ['[1]', undefined, '4'],
  ]);
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
  ],
});

it('follows shared and recursive values once, whatever their ids', () => {
  const renumbered = parseTyped(JSON.stringify(shared).replaceAll('"id":1', '"id":7'));
  expect(diff(shared, renumbered)).toEqual([]);
  const apart = parseTyped(
    JSON.stringify(shared)
      .replace('"id":1,', '')
      .replace('{"t":"ref","id":1}', '{"t":"list","v":[{"t":"int","v":"1"}]}'),
  );
  expect(diff(shared, apart).map((line) => line.at)).toEqual(['b']);
  expect(typedEqual(shared, apart)).toBe(false);
  const changed = applyToTyped(shared, [{ op: 'set', path: parsePath('b[0]'), value: plain(2) }]);
  expect(lines(shared, changed)).toEqual([['a[0]', '1', '2']]);
  const loop = parseTyped({
    t: 'list',
    id: 1,
    v: [
      { t: 'ref', id: 1 },
      { t: 'int', v: '1' },
    ],
  });
  const other = parseTyped({
    t: 'list',
    id: 1,
    v: [
      { t: 'ref', id: 1 },
      { t: 'int', v: '2' },
    ],
  });
  expect(diff(loop, structuredClone(loop))).toEqual([]);
  expect(lines(loop, other)).toEqual([['[1]', '1', '2']]);
});

it('compares objects part by part', () => {
  const user = (state: unknown, more: object = {}): TypedNode =>
    ({ t: 'object', class: 'shop.User', state: plain(state), ...more }) as TypedNode;
  expect(lines(user({ name: 'Ann' }), user({ name: 'Bob' }))).toEqual([['@state.name', 'Ann', 'Bob']]);
  expect(lines(user({}, { items: [plain(1)] }), user({}, { items: [plain(1), plain(2)] }))).toEqual([
    ['@items[1]', undefined, '2'],
  ]);
  expect(diff(user({}), { t: 'object', class: 'shop.Admin', state: plain({}) }).map((line) => line.at)).toEqual(['']);
});

it('stays bounded on long lists and many differences', () => {
  const long = (step: number): TypedNode => plain(Array.from({ length: 20_000 }, (_, i) => i * step));
  const found: Difference[] = diff(long(1), long(3), { max: 100 });
  expect(found).toHaveLength(101);
  expect(found.at(-1)?.at).toBe('');
});
