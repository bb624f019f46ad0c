import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePath } from '../../../../core/codec/path.ts';
import { toPlain } from '../../../../core/codec/typed-plain.ts';
import { applyEdits, decode } from '../../../../core/frameworks/codec.ts';
import { railsCacheEnd } from '../../../../core/frameworks/rails/cache-entry.ts';
import { railsCacheFiles } from '../../../../core/frameworks/rails/layouts.ts';

/** Written by Rails 6.1, and by its rules for 7.0 and 7.1: test/fixtures/rails-cache/make.rb. */
const { samples } = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../../fixtures/rails-cache/samples.json'), 'utf8'),
) as {
  samples: {
    id: string;
    rawBase64: string;
    ends: number | null;
    value: Record<string, unknown>;
    path: string | null;
  }[];
};

describe('entries of Rails.cache', () => {
  it.each(samples)('$id', ({ rawBase64, ends, value, path: place }) => {
    const bytes = Buffer.from(rawBase64, 'base64');
    const decoded = decode(bytes);
    expect(decoded.layers[0]).toBe('rails-cache');
    expect(decoded.value === null ? null : toPlain(decoded.value)).toEqual(value);
    expect(decoded.lossless).toBe(true);
    expect(Buffer.from(applyEdits(bytes, []))).toEqual(bytes);
    // Edited, and the end stays.
    const edited = applyEdits(bytes, [{ op: 'set', path: parsePath('user'), value: { t: 'str', v: 'bob' } }]);
    const again = decode(edited).value;
    expect(again === null ? null : toPlain(again)).toEqual({ ...value, user: 'bob' });
    expect(railsCacheEnd.read(edited)).toBe(railsCacheEnd.read(bytes));
    // The end as Rails says it, moved and brought back.
    expect(railsCacheEnd.read(bytes)).toBe(ends === null ? null : Math.round(ends * 1000));
    const moved = railsCacheEnd.write(bytes, 1_700_000_000_500);
    expect(railsCacheEnd.read(moved)).toBe(ends === null ? null : 1_700_000_000_500);
    const movedValue = decode(moved).value;
    expect(movedValue === null ? null : toPlain(movedValue)).toEqual(value);
    // The folder in which Rails keeps the file.
    if (place === null) return;
    const name = path.basename(place);
    expect([...(railsCacheFiles.folders?.(name, 2) ?? []), name].join('/')).toBe(place);
  });

  it.each([
    ['nothing', ''],
    ['a mark alone', '00'],
    ['a head that is cut off', '001101000000'],
    ['a compressed entry that is cut off', '01789c'],
    ['a Marshal that is none', '00040899'],
  ])('%s is refused, and has no end to move', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(decode(bytes, { as: ['rails-cache'] }).error).toBeDefined();
    expect(railsCacheEnd.read(bytes)).toBeNull();
    expect(Buffer.from(railsCacheEnd.write(bytes, 1_700_000_000_000))).toEqual(bytes);
  });

  it('a version longer than the entry is refused with its place', () => {
    const bytes = Buffer.from('0011010000000000000000ffffff7f0408', 'hex');
    expect(decode(bytes, { as: ['rails-cache'] }).error).toMatchObject({ kind: 'layer-form', at: 11 });
  });
});
