import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toBase64, toHex, utf8 } from '../../../core/codec/bytes.ts';
import { applyEdits, DEFAULT_LIMITS, decode, encodeNew } from '../../../core/codec/codec.ts';
import { getAt } from '../../../core/codec/path.ts';
import { fromPlainJson, typedEqual } from '../../../core/codec/typed.ts';
import type { Path } from '../../../core/model/path.ts';
import type { TypedNode } from '../../../core/model/typed.ts';

const FORMATS = new URL('../../fixtures/formats/', import.meta.url);
const WORDS =
  'the session of a visitor who logs in on Monday keeps cart and count until its cookie ends or the server says no'.split(
    ' ',
  );
const ALPHABETS = {
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  hex: '0123456789abcdef',
  decimal: '0123456789',
};

/** What everyday cookies and stores hold that is no format: nothing of it may be taken for one. */
function everyday(): Map<string, Uint8Array[]> {
  const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) => fc.sample(arbitrary, { numRuns, seed: 31 });
  const from = (alphabet: string) =>
    fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 120 }).map((letters) => letters.join(''));
  const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 12 });
  return new Map([
    ['random bytes', sample(fc.uint8Array({ maxLength: 400 }), 10_000)],
    ['base64 alphabet', sample(from(ALPHABETS.base64), 10_000).map(utf8)],
    ['url-safe alphabet', sample(from(ALPHABETS.url), 8000).map(utf8)],
    ['base64 of random bytes', sample(fc.uint8Array({ maxLength: 100 }), 8000).map((bytes) => utf8(toBase64(bytes)))],
    [
      'lines of base64 of random bytes',
      sample(fc.uint8Array({ minLength: 60, maxLength: 300 }), 3000).map((bytes) =>
        utf8(toBase64(bytes).replace(/.{1,76}/g, '$&\n')),
      ),
    ],
    ['hex digits', sample(from(ALPHABETS.hex), 4000).map(utf8)],
    ['decimal digits', sample(from(ALPHABETS.decimal), 2000).map(utf8)],
    ['UUIDs', sample(fc.uuid(), 4000).map(utf8)],
    ['base64 of UUIDs', sample(fc.uuid(), 2000).map((text) => utf8(toBase64(utf8(text))))],
    [
      'words',
      sample(
        words.map((list) => list.join(' ')),
        4000,
      ).map(utf8),
    ],
    [
      'base64 of words',
      sample(
        words.map((list) => toBase64(utf8(list.join(' ')))),
        4000,
      ).map(utf8),
    ],
    [
      'percent-encoded words',
      sample(
        words.map((list) => encodeURIComponent(list.join(' & '))),
        2000,
      ).map(utf8),
    ],
    [
      'quoted words',
      sample(
        words.map((list) => `"${list.join(' ')}"`),
        1000,
      ).map(utf8),
    ],
    ['scalars of JSON', ['true', 'null', '0', '-1.5', '"text"', ' 12 '].map(utf8)],
    [
      'pickle-like texts',
      [
        'N.',
        'I1\n.',
        '(dp0',
        'Nope.',
        '].',
        '}.',
        ').',
        '(t.',
        '(l.',
        '(d.',
        'cos\nsystem\n.',
        'c',
        '.',
        'S"a"\n.',
        '2.5.',
      ].map(utf8),
    ],
  ]);
}

it('takes no random or everyday text for a format', () => {
  const counts: Record<string, number> = {};
  for (const [what, inputs] of everyday()) {
    for (const input of inputs) {
      const found = decode(input);
      expect([what, Buffer.from(input).toString('latin1'), found.value]).toEqual([what, expect.anything(), null]);
    }
    counts[what] = inputs.length;
  }
  console.log('nothing found in', JSON.stringify(counts));
});

it('takes none of the negative samples of the frameworks for a format', () => {
  const { samples } = JSON.parse(readFileSync(new URL('negatives/samples.json', FORMATS), 'utf8'));
  const counts = { samples: 0, plainJson: 0 };
  for (const { id, raw, rawBase64, expect: allowed } of samples) {
    const bytes = rawBase64 === undefined ? utf8(raw) : Buffer.from(rawBase64, 'base64');
    const found = decode(bytes);
    counts.samples++;
    if (allowed.startsWith('base64 JSON')) {
      expect(found.layers).toEqual(['base64', 'json']);
      counts.plainJson++;
    } else expect([id, found.value]).toEqual([id, null]);
  }
  console.log('negatives', JSON.stringify(counts));
  expect(counts.samples).toBe(96);
});

const VALUE = fromPlainJson({ user: 'alice', cart: [{ id: 88, n: 3 }], count: 41, name: 'Zoë' });

