import { describe, expect, it } from 'vitest';
import { diff } from '../../../core/codec/diff.ts';
import { DEFAULT_LIMITS } from '../../../core/codec/limits.ts';
import { decodePickle } from '../../../core/codec/pickle/pickle.ts';
import { decode } from '../../../core/frameworks/codec.ts';
import type { TypedNode } from '../../../core/model/typed.ts';

/*
 * Shapes of streams in which each few bytes could make everything before them be looked at again. The cost is counted in
 * steps, alike on every machine; what is not counted would make this file hang.
 */

const bytes = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
const times = (n: number, unit: string | ((i: number) => string)) =>
  typeof unit === 'string' ? unit.repeat(n) : Array.from({ length: n }, (_, i) => unit(i)).join('');
const u32 = (n: number) => String.fromCharCode(n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24);
const text = (content: string) => `X${u32(Buffer.byteLength(content))}${Buffer.from(content).toString('latin1')}`;
const key = (i: number) => text(`key${i}`);

/** Each makes a stream of about so many bytes. */
const SHAPES: Readonly<Record<string, (size: number) => Buffer>> = {
  'BUILD upon BUILD': (size) => bytes('\x80\x02cm\nX\n)\x81', times(size / 2, '}b'), '.'),
  'one large state given to one object again and again': (size) =>
    bytes(
      '\x80\x02cm\nX\n)\x81}q\x00(',
      times(size / 60, (i) => `${key(i)}N`),
      'ub',
      times(size / 6, 'h\x00b'),
      '.',
    ),
  'one large state given to many objects': (size) =>
    bytes(
      '\x80\x02cm\nX\nq\x01]q\x02(}q\x00(',
      times(size / 60, (i) => `${key(i)}N`),
      'u',
      times(size / 14, 'h\x01)\x81h\x00b'),
      'e.',
    ),
  'one long text as the argument of every call': (size) =>
    bytes(
      '\x80\x02](',
      `${text('é'.repeat(size / 4))}q\x00`,
      'cm\nf\nq\x01',
      times(size / 16, 'h\x01h\x00\x85R'),
      'e.',
    ),
  'one long text as the key of many dicts': (size) =>
    bytes('\x80\x02](', `${text('é'.repeat(size / 4))}q\x00`, times(size / 16, '}h\x00Ns'), 'e.'),
  'two long texts, equal but for their ends, as keys of many dicts': (size) =>
    bytes(
      ...['\x80\x02](', `${text(`${'a'.repeat(size / 4)}1`)}q\x00`, `${text(`${'a'.repeat(size / 4)}2`)}q\x01`],
      ...[times(size / 20, '}(h\x00Nh\x01Nu'), 'e.'],
    ),
  'one long text as every key of one dict': (size) =>
    bytes('\x80\x02}(', `${text('é'.repeat(size / 4))}q\x00N`, times(size / 6, 'h\x00N'), 'u.'),
  'a long integer as every key of one dict': (size) =>
    bytes('\x80\x02}(', `\x8a\xff${'\x7f'.repeat(255)}q\x00N`, times(size / 3, 'h\x00N'), 'u.'),
  'long integers one after the other': (size) =>
    bytes('\x80\x02](', times(size / 257, `\x8a\xff${'\x7f'.repeat(255)}`), 'e.'),
  'calls of the results of calls': (size) => bytes('\x80\x02cm\nf\n', times(size / 2, ')R'), '.'),
  'calls with the results of calls': (size) =>
    bytes('\x80\x02cm\nf\nq\x00)R', times(size / 12, 'q\x01h\x00h\x01\x85R'), '.'),
  'persistent ids of persistent ids': (size) => bytes('\x80\x02N', times(size, 'Q'), '.'),
  'tuples in tuples': (size) => bytes('\x80\x02N', times(size, '\x85'), '.'),
  'tuples of the same tuple twice': (size) => bytes('\x80\x02)', times(size / 4, '\x94h\x00\x86'), '.'),
  'a tuple of doubled tuples as a key': (size) =>
    bytes(
      '\x80\x04})',
      times(Math.min(200, size / 5), (i) => `q${String.fromCharCode(i)}h${String.fromCharCode(i)}\x86`),
      'Ns.',
    ),
  'equal keys': (size) => bytes('\x80\x02}(', times(size / 3, 'K\x01N'), 'u.'),
  'memo indexes with gaps': (size) =>
    bytes(
      '\x80\x02N',
      times(size / 5, (i) => `r${u32(i * 4_000)}`),
      '.',
    ),
  'marks upon marks': (size) => bytes('\x80\x02', times(size / 2, '('), times(size / 2, 't'), '.'),
  'a dict as state in a tuple again and again': (size) =>
    bytes('\x80\x02cm\nX\n)\x81}q\x00', times(size / 6, 'Nh\x00\x86b'), '.'),
};

