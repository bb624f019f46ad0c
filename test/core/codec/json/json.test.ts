import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../../core/codec/bytes.ts';
import { applyEdits, decode } from '../../../../core/codec/codec.ts';
import { readJson } from '../../../../core/codec/json/reader.ts';
import { DEFAULT_LIMITS, makeBudget } from '../../../../core/codec/limits.ts';
import { parsePath } from '../../../../core/codec/path.ts';
import { fromPlainJson, toPlain } from '../../../../core/codec/typed.ts';
import type { Path, PathStep } from '../../../../core/model/path.ts';
import { ProblemError } from '../../../../core/model/problem.ts';

const options = { as: ['json'] };
const edited = (text: string, ...edits: Parameters<typeof applyEdits>[1][number][]) =>
  fromUtf8(applyEdits(utf8(text), edits, options));
const set = (path: string, value: unknown) => ({
  op: 'set' as const,
  path: parsePath(path),
  value: fromPlainJson(value),
});
const insert = (path: string, value: unknown) => ({
  op: 'insert' as const,
  path: parsePath(path),
  value: fromPlainJson(value),
});
const drop = (path: string) => ({ op: 'delete' as const, path: parsePath(path) });

/** JSON values whose objects have no keys like `0` (JavaScript would move them) and no `__proto__`. */
const key = fc
  .oneof(fc.string(), fc.constantFrom('cart', 'count', 'é', '日本', 'a b', '"'))
  .filter((text) => !/^\d+$/.test(text) && text !== '__proto__');
const { json: jsonValue } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e21, -2.5e-7, '', 'text', 'é', '𝒳', '</script>', 'a/b'),
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value))),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(key, tie('json'), { maxKeys: 5 }).map((made) => Object.assign({}, made)),
  ),
}));
const container = jsonValue.filter((value) => typeof value === 'object' && value !== null);

/** The same value written in the manner of several programs. */
const manners: ((value: unknown) => string)[] = [
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, null, 2),
  (value) => JSON.stringify(value, null, '\t').replaceAll('\n', '\r\n'),
  (value) =>
    ` ${JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`,
  (value) => JSON.stringify(value).replaceAll('/', '\\/'),
];
const manner = fc.constantFrom(...manners);

/** Every place of a plain value, with what stands there. */
function places(value: unknown, path: PathStep[] = []): { path: PathStep[]; value: unknown }[] {
  const here = [{ path, value }];
  if (Array.isArray(value))
    return here.concat(value.flatMap((one, index) => places(one, [...path, { kind: 'index', index }])));
  if (typeof value !== 'object' || value === null) return here;
  return here.concat(
    Object.entries(value).flatMap(([name, one]) =>
      places(one, [...path, { kind: 'key', key: fromPlainJson(name) } as PathStep]),
    ),
  );
}

/** The edit done on the plain value: what JSON.parse must give afterwards. */
function plainEdit(root: unknown, path: Path, change: (holder: never, at: never) => void): unknown {
  const copy = structuredClone(root);
  let holder = copy as never;
  for (const step of path.slice(0, -1)) holder = holder[name(step)];
  change(holder, name(path.at(-1) as PathStep));
  return copy;
}

function name(step: PathStep): never {
  if (step.kind === 'index') return step.index as never;
  return (step.kind === 'key' && step.key.t === 'str' ? step.key.v : '') as never;
}

it('edits 4,000 random texts at a random place as JSON.parse would have it, and nothing else', () => {
  const counts = { set: 0, delete: 0, insert: 0, rename: 0, unedited: 0 };
  fc.assert(
    fc.property(container, manner, fc.nat(), jsonValue, fc.nat(3), (value, write, pick, fresh, kind) => {
      const text = write(value);
      const bytes = utf8(text);
      const document = decode(bytes, options);
      expect(toPlain(document.value as never)).toEqual(JSON.parse(text));
      expect(fromUtf8(applyEdits(bytes, [], options))).toBe(text);
      counts.unedited++;
      const all = places(value).slice(1);
      const place = all[pick % (all.length || 1)];
      if (place === undefined) return;
      const { path } = place;
      const last = path.at(-1) as PathStep;
      let expected: unknown;
      let made: Uint8Array;
      if (kind === 0 || (kind === 3 && last.kind === 'index')) {
        made = applyEdits(bytes, [{ op: 'set', path, value: fromPlainJson(fresh) }], options);
        expected = plainEdit(value, path, (holder, at) => {
          (holder as Record<string, unknown>)[at] = fresh;
        });
        counts.set++;
      } else if (kind === 1) {
        made = applyEdits(bytes, [{ op: 'delete', path }], options);
        expected = plainEdit(value, path, (holder, at) => {
          if (Array.isArray(holder)) (holder as unknown[]).splice(at, 1);
          else delete (holder as Record<string, unknown>)[at];
        });
        counts.delete++;
      } else if (kind === 2) {
        const at: PathStep = last.kind === 'index' ? last : { kind: 'key', key: fromPlainJson('new key') };
        const to = [...path.slice(0, -1), at];
        if (holds(value, to)) return;
        made = applyEdits(bytes, [{ op: 'insert', path: to, value: fromPlainJson(fresh) }], options);
        expected = plainEdit(value, to, (holder, where) => {
          if (Array.isArray(holder)) (holder as unknown[]).splice(where, 0, fresh);
          else (holder as Record<string, unknown>)[where] = fresh;
        });
        counts.insert++;
      } else {
        if (holds(value, [...path.slice(0, -1), { kind: 'key', key: fromPlainJson('renamed') }])) return;
        made = applyEdits(bytes, [{ op: 'rename', path, key: fromPlainJson('renamed') }], options);
        expected = plainEdit(value, path, (holder, at) => {
          (holder as Record<string, unknown>)['renamed'] = holder[at];
          delete (holder as Record<string, unknown>)[at];
        });
        counts.rename++;
      }
      expect(JSON.parse(fromUtf8(made) as string)).toEqual(expected);
      changedOnlyThere(text, fromUtf8(made) as string, document.spanOf(path.slice(0, -1))?.inner, bytes);
    }),
    { numRuns: 4000, seed: 11 },
  );
  console.log('JSON edits', JSON.stringify(counts));
});

