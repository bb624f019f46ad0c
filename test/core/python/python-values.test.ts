import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeSession, encodeSession } from '../../../core/frameworks/webpy/session/encoding.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { decodeBase64, encodeBase64Lines } from '../../../core/python/python-base64.ts';
import { pythonEquals, truthy, updateItems } from '../../../core/python/python-operations.ts';
import { bytesRepr, pythonStr, strRepr } from '../../../core/python/python-text.ts';
import {
  loadValue,
  type PyDict,
  PyFloat,
  PyObject,
  PyTuple,
  PyValue,
  pyDict,
  saveValue,
} from '../../../core/python/python-values.ts';
import { normalTyped, RandomTyped, seeded } from '../../support/random-typed.ts';

const fixture = new URL('../../fixtures/webpy/pickle/expected.json', import.meta.url);
const { values } = JSON.parse(readFileSync(fixture, 'utf8')) as { values: Record<string, TypedNode> };
/** Too long to be in the fixture in full. */
const SUMMARISED = ['long_string'];

describe('[V1] every value of the pickle fixtures survives as a live value', () => {
  it.each(Object.keys(values).filter((name) => !SUMMARISED.includes(name)))('%s', (name) => {
    expect(normalTyped(saveValue(loadValue(values[name] as TypedNode)))).toEqual(normalTyped(values[name]));
  });

  it('and 500 random ones, through pickle and base64 too', () => {
    const random = new RandomTyped(seeded(99));
    for (let run = 0; run < 500; run++) {
      const node = random.change();
      const live = loadValue(node);
      expect(normalTyped(saveValue(live))).toEqual(normalTyped(node));
      expect(normalTyped(saveValue(decodeSession(encodeSession(live as PyDict))))).toEqual(normalTyped(node));
    }
  });
});

describe('[V2] a dict of Python', () => {
  it('is reached like an object and like a Map, in the order of Python', () => {
    const dict = pyDict([
      ['b', 1],
      ['10', 2],
      [3, 'three'],
    ]);
    expect(dict.b).toBe(1);
    expect(dict['10']).toBe(2);
    expect(dict.get(3)).toBe('three');
    expect(Object.keys(dict)).toEqual(['b', '10']);
    expect([...dict.keys()]).toEqual(['b', '10', 3]);
    dict.c = [1];
    dict.c.push(2);
    delete dict.b;
    expect('b' in dict).toBe(false);
    expect({ ...dict }).toEqual({ '10': 2, c: [1, 2] });
    expect(JSON.stringify(dict)).toBe('{"10":2,"c":[1,2]}');
    expect(dict.size).toBe(3);
  });

  it('takes __proto__, constructor and the names of its methods as data', () => {
    const dict: Record<string, unknown> & PyDict = pyDict();
    const [proto, maker, method]: string[] = ['__proto__', 'constructor', 'get'];
    dict[proto as string] = { polluted: true };
    dict[maker as string] = 1;
    dict[method as string] = 2;
    expect(Object.getPrototypeOf(dict)).toBeNull();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect([dict[proto as string], dict[maker as string], dict.get('get'), dict['polluted']]).toEqual([
      { polluted: true },
      1,
      2,
      undefined,
    ]);
    expect([...dict.keys()]).toEqual(['__proto__', 'constructor', 'get']);
    const saved = saveValue(JSON.parse('{"__proto__": {"x": 1}}'));
    expect(saved).toMatchObject({ v: [[{ v: '__proto__' }, { t: 'dict' }]] });
  });

  it('has keys that are equal as in Python', () => {
    const dict = pyDict([
      [1, 'a'],
      [true, 'b'],
      [new PyFloat(1), 'c'],
      [1n, 'd'],
      ['1', 'text'],
      [PyTuple.make([1, 'x']), 'tuple'],
      [Number.NaN, 'n1'],
      [Number.NaN, 'n2'],
    ]);
    expect([...dict.entries()].map(([key, value]) => [key, value])).toHaveLength(5);
    expect(dict.get(1)).toBe('d');
    expect([...dict.keys()][0]).toBe(1);
    expect(dict.get(PyTuple.make([1n, 'x']))).toBe('tuple');
    expect(dict.get(-0)).toBeUndefined();
  });
});

describe('[V3] numbers', () => {
  it('ints stay ints, floats stay floats', () => {
    const kinds = (value: unknown) => saveValue(value).t;
    expect([kinds(2), kinds(2.5), kinds(-0), kinds(2 ** 53), kinds(2n ** 80n), kinds(new PyFloat(2))]).toEqual([
      'int',
      'float',
      'float',
      'float',
      'int',
      'float',
    ]);
    expect(loadValue({ t: 'int', v: '9007199254740993' })).toBe(9007199254740993n);
    const price = loadValue({ t: 'float', v: '2.0', hex: '4000000000000000' }) as number;
    expect(price + 1).toBe(3);
    expect(saveValue(price)).toEqual({ t: 'float', v: '2.0', hex: '4000000000000000' });
  });
});