it.each([
  [['json']],
  [['pickle']],
  [['base64', 'json']],
  [['base64', 'pickle']],
  [['base64url', 'json']],
  [['base64-nopad', 'json']],
  [['percent', 'json']],
  [['percent', 'base64', 'json']],
  [['quotes', 'base64', 'pickle']],
  [['quotes', 'json']],
  [['hex', 'pickle']],
  [['gzip', 'json']],
  [['zlib', 'pickle']],
  [['base64', 'zlib', 'json']],
  [['base64', 'gzip', 'pickle']],
  [['base64', 'deflate', 'json']],
  [['percent', 'quotes', 'base64', 'zlib', 'pickle']],
])('finds %j', (layers) => {
  let bytes = encodeNew(VALUE, layers);
  // Unreserved and padded texts look alike in some alphabets: vary the value until the marks of the layer are there.
  let value: TypedNode = VALUE;
  for (let i = 0; !isMarked(bytes, layers[0] ?? '') && i < 200; i++) {
    value = fromPlainJson({ user: 'alice', cart: [{ id: 88, n: 3 }], pad: '~?'.repeat(i % 7) + i });
    bytes = encodeNew(value, layers);
  }
  const found = decode(bytes);
  expect(found.layers).toEqual(layers);
  expect(typedEqual(found.value as TypedNode, value)).toBe(true);
  expect(found.steps.every((step) => step.reasons.length > 0)).toBe(true);
  expect(decode(bytes, { as: layers }).value).toEqual(found.value);
});

/** Whether a text has what sets its layer apart from its neighbours. */
function isMarked(bytes: Uint8Array, layer: string): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  if (layer === 'base64url') return /[-_]/.test(text);
  if (layer === 'base64-nopad') return text.length % 4 !== 0;
  return layer !== 'percent' || text.includes('%');
}

it('reads brotli by choice, and what other compressors write', () => {
  const json = utf8('{"a":[1,2,3]}');
  expect(decode(brotliCompressSync(json)).value).toBeNull();
  expect(decode(brotliCompressSync(json), { as: ['brotli', 'json'] }).lossless).toBe(true);
  for (const [layer, bytes] of [
    ['gzip', gzipSync(json)],
    ['zlib', deflateSync(json)],
    ['deflate', deflateRawSync(json)],
  ] as const) {
    expect(decode(bytes)).toMatchObject({ layers: [layer, 'json'], lossless: true });
  }
});

it('shows what is behind a checksum even when nothing is known inside', () => {
  expect(decode(gzipSync('hello'))).toMatchObject({ layers: ['gzip', 'text'], value: { t: 'str', v: 'hello' } });
  expect(decode(utf8(toBase64(deflateSync(Uint8Array.of(255, 0, 1)))))).toMatchObject({
    layers: ['base64', 'zlib', 'bytes'],
    value: { t: 'bytes', b64: '/wAB' },
  });
});

it('tells what failed inside a format that was surely meant', () => {
  expect(decode(utf8('{"a":1,}')).error).toMatchObject({ kind: 'json-syntax', at: 7, where: 'json' });
  expect(decode(utf8('{"a":1,}')).layers).toEqual(['json']);
  const cut = encodeNew(VALUE, ['pickle']).slice(0, 30);
  expect(decode(utf8(toBase64(cut)))).toMatchObject({
    layers: ['base64', 'pickle'],
    error: { kind: 'pickle-unpickling-error', where: 'pickle' },
  });
  const damaged = new Uint8Array(gzipSync('{"a":1}'.repeat(50)));
  damaged[20] = (damaged[20] as number) ^ 255;
  expect(decode(damaged).error?.kind).toMatch(/^(gzip|deflate)-/);
});

it('guesses nothing beyond eight layers, and stays bounded on what looks like many', () => {
  let bytes = utf8('{"a":1}');
  for (let i = 0; i < 12; i++) bytes = utf8(toBase64(bytes));
  expect(decode(bytes).value).toBeNull();
  let six = utf8('{"a":1}');
  for (let i = 0; i < 6; i++) six = utf8(toBase64(six));
  expect(decode(six).layers).toEqual([...Array(6).fill('base64'), 'json']);
  // Hex digits are base64 characters too: both are tried at every level.
  let hex = utf8(toHex(randomBytes(8)));
  for (let i = 0; i < 7; i++) hex = utf8(toHex(hex));
  expect(decode(hex).error?.kind).toBe('not-recognised');
});

