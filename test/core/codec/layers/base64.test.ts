import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concat, sameBytes } from '../../../../core/codec/bytes.ts';
import type { BytesDecoded, LayerContext } from '../../../../core/codec/layer.ts';
import { base64 } from '../../../../core/codec/layers/base64.ts';
import { base64nopad, base64url } from '../../../../core/codec/layers/base64-strict.ts';
import { DEFAULT_LIMITS, makeBudget } from '../../../../core/codec/limits.ts';
import { ProblemError } from '../../../../core/model/problem.ts';
import { needs } from '../../../support/needs.ts';

const context: LayerContext = {
  budget: makeBudget(DEFAULT_LIMITS),
  chosen: true,
  outer: [],
  keys: [],
  companions: {},
  stamp: 'keep',
  time: 0,
};
const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const read = (bytes: Uint8Array, layer = base64) => layer.decode(bytes, context) as BytesDecoded;

/** Texts that are nearly base64: real ones with bytes changed, inserted and removed, and odd mixtures. */
const nearly = fc
  .tuple(
    fc.uint8Array({ maxLength: 150 }),
    fc.constantFrom<'line' | 'lines' | 'crlf' | 'short'>('line', 'lines', 'crlf', 'short'),
    fc.array(
      fc.tuple(fc.nat(250), fc.constantFrom('', '=', '==', '\n', '\r\n', ' ', '-', '_', '!', 'A', 'é', '\u0000')),
      { maxLength: 4 },
    ),
    fc.constantFrom('', '\n', '=', '====', '\n\n', 'QUFB', '==QQ==', '\r\n'),
  )
  .map(([content, form, changes, end]) => {
    let text = Buffer.from(content).toString('base64');
    if (form === 'short') text = text.replace(/=+$/, '');
    if (form === 'lines') text = text.replace(/.{1,76}/g, '$&\n');
    if (form === 'crlf') text = text.replace(/.{1,64}/g, '$&\r\n');
    for (const [at, piece] of changes) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + piece + text.slice(place + (at % 2));
    }
    return ascii(text + end);
  });
const mixture = fc
  .array(fc.constantFrom(...'ABYZabyz0189+/==-_\n\r !'), { maxLength: 40 })
  .map((characters) => ascii(characters.join('')));
const anyText = fc.oneof(
  { weight: 4, arbitrary: nearly },
  { weight: 2, arbitrary: mixture },
  fc.uint8Array({ maxLength: 60 }),
);

const JUDGE = `
import sys, base64, json
out = []
for line in sys.stdin:
    try: out.append(["ok", base64.decodebytes(bytes.fromhex(line.strip())).hex()])
    except Exception as e: out.append(["error", str(e)])
json.dump(out, sys.stdout)
`;

needs('python')('beside CPython', () => {
  it('decodes and refuses 8,000 fuzzed texts as base64.decodebytes does', () => {
    const inputs = fc.sample(anyText, { numRuns: 8000, seed: 7 });
    const answer = execFileSync('/usr/bin/python3', ['-c', JUDGE], {
      input: inputs.map((bytes) => Buffer.from(bytes).toString('hex')).join('\n'),
      maxBuffer: 1 << 28,
    });
    const counts = { inputs: inputs.length, decoded: 0, refused: 0, notLossless: 0 };
    for (const [i, [outcome, detail]] of (JSON.parse(answer.toString()) as [string, string][]).entries()) {
      const bytes = inputs[i] as Uint8Array;
      const found = outcomeOf(bytes);
      if (outcome === 'ok') {
        expect([i, found]).toEqual([i, detail]);
        counts.decoded++;
        if (!read(bytes).lossless) counts.notLossless++;
      } else {
        expect([i, found]).toEqual([i, detail === 'Incorrect padding' ? 'base64-padding' : 'base64-single']);
        counts.refused++;
      }
    }
    console.log('base64 beside CPython', JSON.stringify(counts));
    expect(counts.decoded).toBeGreaterThan(2000);
    expect(counts.refused).toBeGreaterThan(1000);
    expect(counts.notLossless).toBe(0);
  });
});

function outcomeOf(bytes: Uint8Array): string {
  try {
    return Buffer.from(read(bytes).bytes).toString('hex');
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.kind;
    throw error;
  }
}

