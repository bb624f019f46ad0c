import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cherrypyFiles } from '../../../../core/frameworks/cherrypy/layouts.ts';
import { decode } from '../../../../core/frameworks/codec.ts';

/* A session file that CherryPy itself wrote: test/fixtures/cherrypy/make.py. */

const SAMPLE = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../../fixtures/cherrypy/samples.json'), 'utf8'),
) as { readonly id: string; readonly hex: string; readonly ends: string };
const bytes = new Uint8Array(Buffer.from(SAMPLE.hex, 'hex'));
const name = `session-${SAMPLE.id}`;
const [clock] = cherrypyFiles.inside ?? [];
if (clock === undefined) throw new Error('the layout has no clock');

describe('session files of CherryPy', () => {
  it('are told by name and content; locks and others are not', () => {
    expect(cherrypyFiles.belongs(name)).toBe(true);
    expect(cherrypyFiles.looksLike(name, bytes.subarray(0, 64))).toBe(true);
    for (const other of [`${name}.lock`, 'session-1', `session-${'g'.repeat(40)}`, SAMPLE.id, '']) {
      expect(cherrypyFiles.belongs(other), other).toBe(false);
    }
    expect(cherrypyFiles.looksLike(name, new TextEncoder().encode('{}'))).toBe(false);
    expect(cherrypyFiles.recordNames(SAMPLE.id)).toEqual([name]);
    for (const id of ['../etc', '', 'A'.repeat(40), `${SAMPLE.id}\n`])
      expect(cherrypyFiles.recordNames(id)).toEqual([]);
  });

  it('say their end, and keep their digits when it is moved', () => {
    expect(clock.read(bytes)).toBe(Date.parse(SAMPLE.ends));
    const earlier = clock.write(bytes, Date.parse(SAMPLE.ends) - 7_200_000);
    expect(decode(earlier).value).toMatchObject({
      t: 'tuple',
      v: [{ t: 'dict' }, { t: 'datetime', v: '2026-11-23T11:00:05.250000' }],
    });
    expect(Buffer.from(clock.write(earlier, Date.parse(SAMPLE.ends))).toString('hex')).toBe(SAMPLE.hex);
  });

  it('that are something else have no end, and none is written', () => {
    for (const text of ['', 'x', '\x80\x05N.', '\x80\x04K\x01K\x02\x86.', '{"a":1}']) {
      const odd = new Uint8Array(Buffer.from(text, 'latin1'));
      expect(clock.read(odd), text).toBeNull();
      expect(() => clock.write(odd, 0), text).toThrow();
    }
    expect(() => clock.write(bytes, Number.NaN)).toThrow(/years/);
    expect(() => clock.write(bytes, 8.64e15)).toThrow(/years/);
  });
});
