import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedDecoder } from '../../../../core/proxy/http1/chunked.ts';
import { HeadError } from '../../../../core/proxy/http1/head-error.ts';

/** Decodes bytes cut at the given places. */
function decode(bytes: Buffer, cuts: readonly number[], lenient = false) {
  const decoder = new ChunkedDecoder(lenient, 10_000);
  const data: Buffer[] = [];
  let used = 0;
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  for (let i = 0; i + 1 < places.length; i++) {
    const piece = bytes.subarray(places[i], places[i + 1]);
    const end = decoder.feed(piece, 0, (chunk) => data.push(Buffer.from(chunk)));
    used += end;
    if (decoder.done) break;
  }
  return { data: Buffer.concat(data), used, done: decoder.done, trailers: decoder.trailers };
}

describe('the chunked coding', () => {
  it('gives the same for every cut, and stops where the body ends', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(chunks, fc.array(fc.nat(), { maxLength: 8 }), fc.boolean(), (parts, cuts, extension) => {
        const body = Buffer.concat([
          ...parts.flatMap((part) => [
            Buffer.from(`${part.length.toString(16)}${extension ? ' ;a="b"' : ''}\r\n`),
            Buffer.from(part),
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\nX-Sum: 1\r\n\r\n'),
        ]);
        const got = decode(Buffer.concat([body, Buffer.from('GET / HTTP/1.1')]), cuts);
        expect(got.done).toBe(true);
        expect(got.used).toBe(body.length);
        expect(got.data.equals(Buffer.concat(parts))).toBe(true);
        expect(got.trailers).toEqual(['X-Sum', '1']);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '5\nhello\r\n',
    '5\r\nhelloX',
    '5\r\nhello\n',
    '-5\r\n',
    '0x5\r\n',
    '\r\n',
    '5 5\r\n',
    '5;\x01\r\n',
    '5;a\rb\r\n',
    'fffffffffffffff\r\n',
  ])('strictly refuses %j', (text) => {
    expect(() => decode(Buffer.from(text), [])).toThrow(HeadError);
  });

  it('bears bare LF and blanks from applications', () => {
    expect(decode(Buffer.from('5 \nhello\n0\n\n'), [], true)).toMatchObject({ done: true, data: Buffer.from('hello') });
  });

  it('bounds size lines and trailers', () => {
    expect(() => decode(Buffer.from(`5;${'x'.repeat(5000)}`), [])).toThrow(HeadError);
    expect(() => decode(Buffer.from(`0\r\n${'A: 1\r\n'.repeat(5000)}`), [])).toThrow(HeadError);
  });
});
