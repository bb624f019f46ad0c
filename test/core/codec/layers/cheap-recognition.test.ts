import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../../../../core/codec/bytes.ts';
import type { LayerContext } from '../../../../core/codec/layer.ts';
import { deflate } from '../../../../core/codec/layers/deflate.ts';
import { type Alphabet, asciiText, readBase64Text, withTextOf } from '../../../../core/codec/signed/parts.ts';

/** What the recogniser of deflate reads of its context. */
const CONTEXT = { outer: [] as string[] } as unknown as LayerContext;

/** The same without the look at the head of the first block. */
function couldBe(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && bytes.subarray(0, 64).some((byte) => byte >= 0x80 || byte < 9);
}

it('refuses no raw deflate data for the head of its first block', () => {
  const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc
      .array(fc.constantFrom('cart', 'user_id', '": ', '{"', '}', '0', 'é'), { maxLength: 200 })
      .map((parts) => utf8(parts.join(''))),
  );
  const settings = fc.record({
    level: fc.integer({ min: 0, max: 9 }),
    strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE),
  });
  fc.assert(
    fc.property(content, settings, (inner, options) => {
      const bytes = new Uint8Array(deflateRawSync(inner, options));
      expect(deflate.recognise(bytes, CONTEXT) !== undefined).toBe(couldBe(bytes));
    }),
    { numRuns: 2_000 },
  );
});

it('refuses no bytes that zlib inflates, whatever they begin with', () => {
  const heads = [0, 1, 2, 3, 4, 5, 12, 13];
  let inflated = 0;
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ minLength: 7, maxLength: 40 }), (low, tail) => {
      const bytes = Uint8Array.from([low, ...tail]);
      try {
        inflateRawSync(bytes);
      } catch {
        return;
      }
      inflated++;
      expect(deflate.recognise(bytes, CONTEXT) !== undefined).toBe(couldBe(bytes));
    }),
    { numRuns: 6_000, seed: 5 },
  );
  expect(inflated).toBeGreaterThan(15);
});

const NODE: Record<Alphabet, { encoding: 'base64' | 'base64url'; padded: boolean }> = {
  standard: { encoding: 'base64', padded: true },
  'standard-nopad': { encoding: 'base64', padded: false },
  url: { encoding: 'base64url', padded: false },
  'url-padded': { encoding: 'base64url', padded: true },
};

/** Base64 as Node writes it, in the given form. */
function written(bytes: Uint8Array, alphabet: Alphabet): string {
  const { encoding, padded } = NODE[alphabet];
  const text = Buffer.from(bytes).toString(encoding).replace(/=+$/, '');
  return padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
}

it.each(Object.keys(NODE) as Alphabet[])(
  'reads base64 (%s) exactly where writing it gives the same text',
  (alphabet) => {
    const letters = 'AQgwxZ09+/-_==. é€'.split('');
    const anything = fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((list) => list.join(''));
    const proper = fc.uint8Array({ maxLength: 60 }).map((bytes) => written(bytes, alphabet));
    const spoilt = fc
      .tuple(proper, fc.nat(80), fc.constantFrom(...letters))
      .map(([text, at, letter]) => text.slice(0, at) + letter + text.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(anything, proper, spoilt), (text) => {
        const bytes = Buffer.from(text, 'base64');
        const expected = written(bytes, alphabet) === text ? new Uint8Array(bytes) : undefined;
        expect(readBase64Text(text, alphabet)).toEqual(expected);
      }),
      { numRuns: 5_000 },
    );
  },
);

it('remembers the text of bytes only while it is asked to', () => {
  const bytes = utf8('one');
  const inner = utf8('inner');
  withTextOf(bytes, () => {
    expect(asciiText(bytes)).toBe('one');
    withTextOf(inner, () => expect([asciiText(inner), asciiText(bytes)]).toEqual(['inner', 'one']));
    expect([asciiText(bytes), asciiText(utf8('é'))]).toEqual(['one', undefined]);
  });
  expect(() => withTextOf(bytes, () => expect.fail('stop'))).toThrow('stop');
  bytes[0] = 0x74;
  expect(asciiText(bytes)).toBe('tne');
});
