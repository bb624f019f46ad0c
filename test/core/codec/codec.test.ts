import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toBase64, utf8 } from '../../../core/codec/bytes.ts';
import { applyEdits, decode, encodeNew, toData } from '../../../core/codec/codec.ts';
import { applyToTyped } from '../../../core/codec/edit-typed.ts';
import { children, formatPath, parsePath } from '../../../core/codec/path.ts';
import { fromPlainJson, typedEqual } from '../../../core/codec/typed.ts';
import type { Edit, Path } from '../../../core/model/path.ts';
import { ProblemError } from '../../../core/model/problem.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { typedValue } from '../../support/typed-arbitrary.ts';

const STACKS = [
  ['pickle'],
  ['base64', 'pickle'],
  ['percent', 'base64', 'pickle'],
  ['base64url', 'zlib', 'pickle'],
  ['quotes', 'hex', 'gzip', 'pickle'],
  ['base64-nopad', 'deflate', 'pickle'],
];

/** Every place below the root, parts of objects left out. */
function places(node: TypedNode, path: Path = []): Path[] {
  const found: Path[] = [];
  for (const [step, inner] of children(node)) {
    const here = [...path, step];
    if (step.kind !== 'part') found.push(here);
    found.push(...places(inner, here));
  }
  return found;
}

/** Python makes one key of `1` and `1.0`; the generated values hold no such pair, an edit must not make one either. */
function randomEdit(value: TypedNode, fresh: TypedNode, pick: number, kind: number): Edit | undefined {
  const all = places(value);
  const path = all[pick % (all.length || 1)];
  if (path === undefined) return { op: 'set', path: [], value: fresh };
  const last = path.at(-1);
  if (kind === 0) return { op: 'set', path, value: fresh };
  if (kind === 1) return { op: 'delete', path };
  const key = fromPlainJson('a key that is new');
  if (kind === 2)
    return {
      op: 'insert',
      path: last?.kind === 'index' ? path : [...path.slice(0, -1), { kind: 'key', key }],
      value: fresh,
    };
  return last?.kind === 'key' ? { op: 'rename', path, key } : undefined;
}

it('does 1,500 random edits through stacks of layers, and exactly those', () => {
  const counts: Record<string, number> = {};
  fc.assert(
    fc.property(
      typedValue({ maxDepth: 3 }),
      typedValue({ maxDepth: 1 }),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom(...STACKS),
      (value, fresh, pick, kind, as) => {
        const bytes = encodeNew(value, as);
        const before = decode(bytes, { as });
        expect(before.lossless).toBe(true);
        expect(typedEqual(before.value as TypedNode, value)).toBe(true);
        const edit = randomEdit(before.value as TypedNode, fresh, pick, kind);
        if (edit === undefined) return;
        const made = applyEdits(bytes, [edit], { as });
        const after = decode(made, { as });
        expect(after.error).toBeUndefined();
        expect([
          formatPath(edit.path),
          typedEqual(after.value as TypedNode, applyToTyped(before.value as TypedNode, [edit])),
        ]).toEqual([formatPath(edit.path), true]);
        counts[edit.op] = (counts[edit.op] ?? 0) + 1;
      },
    ),
    { numRuns: 1500, seed: 81 },
  );
  console.log('edits through layers', JSON.stringify(counts));
});

it('answers for 6,000 damaged values of all kinds, guessed and named', () => {
  const counts = { values: 0, errors: 0 };
  const stacks = [...STACKS, ['json'], ['base64', 'json'], ['gzip', 'json'], ['percent', 'quotes', 'json']];
  const value = fromPlainJson({ user: 'Zoë', cart: [{ id: 88, n: 3 }], when: 1.5, none: null });
  fc.assert(
    fc.property(
      fc.constantFrom(...stacks),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      fc.nat(30),
      (as, changes, cut) => {
        let bytes = encodeNew(value, as).slice();
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        if (cut > 20) bytes = bytes.subarray(0, bytes.length - (cut - 20));
        for (const found of [decode(bytes), decode(bytes, { as })]) {
          expect(found.value !== null || found.error !== undefined).toBe(true);
          if (found.error !== undefined) {
            expect(found.error.kind).toMatch(/^[a-z][a-z0-9-]+$/);
            expect(found.error.kind).not.toBe('internal');
            expect(found.error.at).toBeGreaterThanOrEqual(0);
            counts.errors++;
          }
          if (found.value !== null) counts.values++;
        }
      },
    ),
    { numRuns: 3000, seed: 82 },
  );
  console.log('damaged values', JSON.stringify(counts));
});

