import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { floatRepr } from '../../../core/codec/nodes.ts';
import { outline } from '../../../core/codec/outline.ts';
import {
  abbreviate,
  describeType,
  fromPlainJson,
  isTypedNode,
  parseTyped,
  sizeOf,
  summarise,
  toNotation,
  toPlain,
  typedEqual,
  valueFromText,
} from '../../../core/codec/typed.ts';
import { ProblemError } from '../../../core/model/problem.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { needs } from '../../support/needs.ts';
import { typedValue } from '../../support/typed-arbitrary.ts';

const FIXTURES = new URL('../../fixtures/webpy/', import.meta.url);

it('reads its own nodes back, as text and as data', () => {
  fc.assert(
    fc.property(typedValue(), (node) => {
      expect(parseTyped(JSON.stringify(node))).toEqual(node);
      expect(typedEqual(parseTyped(node), node)).toBe(true);
      expect(isTypedNode(node)).toBe(true);
    }),
    { numRuns: 1500, seed: 61 },
  );
});

it('reads every value of the fixtures that is not abbreviated', () => {
  const { values } = JSON.parse(readFileSync(new URL('pickle/expected.json', FIXTURES), 'utf8'));
  const counts = { read: 0, abbreviated: 0 };
  for (const value of Object.values<unknown>(values)) {
    const json = JSON.stringify(value);
    if (/"(bits|sha256|sha256_utf8)":/.test(json)) {
      counts.abbreviated++;
      continue;
    }
    expect(abbreviate(parseTyped(json))).toEqual(JSON.parse(json));
    expect(toNotation(parseTyped(json))).toEqual(JSON.parse(json));
    counts.read++;
  }
  console.log('fixture values', JSON.stringify(counts));
  expect(counts.read).toBeGreaterThan(20);
});

it.each([
  ['[]', 'found a list'],
  ['{"t":"nope"}', 'Unknown kind "nope"'],
  ['{"t":"__proto__"}', 'Unknown kind'],
  ['{"t":"int","v":3.5}', 'whole number'],
  ['{"t":"int","v":"03"}', 'whole number'],
  ['{"t":"int"}', 'needs "v"'],
  ['{"t":"none","x":1}', 'no field "x"'],
  ['{"t":"float","v":"1.0","hex":"0000000000000000"}', 'different numbers'],
  ['{"t":"list","v":[{"t":"str","v":1}]}', 'at v[0].v'],
  ['{"t":"dict","v":[[{"t":"none"}]]}', 'a pair'],
  ['{"t":"bytes","b64":"a"}', 'base64'],
  ['{"t":"ref","id":1}', 'No object has the id 1'],
  ['{"t":"list","v":[{"t":"set","id":1,"v":[]},{"t":"set","id":1,"v":[]}]}', 'given twice'],
  ['{"t":"none"', 'Not JSON'],
])('refuses %s', (text, why) => {
  expect(() => parseTyped(text)).toThrowError(why);
  expect(() => parseTyped(text)).toThrowError(ProblemError);
});

it('stops at the depth limit', () => {
  const deep = `${'{"t":"list","v":['.repeat(1200)}${']}'.repeat(1200)}`;
  expect(() => parseTyped(deep)).toThrowError('deeper than 1000');
});

it('takes short forms: a float without its bits, a number as int, code points instead of broken text', () => {
  expect(parseTyped('{"t":"float","v":"0.1"}')).toEqual({ t: 'float', v: '0.1', hex: '3fb999999999999a' });
  expect(parseTyped('{"t":"int","v":3}')).toEqual({ t: 'int', v: '3' });
  expect(parseTyped('{"t":"str","v":"?","cp":[55296]}')).toMatchObject({ v: '\ud800' });
});