function holds(value: unknown, path: Path): boolean {
  let at = value as Record<string, unknown> | undefined;
  for (const step of path) {
    if (step.kind === 'index') return false;
    if (at === undefined || !Object.hasOwn(at, name(step))) return false;
    at = at[name(step)] as Record<string, unknown>;
  }
  return true;
}

/** Outside the container that was edited, every byte is as before. */
function changedOnlyThere(
  before: string,
  after: string,
  span: { start: number; end: number } | undefined,
  bytes: Uint8Array,
): void {
  expect(span).toBeDefined();
  if (span === undefined) return;
  const head = fromUtf8(bytes.subarray(0, span.start)) as string;
  const tail = fromUtf8(bytes.subarray(span.end)) as string;
  expect(after.startsWith(head)).toBe(true);
  expect(after.endsWith(tail)).toBe(true);
  expect(before.length).toBeGreaterThan(0);
}

it.each([
  ['{"a": 1, "b": [1, 2.50, 3]}', [set('b[0]', 7)], '{"a": 1, "b": [7, 2.50, 3]}'],
  ['{"n":12345678901234567890123,"x":1}', [set('x', 2)], '{"n":12345678901234567890123,"x":2}'],
  ['{"x":1e3,"y":-0,"z":1.0}', [set('x', 5)], '{"x":5,"y":-0,"z":1.0}'],
  ['{"a":NaN,"b":-Infinity}', [set('b', 1)], '{"a":NaN,"b":1}'],
  ['{"z":1,"a":2,"10":3,"9":4}', [set('a', 5)], '{"z":1,"a":5,"10":3,"9":4}'],
  ['{"u":"\\u00e9\\/","v":1}', [set('v', 'ü/')], '{"u":"\\u00e9\\/","v":"\\u00fc\\/"}'],
  ['{"u":"é","v":1}', [set('v', 'ü')], '{"u":"é","v":"ü"}'],
  ['{"h":"\\u003cb\\u003e","v":1}', [set('v', '<&>')], '{"h":"\\u003cb\\u003e","v":"\\u003c\\u0026\\u003e"}'],
  ['{"a":1}', [insert('b', [1, { c: 2 }])], '{"a":1,"b":[1,{"c":2}]}'],
  ['{"a": 1}', [insert('b', { c: [2, 3] })], '{"a": 1, "b": {"c": [2, 3]}}'],
  [
    '{\n  "a": 1,\n  "e": {}\n}\n',
    [insert('b', [1]), insert('e.f', null)],
    '{\n  "a": 1,\n  "e": {\n    "f": null\n  },\n  "b": [\n    1\n  ]\n}\n',
  ],
  ['[1, 2, 3]', [drop('[0]'), drop('[2]')], '[2]'],
  ['[1, 2, 3]', [insert('[3]', 4), insert('[0]', 0)], '[0, 1, 2, 3, 4]'],
  ['{"a":1,"b":2,"c":3}', [drop('b')], '{"a":1,"c":3}'],
  ['{"a":1,"b":2,"c":3}', [drop('a'), drop('b'), drop('c')], '{}'],
  ['{"a":1,"a":2}', [set('a', 3)], '{"a":1,"a":3}'],
  ['{"a":1,"b":0,"a":2}', [drop('a')], '{"b":0}'],
  [
    '{ "a" : 1 , "b" : 2 }',
    [{ op: 'rename' as const, path: parsePath('a'), key: fromPlainJson('z') }],
    '{ "z" : 1 , "b" : 2 }',
  ],
  ['["a","b","c"]', [{ op: 'move' as const, path: parsePath('[0]'), to: 2 }], '["b","c","a"]'],
  ['{"s":"\\ud800"}', [insert('t', '\udfff')], '{"s":"\\ud800","t":"\\udfff"}'],
  ['\ufeff{"a":1}', [set('a', 2)], '\ufeff{"a":2}'],
  ['{"a":1}', [set('', [])], '[]'],
])('%s edited by case %#', (text, edits, expected) => {
  expect(edited(text, ...edits)).toBe(expected);
});