it('gives back the same bytes for the same content and the new content for any other', () => {
  let edits = 0;
  for (const layer of [base64, base64url, base64nopad]) {
    fc.assert(
      fc.property(anyText, fc.uint8Array({ maxLength: 160 }), (outer, next) => {
        let decoded: BytesDecoded;
        try {
          decoded = read(outer, layer);
        } catch {
          return;
        }
        expect(decoded.lossless).toBe(true);
        expect(sameBytes(decoded.encode(decoded.bytes.slice()), outer)).toBe(true);
        expect(sameBytes(read(decoded.encode(next), layer).bytes, next)).toBe(true);
        edits++;
      }),
      { numRuns: 2000, seed: 8 },
    );
  }
  console.log(`base64 edits read back: ${edits}`);
  expect(edits).toBeGreaterThan(2000);
});

it('keeps the beginning of a text when only its end changes', () => {
  const content = Uint8Array.from({ length: 300 }, (_, i) => i & 255);
  const outer = base64.make.kind === 'bytes' ? base64.make.wrap(content) : content;
  expect(Buffer.from(outer).toString()).toMatch(/^(.{76}\n){5}.{20}\n$/);
  const longer = read(outer).encode(concat([content, ascii('more')]));
  expect(Buffer.from(longer).toString().startsWith(Buffer.from(outer).toString().slice(0, 390))).toBe(true);
  expect(Buffer.from(longer).toString()).toMatch(/^(.{76}\n){5}.{28}\n$/);
});

it('finds the outer bytes of inner ones', () => {
  fc.assert(
    fc.property(anyText, fc.nat(), fc.nat(), (outer, a, b) => {
      let decoded: BytesDecoded;
      try {
        decoded = read(outer);
      } catch {
        return;
      }
      const length = decoded.bytes.length;
      if (length === 0) return;
      const start = a % length;
      const end = Math.min(length, start + 1 + (b % 9));
      const span = decoded.outerSpan({ start, end });
      // Another value in one of these bytes changes nothing outside the span.
      const changed = decoded.bytes.slice();
      changed[start] = (changed[start] as number) ^ 255;
      changed[end - 1] = (changed[end - 1] as number) ^ 15;
      const made = decoded.encode(changed);
      expect(span).toBeDefined();
      if (span === undefined || made.length !== outer.length) return;
      for (let i = 0; i < outer.length; i++) {
        if (made[i] !== outer[i] && !(i >= span.start && i < span.end)) {
          // Bits that no byte holds go when the byte beside them changes.
          expect(end).toBe(length);
        }
      }
    }),
    { numRuns: 3000, seed: 9 },
  );
});

it.each([
  ['YQ==Yg==', 'a', 'base64-after-padding', 4],
  ['Y!Q==', 'a', 'base64-skipped', 1],
  ['Y-Q==', 'a', 'base64-url-safe-skipped', 1],
  ['YR==', 'a', 'base64-leftover-bits', 3],
])('%s gives %s and says %s', (text, content, code, at) => {
  const decoded = read(ascii(text));
  expect(Buffer.from(decoded.bytes).toString()).toBe(content);
  expect(decoded.warnings.map((warning) => [warning.code, warning.at])).toEqual([[code, at]]);
});

it.each([
  ['YQ', 'base64-padding', 2],
  ['YWJj\nYWJjY', 'base64-single', 9],
])('refuses %j at the right place', (text, kind, at) => {
  try {
    read(ascii(text));
    expect.unreachable();
  } catch (error) {
    expect((error as ProblemError).problem).toMatchObject({ kind, at });
  }
});

it('reads url-safe text with and without padding, and refuses what is outside its alphabet', () => {
  expect(Buffer.from(read(ascii('-_8'), base64url).bytes).toString('hex')).toBe('fbff');
  expect(Buffer.from(read(ascii('-_8='), base64url).bytes).toString('hex')).toBe('fbff');
  expect(Buffer.from(read(ascii('+/8'), base64nopad).bytes).toString('hex')).toBe('fbff');
  expect(() => read(ascii('+/8'), base64url)).toThrowError(
    expect.objectContaining({ problem: expect.objectContaining({ at: 0 }) }),
  );
});
