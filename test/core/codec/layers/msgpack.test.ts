import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyEdits, decode, encodeNew } from '../../../../core/codec/codec.ts';
import { parsePath } from '../../../../core/codec/path.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';

/* Values that Python's msgpack wrote: test/fixtures/msgpack/make.py. */

interface Samples {
  readonly samples: readonly { readonly hex: string; readonly value: unknown }[];
  readonly edits: readonly {
    readonly before: string;
    readonly path: string;
    readonly to: string;
    readonly after: string;
  }[];
}

const FILE = path.resolve(import.meta.dirname, '../../../fixtures/msgpack/samples.json');
const { samples, edits } = JSON.parse(readFileSync(FILE, 'utf8')) as Samples;
const AS = { as: ['msgpack'] };
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const read = (hex: string) => decode(bytesOf(hex), AS);

/** As `plain` of make.py. */
function plain(node: TypedNode | null): unknown {
  switch (node?.t) {
    case 'none':
      return null;
    case 'int':
      return { int: node.v };
    case 'float':
      return Number(node.v);
    case 'bytes':
      return { bytes: Buffer.from(node.b64, 'base64').toString('hex') };
    case 'list':
      return node.v.map(plain);
    case 'dict':
      return { pairs: node.v.map(([key, value]) => [plain(key), plain(value)]) };
    case 'object': {
      const [code, data] = node.state?.t === 'dict' ? node.state.v.map(([, value]) => value) : [];
      return { ext: code?.t === 'int' ? Number(code.v) : undefined, ...(plain(data ?? null) as object) };
    }
    default:
      return node !== null && node !== undefined && 'v' in node ? node.v : undefined;
  }
}

describe('MessagePack', () => {
  it('reads what the real library wrote, and gives the same bytes back', () => {
    expect(samples.length).toBeGreaterThan(40);
    for (const { hex, value } of samples) {
      const { value: node, error } = read(hex);
      expect(error, hex.slice(0, 40)).toBeUndefined();
      expect(plain(node), hex.slice(0, 40)).toEqual(value);
      expect(hexOf(applyEdits(bytesOf(hex), [], AS))).toBe(hex);
    }
  });

  it('writes an edit as the real library writes the edited value', () => {
    for (const { before, path: place, to, after } of edits) {
      const edit = { op: 'set', path: parsePath(place), value: { t: 'int', v: to } } as const;
      expect(hexOf(applyEdits(bytesOf(before), [edit], AS))).toBe(after);
    }
  });

  it('keeps longer forms of what was not edited: a small number in eight bytes, a map with a wide count', () => {
    // {"a": 1 (uint64), "b": 2} as a map16 of texts with 8-bit lengths.
    const wide = 'de0002d90161cf0000000000000001d9016202';
    const edit = { op: 'set', path: parsePath('b'), value: { t: 'str', v: 'x' } } as const;
    expect(hexOf(applyEdits(bytesOf(wide), [edit], AS))).toBe('de0002d90161cf0000000000000001d90162a178');
    const grown = { op: 'insert', path: parsePath('c'), value: { t: 'none' } } as const;
    expect(hexOf(applyEdits(bytesOf(wide), [grown], AS))).toBe('83d90161cf0000000000000001d9016202a163c0');
  });

  it('shows a text that is no UTF-8 as bytes, says so, and leaves it as it was', () => {
    const odd = '82a161a1ffa16201';
    const { value, warnings } = read(odd);
    expect(plain(value)).toEqual({
      pairs: [
        ['a', { bytes: 'ff' }],
        ['b', { int: '1' }],
      ],
    });
    expect(warnings.map(({ code, at }) => [code, at])).toEqual([['msgpack-no-utf8', 4]]);
    const edit = { op: 'set', path: parsePath('b'), value: { t: 'int', v: '2' } } as const;
    expect(hexOf(applyEdits(bytesOf(odd), [edit], AS))).toBe('82a161a1ffa16202');
  });

  it('changes the code and the bytes of an extension', () => {
    const set = (place: string, value: TypedNode) =>
      hexOf(applyEdits(bytesOf('91c70205aabb'), [{ op: 'set', path: parsePath(place), value }], AS));
    expect(set('[0].code', { t: 'int', v: '-1' })).toBe('91c702ffaabb');
    expect(set('[0].data', { t: 'bytes', b64: 'AQ==' })).toBe('91d40501');
  });

  it.each([
    ['ends within a map', '81a161'],
    ['begins with a byte that begins nothing', 'c1'],
    ['goes on behind the end', '9001'],
    ['promises more members than there are bytes', 'dfffffffff'],
    ['promises a longer text than there is', 'dbffffffff61'],
    ['is nested too deep', `${'91'.repeat(5_000)}c0`],
  ])('refuses what %s', (_, hex) => {
    expect(read(hex).value).toBeNull();
    expect(read(hex).error?.kind).toMatch(/^(layer-form|limit-depth)$/);
  });

  it('reads and writes texts, bytes and lists of more than 65,535', () => {
    const long: TypedNode = {
      t: 'dict',
      v: [
        [
          { t: 'str', v: 'x'.repeat(70_000) },
          { t: 'list', v: Array.from({ length: 70_000 }, () => ({ t: 'none' }) as const) },
        ],
      ],
    };
    const bytes = encodeNew(long, ['msgpack']);
    expect(hexOf(bytes.subarray(0, 6))).toBe('81db00011170');
    expect(decode(bytes, AS).value).toEqual(long);
  });

  it('is never guessed: nothing marks it', () => {
    for (const { hex } of samples) expect(decode(bytesOf(hex)).layers).not.toContain('msgpack');
  });

  it('refuses to write what it has no kind for', () => {
    const date: TypedNode = { t: 'date', v: '2024-01-01' };
    const edit = { op: 'set', path: parsePath('a'), value: date } as const;
    expect(() => applyEdits(bytesOf('81a16101'), [edit], AS)).toThrow(/MessagePack cannot say date/);
    const huge = { op: 'set', path: parsePath('a'), value: { t: 'int', v: '18446744073709551616' } } as const;
    expect(() => applyEdits(bytesOf('81a16101'), [huge], AS)).toThrow(/64 bits/);
  });
});
