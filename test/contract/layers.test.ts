import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameBytes, utf8 } from '../../core/codec/bytes.ts';
import { applyEdits, encodeNew, LAYERS } from '../../core/codec/codec.ts';
import type { BytesDecoded, Layer, LayerContext, ValueDecoded } from '../../core/codec/layer.ts';
import { DEFAULT_LIMITS, makeBudget } from '../../core/codec/limits.ts';
import { layerById } from '../../core/codec/registry.ts';
import { readSecret } from '../../core/codec/secrets.ts';
import { typedEqual } from '../../core/codec/typed.ts';
import { ProblemError } from '../../core/model/problem.ts';
import type { TypedNode } from '../../core/model/typed.ts';
import { typedValue } from '../support/typed-arbitrary.ts';

/** What every layer promises, asked of every layer there is: a new one is tested by being registered. */
const fresh = (chosen = true): LayerContext => ({
  budget: makeBudget(DEFAULT_LIMITS),
  chosen,
  outer: [],
  keys: [readSecret('key')],
  companions: {},
  stamp: 'keep',
  time: 0,
});
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }).map(utf8),
  fc.constantFrom('', 'a', '"', '%', '{}', 'é', '\\"', '\n').map(utf8),
);
const RUNS = 400;
/** A session of PHP is a mapping from names. */
const MAPPINGS = new Set(['php-session', 'php-binary']);