it.each([
  ['3', { t: 'int', v: '3' }],
  ['3.0', { t: 'float', v: '3.0', hex: '4008000000000000' }],
  ['1e3', { t: 'float', v: '1000.0', hex: '408f400000000000' }],
  ['123456789012345678901234567890', { t: 'int', v: '123456789012345678901234567890' }],
  ['"a"', { t: 'str', v: 'a' }],
  ['null', { t: 'none' }],
  ['{"t":"int","v":"3"}', { t: 'int', v: '3' }],
  ['{"t":"date","v":"2026-11-23"}', { t: 'date', v: '2026-11-23' }],
  [
    '{"t":"tea"}',
    {
      t: 'dict',
      v: [
        [
          { t: 'str', v: 't' },
          { t: 'str', v: 'tea' },
        ],
      ],
    },
  ],
])('takes %s as a value', (text, expected) => {
  expect(valueFromText(text)).toEqual(expected);
});

it('refuses values that are neither JSON nor typed JSON, and says what to do', () => {
  expect(() => valueFromText('hello')).toThrowError(/a value was expected/);
  expect(() => valueFromText('{"t":"int"}')).toThrowError('needs "v"');
  try {
    valueFromText('hello');
  } catch (error) {
    expect((error as ProblemError).problem.remedy).toContain('double quotes');
  }
});

it.each([
  ['{"t":"decimal","value":"1"}', /nearly typed JSON of kind decimal, which has "t" and "v"/],
  ['{"t":"int","other":1}', /kind int/],
  ['{"t":"Decimal","v":"1.5"}', /kind decimal/],
  ['{"t":"decmal","v":"1.5"}', /kind decimal/],
  ['{"v":[],"t":"tupel"}', /kind tuple/],
  ['{"t":"date_time","v":"2026-11-23T00:00:00"}', /kind datetime/],
  ['{"t":"timedelta","days":1,"hours":2}', /kind timedelta, which has "t" and "days", "seconds", "microseconds"/],
  ['{"price":{"t":"decimal","v":"1.5"}}', /kind decimal stands inside plain JSON \(at price\)|inside plain JSON/],
  ['[1,[{"t":"bytes","base64":"AA=="}]]', /nearly typed JSON of kind bytes/],
])('refuses %s, which is nearly typed JSON, rather than store it as a dict', (text, message) => {
  expect(() => valueFromText(text)).toThrowError(message);
});

it.each([
  '{"t":"tea"}',
  '{"t":"tea","v":1}',
  '{"t":3,"v":1}',
  '{"type":"decimal","v":"1"}',
  '{"t":"1700000000","n":2}',
])('takes %s as the dict that it is', (text) => {
  expect(valueFromText(text)).toMatchObject({ t: 'dict' });
});

it('gives plain values back', () => {
  const value = { a: [1, 2.5, 'x', null, true], b: { c: 1 } };
  expect(toPlain(fromPlainJson(value))).toEqual(value);
  expect(toPlain({ t: 'int', v: '9007199254740993' })).toBe('9007199254740993');
  expect(
    toPlain({
      t: 'dict',
      v: [
        [
          { t: 'str', v: '__proto__' },
          { t: 'int', v: '1' },
        ],
      ],
    }),
  ).toEqual(JSON.parse('{"__proto__":1}'));
  expect(fromPlainJson(-0)).toMatchObject({ t: 'float', v: '-0.0' });
  expect(() => fromPlainJson(undefined)).toThrowError(ProblemError);
});

it('abbreviates as the fixtures do', () => {
  expect(abbreviate({ t: 'str', v: 'é'.repeat(2001) })).toMatchObject({
    len: 2001,
    utf16_len: 2001,
    head: 'é'.repeat(40),
  });
  expect(abbreviate({ t: 'int', v: String(-(2n ** 12_000n)) })).toMatchObject({ bits: 12_001, neg: true });
  expect(abbreviate({ t: 'int', v: String(2n ** 12_000n - 1n) })).toMatchObject({ v: String(2n ** 12_000n - 1n) });
});