it('answers for every hostile pickle, in and out of base64, and runs nothing', () => {
  const folder = new URL('../../fixtures/webpy/malicious/', import.meta.url);
  const counts = { streams: 0, shown: 0, refused: 0, warned: 0 };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.pkl'))) {
    const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
    counts.streams++;
    for (const [input, as] of [
      [bytes, ['pickle']],
      [utf8(toBase64(bytes)), ['base64', 'pickle']],
    ] as const) {
      const found = decode(input, { as });
      expect([file, found.value !== null || found.error !== undefined]).toEqual([file, true]);
      expect(found.error?.kind).not.toBe('internal');
    }
    const found = decode(bytes, { as: ['pickle'] });
    if (found.value !== null) counts.shown++;
    if (found.error !== undefined) counts.refused++;
    if (found.warnings.some((warning) => warning.severity === 'danger')) counts.warned++;
    // What was found can go to another thread and to a command's output.
    expect(() => structuredClone(toData(found))).not.toThrow();
    expect(() => JSON.stringify(found.value)).not.toThrow();
  }
  console.log('hostile streams', JSON.stringify(counts));
  expect(counts.streams).toBeGreaterThanOrEqual(87);
  expect(existsSync('/tmp/PWNED-by-fixture')).toBe(false);
});

const SESSION = encodeNew(fromPlainJson({ count: 41, cart: [{ price: 5 }] }), ['base64', 'pickle']);

it('takes edits that change nothing for no change', () => {
  const same: Edit[] = [
    { op: 'set', path: parsePath('count'), value: fromPlainJson(41) },
    { op: 'set', path: parsePath('cart'), value: fromPlainJson([{ price: 5 }]) },
    { op: 'rename', path: parsePath('count'), key: fromPlainJson('count') },
  ];
  expect(applyEdits(SESSION, same)).toBe(SESSION);
  expect(applyEdits(SESSION, [])).toBe(SESSION);
});

it('does several edits at once, all named by the value before', () => {
  const made = applyEdits(SESSION, [
    { op: 'set', path: parsePath('cart[0].price'), value: fromPlainJson(6) },
    { op: 'insert', path: parsePath('cart[0]'), value: fromPlainJson('first') },
    { op: 'delete', path: parsePath('count') },
  ]);
  expect(decode(made).value).toEqual(fromPlainJson({ cart: ['first', { price: 6 }] }));
});

it.each([
  ['no-such-place', SESSION, { op: 'set', path: parsePath('nope.deeper'), value: { t: 'none' } }],
  ['key-exists', SESSION, { op: 'insert', path: parsePath('count'), value: { t: 'none' } }],
  ['not-recognised', utf8('9e81e7b9-63c7'), { op: 'delete', path: parsePath('a') }],
  ['json-truncated', utf8('{"a":1'), { op: 'delete', path: parsePath('a') }],
] as const)('refuses with %s and changes nothing', (kind, bytes, edit) => {
  const before = bytes.slice();
  try {
    applyEdits(bytes, [edit]);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ProblemError);
    expect((error as ProblemError).problem.kind).toBe(kind);
  }
  expect(bytes).toEqual(before);
});

it('tells each layer, its settings and its reasons', () => {
  const found = decode(SESSION);
  expect(found.steps).toMatchObject([
    { id: 'base64', facts: { lines: 76, newline: 'LF' }, lossless: true, bytes: SESSION.length },
    { id: 'pickle', facts: { protocol: 4 }, lossless: true },
  ]);
  expect(found.steps[0]?.reasons[0]).toContain('lines of 76');
});

it('refuses a wrong choice of layers with a remedy', () => {
  for (const as of [['nope'], [], ['base64', 'pickle', 'json'], Array(9).fill('base64')]) {
    expect(() => decode(SESSION, { as: as as string[] })).toThrowError(ProblemError);
  }
  expect(() => encodeNew(fromPlainJson(1), ['base64'])).toThrowError(/holds a value/);
  expect(() => encodeNew(fromPlainJson(1), ['nope', 'json'])).toThrowError(/no layer/);
});
