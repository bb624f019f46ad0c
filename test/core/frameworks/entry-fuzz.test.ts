import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../core/codec/limits.ts';
import { decode } from '../../../core/frameworks/codec.ts';
import { djangoCacheEnd } from '../../../core/frameworks/django/cache-file.ts';
import { railsCacheEnd } from '../../../core/frameworks/rails/cache-entry.ts';
import { joinValues, splitValues } from '../../../core/model/named-values.ts';
import { seeded } from '../../support/random-typed.ts';

/* Records that hold more than the session (an entry of a cache, several values), damaged at random. A long run:
 * SESSIONSCOPE_FUZZ_RUNS=200000 vitest run test/core/frameworks/entry-fuzz.test.ts */

const RUNS = Number(process.env['SESSIONSCOPE_FUZZ_RUNS'] ?? 300);
const SEED = Number(process.env['SESSIONSCOPE_FUZZ_SEED'] ?? 20_261_201);
const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures');
const json = (file: string) =>
  (JSON.parse(readFileSync(path.join(FIXTURES, file), 'utf8')) as { samples: { id: string; rawBase64: string }[] })
    .samples;
const rails = json('rails-cache/samples.json').map(({ rawBase64 }) => Buffer.from(rawBase64, 'base64'));
const java = json('formats/spring-session/samples.json').map(({ id, rawBase64 }) => ({
  name: id,
  bytes: Buffer.from(rawBase64, 'base64'),
}));

const LIMITS = { ...DEFAULT_LIMITS, steps: 20_000_000, inflated: 4 * 1024 * 1024 };

function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
  const made = Uint8Array.from(bytes);
  const times = 1 + Math.floor(random() * 4);
  for (let i = 0; i < times; i++) {
    const at = Math.floor(random() * made.length);
    made[at] = [0, 0xff, 0x7f, 0x80, Math.floor(random() * 256)][Math.floor(random() * 5)] ?? 0;
  }
  return random() < 0.3 ? made.subarray(0, Math.floor(random() * made.length)) : made;
}

describe('damaged records', () => {
  it.each([
    ['rails-cache', rails],
    ['spring-attributes', [joinValues(java), joinValues(java.slice(0, 2))]],
  ] as const)('%s ends with a value or a problem, within its limits', (layer, samples) => {
    const random = seeded(SEED);
    for (let run = 0; run < RUNS; run++) {
      const bytes = damaged(samples[run % samples.length] ?? new Uint8Array(), random);
      const decoded = decode(bytes, { as: [layer], limits: LIMITS });
      expect(decoded.error?.kind, `seed ${SEED}, run ${run}`).not.toBe('internal');
      if (decoded.value !== null && decoded.lossless) expect(decoded.layers[0]).toBe(layer);
      for (const end of [railsCacheEnd, djangoCacheEnd]) {
        const ms = end.read(bytes);
        if (ms === null) continue;
        expect(Number.isFinite(ms) || ms === Number.POSITIVE_INFINITY || Number.isNaN(ms)).toBe(true);
      }
    }
  });

  it('values with names come back as they were, whatever is in them', () => {
    const random = seeded(SEED);
    for (let run = 0; run < RUNS; run++) {
      const values = Array.from({ length: Math.floor(random() * 5) }, (_, at) => ({
        name: `${at}${'é\n\0'.repeat(Math.floor(random() * 3))}`,
        bytes: Uint8Array.from({ length: Math.floor(random() * 20) }, () => Math.floor(random() * 256)),
      }));
      const split = splitValues(joinValues(values));
      expect(typeof split === 'number' ? split : split.map(({ name, bytes }) => ({ name, bytes }))).toEqual(values);
    }
  });
});