const CASES: [TypedNode, string, string, number | undefined][] = [
  [fromPlainJson({ count: 41, 'a b': ['x'] }), 'dict', "{count: 41, 'a b': ['x']}", 2],
  [{ t: 'none' }, 'NoneType', 'None', undefined],
  [{ t: 'tuple', v: [{ t: 'bool', v: true }] }, 'tuple', '(True,)', 1],
  [{ t: 'decimal', v: '0.05' }, 'Decimal', "Decimal('0.05')", undefined],
  [{ t: 'storage', v: [] }, 'Storage', 'Storage()', 0],
  [{ t: 'set', v: [] }, 'set', 'set()', 0],
  [{ t: 'bytes', b64: 'AAEC' }, 'bytes', 'bytes(3 B)', 3],
  [{ t: 'str', v: 'a\n\u202e𝒳' }, 'str', "'a\\n\\u{202e}𝒳'", 4],
  [
    { t: 'object', class: 'shop.User', state: fromPlainJson({ name: 'Ann' }) },
    'shop.User',
    "User(name='Ann')",
    undefined,
  ],
  [{ t: 'reduce', func: 'os.system', args: [{ t: 'str', v: 'ls' }] }, 'os.system', "os.system('ls')", undefined],
];

it.each(CASES)('describes %j', (node, type, line, size) => {
  expect(describeType(node)).toBe(type);
  expect(summarise(node, 80)).toBe(line);
  expect(sizeOf(node)).toBe(size);
});

it('never makes a line longer than asked', () => {
  fc.assert(
    fc.property(typedValue(), fc.integer({ min: 1, max: 60 }), (node, max) => {
      expect(summarise(node, max).length).toBeLessThanOrEqual(max);
    }),
    { numRuns: 1500, seed: 62 },
  );
});

it('outlines a value for terminals', () => {
  const value = parseTyped({
    t: 'dict',
    v: [
      [
        { t: 'str', v: 'cart' },
        { t: 'list', id: 1, v: [{ t: 'decimal', v: '0.05' }] },
      ],
      [
        { t: 'int', v: '3' },
        { t: 'ref', id: 1 },
      ],
      [
        { t: 'str', v: 'user' },
        {
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
        },
      ],
    ],
  });
  expect(outline(value)).toBe(
    [
      'dict(3)',
      '  cart: list(1) #1',
      "    [0]: Decimal('0.05')",
      '  [{"t":"int","v":"3"}]: reference <same as #1>',
      '  user: shop.User',
      '    @state: dict(1)',
      "      name: str 'Ann'",
    ].join('\n'),
  );
  expect(outline({ t: 'reduce', func: 'os.system', args: [{ t: 'str', v: 'ls' }] })).toBe(
    ['a call of os.system', '  @args: tuple(1)', "    [0]: str 'ls'"].join('\n'),
  );
  expect(outline({ t: 'enum', class: 'shop.Color', value: { t: 'none' }, name: 'RED' })).toBe('shop.Color.RED');
  expect(outline(fromPlainJson([1, 2, 3]), { lines: 2 })).toBe('list(3)\n  [0]: int 1\n… and 2 more members');
});

needs('python')('beside CPython', () => {
  it('prints 20,000 floats as repr does', () => {
    const numbers = fc.sample(
      fc.oneof(
        fc.double({ noNaN: true }),
        fc.float({ noNaN: true }),
        fc.integer().map(Number),
        fc.integer({ min: -20, max: 25 }).map((n) => 10 ** n),
      ),
      { numRuns: 20_000, seed: 63 },
    );
    const view = new DataView(new ArrayBuffer(8));
    const input = numbers.map((value) => {
      view.setFloat64(0, value);
      return view.getBigUint64(0).toString(16).padStart(16, '0');
    });
    const script =
      'import sys,struct\nprint("\\n".join(repr(struct.unpack(">d",bytes.fromhex(l.strip()))[0]) for l in sys.stdin))';
    const answer = execFileSync('/usr/bin/python3', ['-c', script], { input: input.join('\n'), maxBuffer: 1 << 26 })
      .toString()
      .trimEnd()
      .split('\n');
    expect(numbers.map(floatRepr)).toEqual(answer);
  });
});