describe('[V4] what cannot be stored', () => {
  it.each<[unknown, string]>([
    [() => 1, 'AttributeError'],
    [Symbol('x'), 'TypeError'],
    [undefined, 'TypeError'],
    [new (class Cart {})(), "TypeError: cannot pickle 'Cart' object"],
    [new Date(Number.NaN), 'ValueError'],
  ])('%s', (value, message) => {
    expect(() => saveValue([value])).toThrow(expect.objectContaining({}));
    try {
      saveValue([value]);
    } catch (error) {
      expect(String(error)).toContain(message);
    }
  });

  it('is told by name when too deep, and deep values can be loaded', () => {
    let deep: unknown = [];
    for (let level = 0; level < 600; level++) deep = [deep];
    expect(() => saveValue(deep)).toThrow(/maximum recursion depth exceeded while pickling/);
    let node: TypedNode = { t: 'list', v: [] };
    for (let level = 0; level < 50_000; level++) node = { t: 'list', v: [node] };
    expect(Array.isArray(loadValue(node))).toBe(true);
  });
});

describe('[V5] shared, recursive and unknown things', () => {
  it('stay one object', () => {
    const list: unknown[] = [1];
    list.push(list);
    const loaded = loadValue(saveValue({ a: list, b: list })) as PyDict;
    expect(loaded.a).toBe(loaded.b);
    expect(loaded.a[1]).toBe(loaded.a);
  });

  it('parts of objects can be changed, the rest of them stays', () => {
    const node: TypedNode = {
      t: 'object',
      class: 'shop.User',
      state: {
        t: 'dict',
        v: [
          [
            { t: 'str', v: 'age' },
            { t: 'int', v: '33' },
          ],
        ],
      },
    };
    const user = loadValue(node) as PyObject;
    expect(user).toBeInstanceOf(PyObject);
    const state = user.parts.get('state') as { node: PyDict };
    state.node.age += 1;
    expect(saveValue(user)).toEqual({
      ...node,
      state: {
        t: 'dict',
        v: [
          [
            { t: 'str', v: 'age' },
            { t: 'int', v: '34' },
          ],
        ],
      },
    });
  });

  it('a value of a kind that is only kept prints as itself', () => {
    expect(String(new PyValue({ t: 'decimal', v: '19.90' }))).toBe('19.90');
  });
});

describe("[V6] Python's operations", () => {
  it('dict.update takes mappings and pairs, and names what it does not take', () => {
    expect([...updateItems([['a', 1], 'bc', PyTuple.make(['d', 2])])]).toEqual([
      ['a', 1],
      ['b', 'c'],
      ['d', 2],
    ]);
    expect([...updateItems({ x: 1 })]).toEqual([['x', 1]]);
    expect(() => updateItems(5)).toThrow("'int' object is not iterable");
    expect(() => updateItems(null)).toThrow("'NoneType' object is not iterable");
    expect(() => updateItems([1])).toThrow('cannot convert dictionary update sequence element #0 to a sequence');
    expect(() => updateItems('abc')).toThrow('dictionary update sequence element #0 has length 1; 2 is required');
    expect(() => updateItems(new PyValue({ t: 'global', name: 'no_such.X' }))).toThrow("No module named 'no_such'");
  });

  it('truth and equality', () => {
    expect([0, '', [], pyDict(), new PyFloat(0), null, 0n, new Set()].some(truthy)).toBe(false);
    expect([1, 'x', [0], new PyFloat(0.5), new PyValue({ t: 'none' })].every(truthy)).toBe(true);
    expect(
      pythonEquals(
        { a: [1, 2], b: null },
        pyDict([
          ['b', null],
          ['a', [new PyFloat(1), 2]],
        ]),
      ),
    ).toBe(true);
    expect(pythonEquals([1], PyTuple.make([1]))).toBe(false);
    expect(pythonEquals({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  });

  it('repr and str', () => {
    expect(bytesRepr(Buffer.from("\x00A'\n\xff", 'latin1'))).toBe('b"\\x00A\'\\n\\xff"');
    expect(strRepr('it\'s "x"\n')).toBe("'it\\'s \"x\"\\n'");
    expect([null, true, 1, 1.5, 1e16, new PyFloat(2)].map(pythonStr)).toEqual([
      'None',
      'True',
      '1',
      '1.5',
      '1e+16',
      '2.0',
    ]);
  });
});

describe('[V7] base64 as Python reads and writes it', () => {
  it('writes lines of 76 characters, each ended', () => {
    expect(encodeBase64Lines(new Uint8Array(57))).toBe(`${'A'.repeat(76)}\n`);
    expect(
      encodeBase64Lines(new Uint8Array(58))
        .split('\n')
        .map((line) => line.length),
    ).toEqual([76, 4, 0]);
    expect(encodeBase64Lines(new Uint8Array())).toBe('');
  });

  it.each([
    ['YQ==Yg==', 'a'],
    ['Y Q\r\n==', 'a'],
    ['=YQ==', 'a'],
    ['Y=Q==', 'a'],
    ['\ufeffYWI=', 'ab'],
    ['YW_I=', 'ab'],
    ['YWJj====', 'abc'],
    ['', ''],
  ])('reads %j', (text, expected) => {
    expect(Buffer.from(decodeBase64(Buffer.from(text, 'utf8'))).toString('latin1')).toBe(expected);
  });

  it.each([
    ['YQ=', 'Incorrect padding'],
    ['YQ', 'Incorrect padding'],
    ['YWJjZ', 'number of data characters (5) cannot be 1 more than a multiple of 4'],
  ])('refuses %j', (text, message) => {
    expect(() => decodeBase64(Buffer.from(text))).toThrow(message);
  });
});
