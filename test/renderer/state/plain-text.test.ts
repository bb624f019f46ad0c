import { describe, expect, it } from 'vitest';
import { formatPath } from '../../../core/codec/path.ts';
import type { Path } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { dict, int, shopData, str } from '../../../renderer/src/fake/fake-data.ts';
import { applyEdits } from '../../../renderer/src/fake/fake-edits.ts';
import { editsBetween, fromPlainText, fromTypedText, toPlain } from '../../../renderer/src/state/plain-text.ts';

const key = (name: string): Path[number] => ({ kind: 'key', key: str(name) });

describe('the record as text', () => {
  it('gives back the same value, types included, when nothing was changed', () => {
    const value = shopData();
    expect(fromPlainText(toPlain(value), value)).toEqual(value);
    expect(fromTypedText(JSON.stringify(value))).toEqual(value);
    expect(editsBetween(value, fromPlainText(toPlain(value), value))).toEqual([]);
  });

  it('stages exactly what differs and keeps the types around it', () => {
    const value = shopData();
    const text = toPlain(value)
      .replace('"count": 41', '"count": 42')
      .replace('"0.05"', '"0.07"')
      .replace('2026-11-23 16:02:11', '2027-01-01 00:00:00');
    expect(
      editsBetween(value, fromPlainText(text, value)).map(
        (edit) => edit.op === 'set' && [formatPath(edit.path), edit.value],
      ),
    ).toEqual([
      ['count', int(42)],
      ['cart[0].price', { t: 'decimal', v: '0.07' }],
      ['seen', { t: 'datetime', v: '2027-01-01T00:00:00.000000', fold: 0, tz: { t: 'none' } }],
    ]);
    const withList = toPlain(value).replace('"n": 3', '"n": 4');
    expect(editsBetween(value, fromPlainText(withList, value))).toEqual([
      { op: 'set', path: [key('cart'), { kind: 'index', index: 0 }, key('n')], value: int(4) },
    ]);
  });

  it('adds and removes keys; a list of another length is replaced as a whole', () => {
    const base = dict({ a: int(1), b: int(2), l: { t: 'tuple', v: [int(1)] } });
    const next = fromPlainText('{"a": 1, "c": "x", "l": [1, 2]}', base);
    const edits = editsBetween(base, next);
    expect(edits.map((edit) => edit.op)).toEqual(['delete', 'insert', 'set']);
    const tuple: TypedNode = { t: 'tuple', v: [int(1), int(2)] };
    expect(applyEdits(base, edits)).toEqual(dict({ a: int(1), l: tuple, c: str('x') }));
  });

  it('refuses to turn an object into the text that stands for it', () => {
    const value = shopData();
    expect(() => fromPlainText(toPlain(value).replace('shop_models.User', 'Other'), value)).toThrow(
      /object needs typed/,
    );
  });

  it('keeps every digit of a big integer', () => {
    const value = dict({ big: int('123456789012345678901234567890') });
    expect(toPlain(value)).toContain(': 123456789012345678901234567890');
    expect(fromPlainText(toPlain(value).replace('890', '891'), dict({ big: int(1) }))).toEqual(
      dict({ big: int('123456789112345678901234567890') }),
    );
  });

  it('says where the text is wrong', () => {
    expect(() => fromPlainText('{"a": }', dict({}))).toThrow(/JSON|Unexpected/);
    expect(() => fromTypedText('{"t":"int"}')).toThrow();
  });
});
