import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../../core/capture/decode-body.ts';

const text = Buffer.from('Sessionscope '.repeat(1000));
const codings: [string, (bytes: Uint8Array) => Buffer][] = [
  ['gzip', (bytes) => zlib.gzipSync(bytes)],
  ['x-gzip', (bytes) => zlib.gzipSync(bytes)],
  ['deflate', (bytes) => zlib.deflateSync(bytes)],
  ['deflate', (bytes) => zlib.deflateRawSync(bytes)],
  ['br', (bytes) => zlib.brotliCompressSync(bytes)],
  ...(typeof zlib.zstdCompressSync === 'function'
    ? [['zstd', (bytes: Uint8Array) => zlib.zstdCompressSync(bytes)] as [string, (bytes: Uint8Array) => Buffer]]
    : []),
];

describe('decodeBody', () => {
  it.each(codings)('reads %s', async (name, encode) => {
    expect(await decodeBody(encode(text), name)).toMatchObject({ bytes: text, complete: true });
  });

  it('reads several codings in a row, and none', async () => {
    const twice = zlib.gzipSync(zlib.brotliCompressSync(text));
    expect((await decodeBody(twice, ' BR , gzip')).bytes.equals(text)).toBe(true);
    expect(await decodeBody(text, undefined)).toEqual({ bytes: text, complete: true });
    expect(await decodeBody(text, 'identity')).toEqual({ bytes: text, complete: true });
  });

  it.each(codings)('shows the beginning of a cut body in %s', async (name, encode) => {
    const noise = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 2654435761) % 251));
    const whole = encode(noise);
    const cut = await decodeBody(whole.subarray(0, Math.floor(whole.length / 2)), name);
    expect(cut.complete).toBe(false);
    expect(cut.note).toMatch(/cut or damaged/);
    expect(noise.subarray(0, cut.bytes.length).equals(cut.bytes)).toBe(true);
    if (name !== 'zstd') expect(cut.bytes.length).toBeGreaterThan(0);
  });

  it('stops a bomb at its limit, also one that is wound twice', async () => {
    const bomb = zlib.gzipSync(zlib.gzipSync(Buffer.alloc(200 << 20)));
    const once = await decodeBody(bomb, 'gzip', 1 << 20);
    expect(once.bytes.length).toBeLessThanOrEqual(1 << 20);
    const twice = await decodeBody(bomb, 'gzip, gzip', 1 << 20);
    expect(twice).toMatchObject({ complete: false, note: 'Only the first 1048576 bytes are shown' });
    expect(twice.bytes.length).toBe(1 << 20);
    expect((await decodeBody(bomb, 'gzip,gzip,gzip,gzip,gzip')).complete).toBe(false);
  });

  it('says which coding it does not know', async () => {
    expect(await decodeBody(text, 'sdch')).toMatchObject({
      bytes: text,
      complete: false,
      note: expect.stringContaining('sdch'),
    });
  });

  it.each([
    ['gzip', 'hello'],
    ['gzip', 'a page that a proxy unpacked, and whose header it forgot '.repeat(2_000)],
    ['deflate', '<!doctype html><p>plain</p>'],
    ['br', '{"plain":true,"but":"announced as br"}'],
    ['zstd', 'plain'],
  ])('shows the bytes of a body that is not %s, although it is announced so', async (coding, plain) => {
    const { bytes, complete, note, left } = await decodeBody(Buffer.from(plain), coding);
    expect(bytes.toString()).toBe(plain);
    expect(complete).toBe(true);
    expect(note).toBe(`The body is not ${coding}, although its header says so; its bytes are shown as they are`);
    expect(left).toEqual([coding]);
  });

  it('shows what lies under the codings that fit', async () => {
    const { bytes, left } = await decodeBody(zlib.gzipSync('plain text under gzip'), 'br, gzip');
    expect(bytes.toString()).toBe('plain text under gzip');
    expect(left).toEqual(['br']);
  });

  it('never fails on damaged bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('gzip', 'deflate', 'br', 'zstd', 'gzip, br'),
        async (bytes, coding) => {
          const { bytes: decoded, complete, note } = await decodeBody(bytes, coding, 10_000);
          expect(decoded.length).toBeLessThanOrEqual(10_000);
          expect(complete || note !== undefined).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
