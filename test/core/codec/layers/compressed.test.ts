import { execFileSync } from 'node:child_process';
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../../../../core/codec/bytes.ts';
import { applyEdits, decode } from '../../../../core/codec/codec.ts';
import { parsePath } from '../../../../core/codec/path.ts';
import { fromPlainJson } from '../../../../core/codec/typed.ts';
import { needs } from '../../../support/needs.ts';

/** Session-like JSON of all sizes. */
const sessions = fc.sample(
  fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.oneof(fc.string({ maxLength: 60 }), fc.integer(), fc.array(fc.string(), { maxLength: 9 })),
    { minKeys: 1, maxKeys: 40 },
  ),
  { numRuns: 50, seed: 71 },
);
const texts = sessions.map((value, i) => utf8(JSON.stringify({ step: i, ...value })));
const edit = [{ op: 'set' as const, path: parsePath('step'), value: fromPlainJson('done') }];

const PYTHON = `
import sys, zlib, gzip, json
out = []
for line in sys.stdin:
    raw = bytes.fromhex(line.strip())
    for level in (1, 6, 9):
        out.append(["zlib", zlib.compress(raw, level).hex()])
        out.append(["gzip", gzip.compress(raw, level, mtime=1700000000).hex()])
        c = zlib.compressobj(level, zlib.DEFLATED, -15)
        out.append(["deflate", (c.compress(raw) + c.flush()).hex()])
json.dump(out, sys.stdout)
`;
const CHECK = `
import sys, zlib, gzip
for line in sys.stdin:
    kind, data = line.split()
    data = bytes.fromhex(data)
    print((gzip.decompress(data) if kind == 'gzip' else zlib.decompress(data, -15 if kind == 'deflate' else 15)).hex())
`;

needs('python')('beside CPython', () => {
  it('gives back the very bytes of zlib, and Python reads what was edited', () => {
    const input = texts.map((text) => Buffer.from(text).toString('hex')).join('\n');
    const made = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', PYTHON], { input, maxBuffer: 1 << 28 }).toString(),
    ) as [string, string][];
    const counts = { streams: 0, reproduced: 0, edited: 0 };
    const edited: string[] = [];
    const expected: string[] = [];
    for (const [i, [kind, hex]] of made.entries()) {
      const bytes = Buffer.from(hex, 'hex');
      const as = [kind, 'json'];
      const found = decode(bytes, { as });
      expect(found.error).toBeUndefined();
      counts.streams++;
      if (found.lossless) counts.reproduced++;
      expect(Buffer.compare(applyEdits(bytes, [], { as }), bytes)).toBe(0);
      edited.push(`${kind} ${Buffer.from(applyEdits(bytes, edit, { as })).toString('hex')}`);
      expected.push(
        Buffer.from(applyEdits(texts[Math.floor(i / 9)] as Uint8Array, edit, { as: ['json'] })).toString('hex'),
      );
    }
    const read = execFileSync('/usr/bin/python3', ['-c', CHECK], { input: edited.join('\n'), maxBuffer: 1 << 28 })
      .toString()
      .trimEnd()
      .split('\n');
    expect(read).toEqual(expected);
    counts.edited = read.length;
    console.log('compressed by CPython', JSON.stringify(counts));
    expect(counts.reproduced).toBe(counts.streams);
  });
});

it('gives back the very bytes of Node, at every level', () => {
  const counts = { streams: 0, reproduced: 0 };
  for (const text of texts.slice(0, 20)) {
    for (const level of [-1, 0, 1, 4, 6, 9]) {
      for (const [kind, bytes] of [
        ['zlib', deflateSync(text, { level })],
        ['gzip', gzipSync(text, { level })],
        ['deflate', deflateRawSync(text, { level })],
      ] as const) {
        counts.streams++;
        if (decode(bytes, { as: [kind, 'json'] }).lossless) counts.reproduced++;
      }
    }
  }
  console.log('compressed by Node', JSON.stringify(counts));
  expect(counts.reproduced).toBe(counts.streams);
});

it('keeps the gzip header, its name and time', () => {
  const named = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 8, 1, 2, 3, 4, 0, 3]),
    Buffer.from('a.json\0'),
    gzipSync('{"step":1}').subarray(10),
  ]);
  expect(decode(named)).toMatchObject({ layers: ['gzip', 'json'], lossless: true });
  const made = applyEdits(named, edit);
  expect(Buffer.from(made.subarray(0, 17))).toEqual(named.subarray(0, 17));
  expect(gunzipSync(made).toString()).toBe('{"step":"done"}');
});

it('says so when the bytes of an unknown compressor cannot be made again, and still edits', () => {
  const content = Buffer.from('{"step":1}'.padEnd(40));
  const stored = Buffer.concat([
    Buffer.from([0x78, 1, 0, 10, 0, 245, 255]),
    content.subarray(0, 10),
    Buffer.from([1, 30, 0, 225, 255]),
    content.subarray(10),
    deflateSync(content).subarray(-4),
  ]);
  const found = decode(stored);
  expect(found).toMatchObject({ layers: ['zlib', 'json'], lossless: false });
  expect(found.warnings.map((warning) => warning.code)).toEqual(['compression-unknown']);
  expect(inflateSync(applyEdits(stored, edit)).toString()).toBe('{"step":"done"}'.padEnd(45));
});

it.each([
  ['zlib', deflateSync('hello').subarray(0, 8), 'zlib-truncated', 8],
  ['zlib', Buffer.concat([deflateSync('hello'), Buffer.from('x')]), 'zlib-trailing', 13],
  ['zlib', Buffer.from('hello'), 'zlib-header', 0],
  ['gzip', Buffer.from([0x1f, 0x8b, 7]), 'gzip-header', 2],
  ['gzip', gzipSync('hello').subarray(0, 12), 'gzip-truncated', 12],
  ['gzip', Buffer.concat([gzipSync('hello'), Buffer.from('x')]), 'gzip-trailing', 25],
  ['gzip', gzipSync('hello').subarray(0, 20), 'gzip-truncated', 20],
  ['deflate', Buffer.from([7, 1, 2, 3]), 'deflate-damaged', 1],
])('a damaged %s stream says what and where', (layer, bytes, kind, at) => {
  expect(decode(bytes, { as: [layer, 'text'] }).error).toMatchObject({ kind, at });
});

it('finds a wrong checksum', () => {
  const bytes = gzipSync('hello');
  bytes[bytes.length - 6] = (bytes[bytes.length - 6] as number) ^ 1;
  expect(decode(bytes, { as: ['gzip', 'text'] }).error).toMatchObject({ kind: 'gzip-damaged', at: bytes.length - 6 });
  const zlib = deflateSync('hello');
  zlib[zlib.length - 1] = (zlib[zlib.length - 1] as number) ^ 1;
  expect(decode(zlib, { as: ['zlib', 'text'] }).error?.kind).toBe('zlib-damaged');
});
