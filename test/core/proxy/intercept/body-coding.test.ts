import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canEncode, decodeWhole, encodeWhole } from '../../../../core/proxy/intercept/body-coding.ts';

describe('body codings of an edit', () => {
  it('write what they read, for any bytes and any row of codings', async () => {
    const coding = fc.constantFrom('gzip', 'x-gzip', 'deflate', 'br', 'identity', 'gzip, br', 'BR,deflate', '');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), coding, async (bytes, name) => {
        expect(canEncode(name)).toBe(true);
        expect((await decodeWhole(await encodeWhole(bytes, name), name)).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('are those of the standards', async () => {
    const text = Buffer.from('hello');
    expect(zlib.gunzipSync(await encodeWhole(text, 'gzip'))).toEqual(text);
    expect(zlib.inflateSync(await encodeWhole(text, 'deflate'))).toEqual(text);
    expect(await decodeWhole(zlib.deflateRawSync(text), 'deflate')).toEqual(text);
    expect(zlib.gunzipSync(zlib.brotliDecompressSync(await encodeWhole(text, 'gzip, br')))).toEqual(text);
  });

  it('refuse what they cannot write, damaged bytes and bombs', async () => {
    expect(canEncode('sdch')).toBe(false);
    await expect(decodeWhole(Buffer.from('x'), 'sdch')).rejects.toThrow(/cannot be read/);
    await expect(decodeWhole(Buffer.from('no gzip'), 'gzip')).rejects.toThrow(/cannot be read/);
    await expect(decodeWhole(zlib.gzipSync(Buffer.alloc(100 << 20)), 'gzip')).rejects.toThrow(/cannot be read/);
  });
});