it.each([
  ['', 'json-empty', 0],
  ['{"a":1', 'json-truncated', 6],
  ['{"a":1,}', 'json-syntax', 7],
  ['[1 2]', 'json-syntax', 3],
  ['{"a":01}', 'json-syntax', 5],
  ['"a\nb"', 'json-syntax', 2],
  ['"a\\x"', 'json-syntax', 2],
  ['{} x', 'json-trailing', 3],
  ['tru', 'json-truncated', 3],
  ['[1.]', 'json-syntax', 3],
  ['"\\ud8"', 'json-syntax', 1],
])('refuses %j with %s at %d', (text, kind, at) => {
  expect(decode(utf8(text), options).error).toMatchObject({ kind, at });
});

it('refuses bytes that are not UTF-8, at the byte', () => {
  const found = decode(Uint8Array.of(0x22, 0x61, 0xc3, 0x22), options);
  expect(found.error).toMatchObject({ kind: 'json-syntax', at: 2 });
});

it('keeps what is unusual and says so', () => {
  const found = decode(utf8('{"a":1,"a":NaN,"b":"\\ud800","c":1e999}'), options);
  expect(found.warnings.map((one) => one.code)).toEqual([
    'json-duplicate-key',
    'json-not-a-number',
    'json-lone-surrogate',
  ]);
  expect(found.value).toMatchObject({
    v: [
      [{}, { t: 'int' }],
      [{}, { t: 'float', v: 'nan' }],
      [{}, { cp: [0xd800] }],
      [{}, { t: 'number', v: '1e999' }],
    ],
  });
});

it('refuses what JSON cannot say', () => {
  for (const value of [
    { t: 'tuple', v: [] },
    { t: 'bytes', b64: '' },
    { t: 'date', v: '2026-11-23' },
  ] as const) {
    const run = () => applyEdits(utf8('{"a":1}'), [{ op: 'set', path: parsePath('a'), value }], options);
    expect(kindOf(run)).toBe('json-unrepresentable');
  }
  const run = () =>
    applyEdits(
      utf8('{"a":1}'),
      [{ op: 'insert', path: parsePath('[{"t":"int","v":"3"}]'), value: { t: 'none' } }],
      options,
    );
  expect(kindOf(run)).toBe('json-unrepresentable');
});

it('refuses edits that have no place or meet each other', () => {
  const text = '{"a":{"b":1},"l":[1]}';
  expect(kindOf(() => edited(text, set('x.y', 1)))).toBe('no-such-place');
  expect(kindOf(() => edited(text, insert('a.b', 1)))).toBe('key-exists');
  expect(kindOf(() => edited(text, insert('l[5]', 1)))).toBe('no-such-place');
  expect(kindOf(() => edited(text, drop('a'), set('a.b', 2)))).toBe('edits-conflict');
  expect(kindOf(() => edited(text, set('a', 1), set('a', 2)))).toBe('edits-conflict');
  expect(kindOf(() => edited(text, { op: 'rename', path: parsePath('l[0]'), key: fromPlainJson('x') }))).toBe(
    'bad-edit',
  );
});

it('never crashes or hangs on 20,000 damaged texts', () => {
  const counts = { read: 0, refused: 0 };
  const damaged = fc
    .tuple(container, manner, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
    .map(([value, write, changes]) => {
      const bytes = utf8(write(value));
      for (const [at, byte] of changes) bytes[at % (bytes.length || 1)] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      try {
        const document = readJson(bytes, makeBudget(DEFAULT_LIMITS));
        expect(document.root.end).toBeLessThanOrEqual(bytes.length);
        counts.read++;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        expect(error.problem.at).toBeGreaterThanOrEqual(0);
        expect(error.problem.at).toBeLessThanOrEqual(bytes.length);
        counts.refused++;
      }
    }),
    { numRuns: 20_000, seed: 12 },
  );
  console.log('damaged JSON', JSON.stringify(counts));
});

it('stays within its limits', () => {
  const deep = utf8('['.repeat(100_000));
  expect(decode(deep, options).error).toMatchObject({ kind: 'limit-depth', at: 1001 });
  const many = utf8(`[${'1,'.repeat(2000)}1]`);
  expect(decode(many, { ...options, limits: { ...DEFAULT_LIMITS, nodes: 1000 } }).error?.kind).toBe('limit-nodes');
  const digits = decode(utf8(`[${'9'.repeat(200_000)}]`), options);
  expect(digits.value).toMatchObject({ v: [{ t: 'limit', what: 'digits' }] });
});

function kindOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.kind;
    throw error;
  }
  return 'nothing thrown';
}
