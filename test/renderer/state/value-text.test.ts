import { describe, expect, it } from 'vitest';
import type { TypedNode } from '../../../core/model/typed.ts';
import { shopData, str } from '../../../renderer/src/fake/fake-data.ts';
import { flattenTree } from '../../../renderer/src/state/tree-rows.ts';
import {
  base64Bytes,
  type Enterable,
  editText,
  inline,
  isEnterable,
  parsePlain,
  parseValue,
  ValueError,
} from '../../../renderer/src/state/value-text.ts';

describe('values as text', () => {
  it('reads back what it wrote for every value that is edited on a line', () => {
    let checked = 0;
    for (const { node } of flattenTree(shopData(), [], () => true)) {
      const text = editText(node);
      if (text === undefined || !isEnterable(node.t)) continue;
      expect(parseValue(node.t, text, node)).toEqual(node);
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });

  it('keeps every digit of an int, whatever its size', () => {
    expect(parseValue('int', ' -000123456789012345678901234567890 ')).toEqual({
      t: 'int',
      v: '-123456789012345678901234567890',
    });
    expect(parseValue('int', '-0')).toEqual({ t: 'int', v: '0' });
  });

  it('keeps every byte', () => {
    const b64 = btoa(String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)));
    const node: TypedNode = { t: 'bytes', b64 };
    expect(parseValue('bytes', editText(node) ?? '', node)).toEqual(node);
    expect([...base64Bytes((parseValue('bytes', '价') as { b64: string }).b64)]).toEqual([0xe4, 0xbb, 0xb7]);
  });

  it.each<[Enterable, string]>([
    ['int', '4.5'],
    ['int', ''],
    ['float', 'abc'],
    ['bool', 'maybe'],
    ['date', '23.11.2026'],
    ['datetime', '2026-11-23'],
    ['uuid', '123'],
    ['fraction', '1/0'],
    ['decimal', '1,5'],
    ['dict', '[1]'],
    ['list', '{"a": 1}'],
  ])('refuses %s from %j with an example', (kind, text) => {
    expect(() => parseValue(kind, text)).toThrow(ValueError);
  });

  it('keeps the digits of JSON numbers and tells ints from floats', () => {
    expect(parsePlain('[12345678901234567890, 1.0, -0, 1e2]')).toEqual({
      t: 'list',
      v: [
        { t: 'int', v: '12345678901234567890' },
        { t: 'float', v: '1.0', hex: '3ff0000000000000' },
        { t: 'int', v: '0' },
        { t: 'float', v: '100.0', hex: '4059000000000000' },
      ],
    });
  });

  it('never grows beyond its room', () => {
    for (const { node } of flattenTree(shopData(), [], () => true))
      expect(inline(node, 50).length).toBeLessThanOrEqual(50);
    expect(inline(str('x'.repeat(10_000)), 80)).toHaveLength(80);
  });
});
