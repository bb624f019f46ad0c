import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parsePath } from '../../../core/codec/path.ts';
import { summarise } from '../../../core/codec/typed.ts';
import { applyEdits, decode } from '../../../core/frameworks/codec.ts';
import type { Edit } from '../../../core/model/path.ts';
import { needs } from '../../support/needs.ts';

/** `pickle.dumps` of Python 2 at protocol 2: a dict of byte strings. */
function python2(entries: readonly (readonly [string, Buffer])[]): Buffer {
  const counted = (bytes: Buffer) => Buffer.concat([Buffer.from([0x55, bytes.length]), bytes]);
  return Buffer.concat([
    Buffer.from('\x80\x02}(', 'latin1'),
    ...entries.flatMap(([key, value]) => [counted(Buffer.from(key)), value]),
    Buffer.from('u.'),
  ]);
}

const text = (bytes: Buffer) => Buffer.concat([Buffer.from([0x55, bytes.length]), bytes]);
const call = (name: string, state: Buffer) =>
  Buffer.concat([Buffer.from(`cdatetime\n${name}\n`), text(state), Buffer.from([0x85, 0x52])]);

const RECORD = python2([
  ['name', text(Buffer.from('Jürgen 中文'))],
  ['raw', text(Buffer.from([0x4a, 0xfc, 0xff]))],
  ['plain', text(Buffer.from('abc'))],
  // 2026-11-23 10:20:30, whose bytes are no UTF-8; and 01:02:03.312233, whose bytes are.
  ['seen', call('datetime', Buffer.from([0x07, 0xea, 11, 23, 10, 20, 30, 0, 0, 0]))],
  ['at', call('time', Buffer.from([1, 2, 3, 0x04, 0xc3, 0xa9]))],
]);

function shown(bytes: Uint8Array, as?: string[]) {
  const { value } = decode(bytes, as && { as });
  if (value?.t !== 'dict') throw new Error('not a dict');
  return Object.fromEntries(value.v.map(([key, inner]) => [key.t === 'str' ? key.v : '?', summarise(inner, 200)]));
}

it('shows byte strings of Python 2 as UTF-8 where they are UTF-8, and keeps what is not', () => {
  expect(shown(RECORD)).toMatchObject({ name: "'Jürgen 中文'", raw: "'Jüÿ'", plain: "'abc'" });
  expect(shown(RECORD)).toMatchObject({ seen: '2026-11-23 10:20:30', at: '01:02:03.312233' });
});

it('keeps bytes that nobody edited, and writes edited text in the encoding of the record', () => {
  const edit: Edit = { op: 'set', path: parsePath('plain'), value: { t: 'str', v: 'Grüße' } };
  const edited = applyEdits(RECORD, [edit]);
  const places = RECORD.indexOf('abc');
  expect(Buffer.from(edited).subarray(0, places - 2)).toEqual(RECORD.subarray(0, places - 2));
  expect(Buffer.from(edited).indexOf('Grüße', 'utf8')).toBeGreaterThan(0);
  expect(shown(edited)).toMatchObject({ plain: "'Grüße'", raw: "'Jüÿ'", name: "'Jürgen 中文'" });
});

needs('python')('as CPython reads it', () => {
  const python = (bytes: Uint8Array, encoding: string) =>
    JSON.parse(
      execFileSync('/usr/bin/python3', [
        '-c',
        `import pickle,json,base64,sys
print(json.dumps({k if isinstance(k,str) else k.decode(): str(v) for k,v in pickle.loads(base64.b64decode('${Buffer.from(bytes).toString('base64')}'), encoding='${encoding}').items()}))`,
      ]).toString('utf8'),
    );
  const strings = (bytes: Uint8Array) => {
    const read = python(bytes, 'latin-1');
    return Object.fromEntries(
      Object.entries<string>(read).map(([key, value]) => [key, Buffer.from(value, 'latin1').toString('utf8')]),
    );
  };

  it('agrees on the values, edited and not', () => {
    expect(python(RECORD, 'latin-1')).toMatchObject({ seen: '2026-11-23 10:20:30', at: '01:02:03.312233' });
    const value = { t: 'bytes', b64: Buffer.from('ÿ\u00c3\u00bc', 'latin1').toString('base64') } as const;
    const edited = applyEdits(RECORD, [
      { op: 'set', path: parsePath('plain'), value: { t: 'str', v: 'Grüße 中' } },
      { op: 'set', path: parsePath('at'), value: { t: 'time', v: '04:05:06.000000', fold: 0, tz: { t: 'none' } } },
      { op: 'set', path: parsePath('raw'), value },
    ]);
    expect(strings(edited)).toMatchObject({ plain: 'Grüße 中', name: 'Jürgen 中文', at: '04:05:06' });
    expect(python(edited, 'latin-1')['raw']).toBe("b'\\xff\\xc3\\xbc'");
    expect(shown(edited)).toMatchObject({ at: '04:05:06', plain: "'Grüße 中'" });
  });

  it('takes the answer `pickle:utf8` where every byte string is UTF-8', () => {
    const all = python2([['name', text(Buffer.from('Zoë'))]]);
    expect(python(all, 'utf-8')).toEqual({ name: 'Zoë' });
    const decoded = decode(all, { as: ['pickle:utf8'] });
    expect(decoded.error).toBeUndefined();
    expect(shown(all, ['pickle:utf8'])).toEqual({ name: "'Zoë'" });
  });
});