/** Values that a value layer can write: what it refuses with a ProblemError is left out. */
function written(layer: Layer, value: TypedNode): Uint8Array | undefined {
  if (layer.make.kind !== 'value') return undefined;
  try {
    return layer.make.write(value);
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

const mapping = fc.dictionary(fc.string(), fc.integer()).map(
  (made): TypedNode => ({
    t: 'dict',
    v: Object.entries(made).map(([key, v]) => [
      { t: 'str', v: key },
      { t: 'int', v: String(v) },
    ]),
  }),
);

const simple = fc.oneof(
  typedValue({ maxDepth: 3 }),
  fc.string().map((v): TypedNode => ({ t: 'str', v })),
  fc.uint8Array({ maxLength: 40 }).map((v): TypedNode => ({ t: 'bytes', b64: Buffer.from(v).toString('base64') })),
  mapping,
);

describe.each(LAYERS.map((layer) => [layer.id, layer] as const))('layer %s', (id, layer) => {
  it('is known by its id and has a title', () => {
    expect(layerById(id)).toBe(layer);
    expect(id).toMatch(/^[a-z0-9-]+$/);
    expect(layer.title).not.toBe('');
    expect(LAYERS.filter((one) => one.id === id)).toHaveLength(1);
  });

  const values = MAPPINGS.has(id) ? mapping : simple;
  // A layer that only edits what is there makes no new values: those tests are not about it.
  const newOnes = (title: string, run: () => void) => {
    if (layer.make.onlyEdited !== true) it(title, run);
  };
  newOnes('reads what it makes, says where everything is, and gives the same bytes for the same content', () => {
    let made = 0;
    fc.assert(
      fc.property(content, values, (bytes, value) => {
        if (layer.make.kind === 'bytes') {
          const outer = layer.make.wrap(bytes);
          const decoded = layer.decode(outer, fresh()) as BytesDecoded;
          expect(decoded.kind).toBe('bytes');
          expect(sameBytes(decoded.bytes, bytes)).toBe(true);
          expect(decoded.lossless).toBe(true);
          expect(sameBytes(decoded.encode(bytes.slice()), outer)).toBe(true);
          const span = decoded.outerSpan({ start: 0, end: bytes.length });
          if (span !== undefined)
            expect(span.start >= 0 && span.end <= outer.length && span.start <= span.end).toBe(true);
          made++;
          return;
        }
        const outer = written(layer, value);
        if (outer === undefined) return;
        const decoded = layer.decode(outer, fresh()) as ValueDecoded;
        expect(decoded.kind).toBe('value');
        expect(typedEqual(decoded.value, decoded.dialect?.(value) ?? value)).toBe(true);
        expect(decoded.lossless).toBe(true);
        expect(sameBytes(decoded.edit([]), outer)).toBe(true);
        const span = decoded.spanOf([]);
        expect(span !== undefined && span.start >= 0 && span.end <= outer.length).toBe(true);
        made++;
      }),
      { numRuns: RUNS, seed: 21 },
    );
    console.log(`${id}: ${made} written and read`);
    expect(made).toBeGreaterThan(RUNS / 10);
  });

  newOnes('writes changed content so that reading gives exactly that', () => {
    let changed = 0;
    fc.assert(
      fc.property(content, content, values, values, (before, after, value, next) => {
        if (layer.make.kind === 'bytes') {
          const decoded = layer.decode(layer.make.wrap(before), fresh()) as BytesDecoded;
          const back = layer.decode(decoded.encode(after), fresh()) as BytesDecoded;
          expect(sameBytes(back.bytes, after)).toBe(true);
          changed++;
          return;
        }
        const outer = written(layer, value);
        if (outer === undefined || written(layer, next) === undefined) return;
        // The codec's own check reads the result back and compares.
        const made = applyEdits(outer, [{ op: 'set', path: [], value: next }], { as: [id] });
        const back = layer.decode(made, fresh()) as ValueDecoded;
        expect(typedEqual(back.value, back.dialect?.(next) ?? next)).toBe(true);
        changed++;
      }),
      { numRuns: RUNS, seed: 22 },
    );
    expect(changed).toBeGreaterThan(RUNS / 20);
  });

  it('refuses or reads any bytes, and says where', () => {
    const counts = { read: 0, refused: 0, recognised: 0 };
    const damaged = fc
      .tuple(content, simple, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }))
      .map(([bytes, value, changes]) => {
        const { make } = layer;
        const outer = (
          make.onlyEdited === true ? bytes : make.kind === 'bytes' ? make.wrap(bytes) : (written(layer, value) ?? bytes)
        ).slice();
        for (const [at, byte] of changes) outer[at % (outer.length || 1)] = byte;
        return outer;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, content), content, (bytes, next) => {
        const before = bytes.slice();
        const recognition = layer.recognise(bytes, fresh(false));
        if (recognition !== undefined) {
          counts.recognised++;
          expect(recognition.score > 0 && recognition.score <= 1).toBe(true);
          expect(recognition.reasons.length).toBeGreaterThan(0);
        }
        try {
          const decoded = layer.decode(bytes, fresh());
          counts.read++;
          for (const { at } of decoded.warnings) if (at !== undefined) expect(at >= 0 && at <= bytes.length).toBe(true);
          if (decoded.kind === 'value') expect(sameBytes(decoded.edit([]), bytes)).toBe(true);
          else {
            expect(sameBytes(decoded.encode(decoded.bytes.slice()), bytes)).toBe(true);
            expect(sameBytes((layer.decode(decoded.encode(next), fresh()) as BytesDecoded).bytes, next)).toBe(true);
          }
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          counts.refused++;
          expect(error.problem.kind).toMatch(/^[a-z][a-z0-9-]+$/);
          expect(error.problem.message).not.toBe('');
          // A part of a value needs its place, which nothing names here.
          if (error.problem.kind === 'bad-layer') return;
          expect(error.problem.at ?? -1).toBeGreaterThanOrEqual(0);
          expect(error.problem.at ?? 0).toBeLessThanOrEqual(bytes.length);
        }
        expect(sameBytes(bytes, before)).toBe(true);
      }),
      { numRuns: RUNS * 2, seed: 23 },
    );
    console.log(`${id}: damaged`, JSON.stringify(counts));
  });
});

it('makes new values through every pair of a byte layer and a value layer', () => {
  let count = 0;
  const value: TypedNode = {
    t: 'dict',
    v: [
      [
        { t: 'str', v: 'count' },
        { t: 'int', v: '3' },
      ],
    ],
  };
  for (const outer of LAYERS.filter(({ make }) => make.kind === 'bytes' && make.onlyEdited !== true)) {
    for (const inner of ['json', 'pickle']) {
      const bytes = encodeNew(value, [outer.id, inner]);
      const layer = outer.decode(bytes, fresh()) as BytesDecoded;
      expect(layerById(inner)?.decode(layer.bytes, fresh())).toMatchObject({ value });
      count++;
    }
  }
  expect(count).toBeGreaterThanOrEqual(18);
});