it('bounds what decompression may give', () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  const limits = { ...DEFAULT_LIMITS, inflated: 1024 * 1024 };
  for (const options of [{ limits }, { limits, as: ['gzip', 'text'] }]) {
    const found = decode(bomb, options);
    expect(found.value).toBeNull();
    expect(found.error).toMatchObject({ kind: 'limit-inflated' });
  }
  const twice = gzipSync(bomb);
  expect(decode(twice, { limits }).error?.kind).toBe('limit-inflated');
  const zlib = deflateSync(Buffer.alloc(8 * 1024 * 1024));
  expect(decode(utf8(toBase64(zlib)), { limits }).error?.kind).toBe('limit-inflated');
  expect(
    decode(brotliCompressSync(Buffer.alloc(8 * 1024 * 1024)), { limits, as: ['brotli', 'text'] }).error?.kind,
  ).toBe('limit-inflated');
});

it('bounds size and time', () => {
  const limits = { ...DEFAULT_LIMITS, bytes: 10 };
  expect(decode(utf8('{"a":1234567}'), { limits }).error).toMatchObject({ kind: 'limit-bytes', at: 10 });
  let clock = 0;
  const now = () => (clock += 20_000);
  expect(decode(utf8('{"a":1}'), { now }).error?.kind).toBe('limit-time');
  const gone = new AbortController();
  gone.abort();
  expect(() => decode(utf8('{"a":1}'), { signal: gone.signal })).toThrowError(
    expect.objectContaining({ problem: expect.objectContaining({ kind: 'cancelled' }) }),
  );
});

it('maps places to the outer bytes where the layers allow it', () => {
  const bytes = encodeNew(VALUE, ['base64', 'json']);
  const found = decode(bytes);
  const span = found.spanOf([{ kind: 'key', key: { t: 'str', v: 'count' } }]);
  const inner = Buffer.from(Buffer.from(bytes).toString(), 'base64');
  expect(inner.subarray(span?.inner.start, span?.inner.end).toString()).toBe('41');
  const outer = Buffer.from(bytes).subarray(0, span?.outer?.end).toString().replaceAll('\n', '');
  expect(Buffer.from(outer, 'base64').toString()).toContain('"count":41');
  expect(decode(gzipSync('{"a":1}')).spanOf([{ kind: 'key', key: { t: 'str', v: 'a' } }])).toEqual({
    inner: { start: 5, end: 6 },
    outer: undefined,
  });
});

/**
 * Frameworks with values that are plain JSON or pickle, perhaps in base64, with no signature inside (Laravel's sealed
 * cookies are base64 JSON around what is sealed).
 */
const UNSIGNED =
  'aiohttp-session beaker cookie-session django express flask-session koa-session laravel pickle react-router php symfony spring-session'.split(
    ' ',
  );

it('reads what the frameworks store as plain JSON and pickle, and takes no signed value for less than it is', () => {
  const counts: Record<string, number> = {};
  const edits = { asTheFramework: 0, byValue: 0 };
  for (const { framework, sample } of frameworkSamples()) {
    const { raw, rawBase64, edit } = sample;
    const bytes = rawBase64 === undefined ? utf8(raw) : Buffer.from(rawBase64, 'base64');
    const found = decode(bytes);
    const name = found.value === null ? 'none' : found.layers.join('/');
    counts[name] = (counts[name] ?? 0) + 1;
    if (found.value === null) continue;
    if (found.signature !== undefined) {
      expect(found.signature.state).toMatch(/^(unchecked|none)$/);
      continue;
    }
    expect(UNSIGNED).toContain(framework);
    if (edit?.path === undefined) continue;
    const path = pointer(edit.path);
    const op = found.spanOf(path) === undefined ? 'insert' : 'set';
    const made = applyEdits(bytes, [{ op, path, value: fromPlainJson(edit.value) }]);
    if (typeof edit.expectedRaw === 'string') {
      expect(Buffer.from(made).toString()).toBe(edit.expectedRaw);
      edits.asTheFramework++;
    } else {
      expect(getAt(decode(made).value as TypedNode, path)).toEqual(fromPlainJson(edit.value));
      edits.byValue++;
    }
  }
  console.log('framework samples', JSON.stringify(counts), 'edits', JSON.stringify(edits));
  expect(counts['pickle']).toBeGreaterThan(10);
  expect(edits.asTheFramework).toBeGreaterThanOrEqual(8);
});

function* frameworkSamples() {
  for (const framework of readdirSync(FORMATS)) {
    const file = new URL(`${framework}/samples.json`, FORMATS);
    if (framework === 'negatives' || !existsSync(file)) continue;
    for (const sample of JSON.parse(readFileSync(file, 'utf8')).samples) {
      if (sample.raw !== undefined || sample.rawBase64 !== undefined) yield { framework, sample };
    }
  }
}

function pointer(text: string): Path {
  return text
    .split('/')
    .slice(1)
    .map((part) => ({ kind: 'key', key: fromPlainJson(part.replaceAll('~1', '/').replaceAll('~0', '~')) }));
}
