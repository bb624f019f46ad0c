import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyInfo, Flow } from '../../../core/model/flow.ts';
import { FlowPage } from '../../../core/workspace/flow-page.ts';
import { WrittenPage } from '../../../core/workspace/written-page.ts';
import { makeFlow } from '../../support/flow-builder.ts';

/** Texts of every kind, half surrogate pairs, line feeds and NUL among them. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', '\n', '\0', '\ud800', 'é', '"'), maxLength: 8 }),
);
const list = fc.array(text, { maxLength: 12 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const time = fc.double({ noNaN: true, noDefaultInfinity: true });
const size = fc.maxSafeNat();
const body: fc.Arbitrary<BodyInfo> = fc
  .record({ size, kept: size, ref: maybe(text) })
  .map(({ ref, ...rest }) => (ref === undefined ? rest : { ...rest, ref }));
const head = { httpVersion: text, rawHeaders: list, body, trailers: maybe(list) };

/** Any flow, also one that never was, since some come from files of others. */
const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    id: text,
    startedAt: fc.oneof(time, fc.constantFrom(-0.5, 1_700_000_000_000.25)),
    endedAt: maybe(time),
    client: fc.record({
      address: text,
      port: fc.oneof(fc.nat(65_535), fc.double({ noNaN: true, noDefaultInfinity: true })),
      identity: maybe(text),
    }),
    request: fc.record({
      method: text,
      url: text,
      ...head,
      sent: maybe(fc.record({ method: text, url: text, rawHeaders: list })),
    }),
    response: maybe(
      fc.record({
        status: fc.oneof(
          fc.integer({ min: 100, max: 599 }),
          fc.integer(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
        ),
        reason: text,
        ...head,
        sent: maybe(fc.record({ status: fc.nat(), rawHeaders: list })),
      }),
    ),
    server: maybe(fc.record({ address: text, port: fc.integer() })),
    timing: maybe(fc.record({ connectMs: maybe(time), tlsMs: maybe(time), firstByteMs: maybe(time) })),
    error: maybe(text),
    editedBy: maybe(list),
    kind: fc.constantFrom('http', 'websocket', 'tunnel', 'upgrade'),
    origin: maybe(fc.record({ replayOf: maybe(text), experiment: maybe(text) })),
    frames: maybe(fc.record({ count: fc.nat(), kept: fc.nat(), ref: maybe(text) })),
  })
  .map((flow) => withoutUndefined(flow) as Flow);

/** As JSON has it: what is undefined is not there. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === undefined ? [] : [[key, withoutUndefined(field)]])),
  );
}

describe('a page of flows', () => {
  it('gives every flow back as it was put, before and after it was written', () => {
    fc.assert(
      fc.property(fc.array(anyFlow, { minLength: 1, maxLength: 40 }), (flows) => {
        const page = new FlowPage(1);
        expect(flows.map((flow, i) => page.add(flow, i + 1, true))).toEqual(flows.map((_, i) => i));
        const written = new WrittenPage(page.data());
        flows.forEach((flow, place) => {
          expect(withoutUndefined(page.flow(place))).toEqual(flow);
          expect(withoutUndefined(written.flow(place))).toEqual(flow);
        });
      }),
    );
  });

  it('keeps the last state of a flow that is put again, and its place', () => {
    fc.assert(
      fc.property(anyFlow, anyFlow, anyFlow, (first, second, other) => {
        const page = new FlowPage(1);
        const place = page.add(first, 1, true);
        page.add(other, 2, true);
        page.put(place, second);
        expect(withoutUndefined(page.flow(place))).toEqual(second);
        expect(withoutUndefined(new WrittenPage(page.data()).flow(1))).toEqual(other);
      }),
    );
  });

  it('holds a text that many flows have once', () => {
    const page = new FlowPage(1);
    for (let i = 0; i < 200; i += 1) page.add(makeFlow({ id: `f${i}`, url: 'http://shop.test/cart' }), i, true);
    const { text: all, count } = page.data();
    expect(count).toBe(200);
    expect(all.split('http://shop.test/cart')).toHaveLength(2);
    expect(all.length).toBeLessThan(1_500);
  });

  it('knows its sessions and the names of its bodies', () => {
    const page = new FlowPage(1);
    const flow = makeFlow({ id: 'f' });
    page.add(makeFlow({ id: 'other' }), 1, true);
    page.add({ ...flow, request: { ...flow.request, body: { size: 3, kept: 3, ref: 'b-1' } } }, 2, true);
    page.sighted(1, 7, 1);
    page.sighted(1, 7, 2);
    page.sighted(0, 9, 2);
    expect([...page.data().sightings]).toEqual([1, 7, 3, 0, 9, 2]);
    const sessions = new Set<number>();
    page.sessions(1, sessions);
    expect([...sessions]).toEqual([7]);
    expect(new WrittenPage(page.data()).refs(1)).toEqual(['b-1']);
    expect(new WrittenPage(page.data()).refs(0)).toEqual([]);
  });

  it('is full before it is too large to be read for one flow', () => {
    const page = new FlowPage(1);
    let flows = 0;
    while (!page.isFull) page.add(makeFlow({ cookie: `sid=${flows++}${'x'.repeat(3_000)}` }), flows, true);
    expect(flows).toBeGreaterThan(50);
    expect(flows).toBeLessThan(120);
  });
});