describe.each(Object.entries(SHAPES))('a pickle: %s', (_name, make) => {
  it('costs steps in proportion to its length, all of it inside the budget', () => {
    for (const size of [20_000, 400_000]) {
      let steps = 0;
      const stream = make(size);
      const limits = { spend: (more: number) => void (steps += more) };
      try {
        const decoded = decodePickle(stream, { limits });
        void [decoded.value, decoded.warnings, decoded.danger];
      } catch (error) {
        expect(error).toHaveProperty('problem');
      }
      expect(steps).toBeLessThan(30 * stream.length + 50_000);
    }
  });

  it('is decoded, or given up, within few steps where nobody may be held up', () => {
    const stream = make(32_000);
    const { error } = decode(stream, { limits: { ...DEFAULT_LIMITS, steps: 250_000 } });
    expect(error?.kind ?? 'limit-steps').toMatch(/^(limit-|pickle-|not-recognised)/);
    // And in base64 upon base64.
    let wrapped: Buffer = stream.subarray(0, 8_000);
    for (let layer = 0; layer < 5; layer += 1) wrapped = Buffer.from(wrapped.toString('base64'));
    decode(wrapped, { limits: { ...DEFAULT_LIMITS, steps: 250_000 } });
  });
});

describe('a difference', () => {
  const int = (n: number): TypedNode => ({ t: 'int', v: String(n) });
  const list = (v: TypedNode[]): TypedNode => ({ t: 'list', v });

  it('of objects with thousands of equal keys, as JSON allows them', () => {
    const json = (n: number, last: string) => Buffer.from(`{${'"k":1,'.repeat(n)}"k":${last}}`);
    const [before, after] = ['1', '2'].map((last) => decode(json(60_000, last)).value as TypedNode);
    expect(diff(before as TypedNode, after as TypedNode)).toHaveLength(1);
  });

  it('of many lists that have nothing in common', () => {
    const lists = (from: number) =>
      list(Array.from({ length: 200 }, (_, i) => list(Array.from({ length: 900 }, (_n, j) => int(from + i + j * 7)))));
    expect(diff(lists(0), lists(1_000_000), { max: 100 }).length).toBeGreaterThan(0);
  });

  it('of deep values with many members at the bottom', () => {
    const deep = (leaf: number) => {
      let node = list(Array.from({ length: 50_000 }, (_, i) => int(i * leaf)));
      for (let i = 0; i < 900; i += 1) node = list([node]);
      return node;
    };
    expect(diff(deep(1), deep(2), { max: 100 }).at(-1)).toMatchObject({ path: [] });
  });

  it('that takes too many steps is one line for the whole', () => {
    const large = (first: number) => list(Array.from({ length: 10_000 }, (_, i) => int(i === 0 ? first : i)));
    expect(diff(large(1), large(2), { steps: 5_000 })).toMatchObject([{ path: [], at: '' }]);
    expect(diff(large(1), large(2), { steps: 50_000 })).toMatchObject([{ at: '[0]' }]);
  });
});
