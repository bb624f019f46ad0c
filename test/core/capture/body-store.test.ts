import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BodyStore, createBodyStore } from '../../../core/capture/body-store.ts';

let folder: string;
let store: BodyStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sessionscope-bodies-'));
});
afterEach(async () => {
  await store.close();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

function put(bytes: Uint8Array | string): string {
  const writer = store.open();
  writer.append(Buffer.from(bytes));
  const { ref } = writer.close();
  if (ref === undefined) throw new Error('nothing was kept');
  return ref;
}

describe('createBodyStore', () => {
  it('keeps bodies up to their limit and counts the rest', async () => {
    store = createBodyStore(folder, { bodyBytes: 10 });
    const writer = store.open();
    const chunk = Buffer.from('abcdef');
    writer.append(chunk);
    chunk.fill(0);
    writer.append(Buffer.from('ghijkl'));
    writer.append(Buffer.from('m'));
    const info = writer.close();
    expect(info).toMatchObject({ size: 13, kept: 10 });
    expect((await store.read(info.ref ?? '')).toString()).toBe('abcdefghij');
    expect(store.counts).toMatchObject({ bytesNotKept: 3, bodiesCut: 1 });
    expect(store.open().close()).toEqual({ size: 0, kept: 0 });
  });

  it('moves closed bodies to disk over the bound of memory, and reads them back from there', async () => {
    store = createBodyStore(folder, { memoryBytes: 10_000, fileBytes: 20_000 });
    const bodies = Array.from({ length: 60 }, (_, i) => Buffer.alloc(1000 + i, i));
    const refs: string[] = [];
    for (const body of bodies) {
      refs.push(put(body));
      await store.settled();
    }
    expect(store.counts.memoryBytes).toBeLessThanOrEqual(10_000);
    expect(store.counts.diskBytes).toBeGreaterThan(50_000);
    expect(readdirSync(folder).length).toBeGreaterThan(2);
    expect(store.counts.bytesNotKept).toBe(0);
    for (const [i, ref] of refs.entries())
      expect((await store.read(ref)).equals(bodies[i] ?? Buffer.alloc(0))).toBe(true);
  });

  it('holds at most twice its bound in memory, whatever comes at once', () => {
    store = createBodyStore(folder, { memoryBytes: 10_000 });
    const writers = Array.from({ length: 100 }, () => store.open());
    for (let round = 0; round < 10; round += 1) for (const writer of writers) writer.append(Buffer.alloc(100));
    expect(store.counts.memoryBytes).toBeLessThanOrEqual(20_000);
    expect(store.counts.bytesNotKept).toBe(100_000 - store.counts.memoryBytes);
    const infos = writers.map((writer) => writer.close());
    expect(infos.every(({ size }) => size === 1000)).toBe(true);
    expect(infos.reduce((sum, { kept }) => sum + kept, 0)).toBe(store.counts.memoryBytes);
  });

  it('gives up the oldest file over the bound of the disk, and says how many bodies went', async () => {
    store = createBodyStore(folder, { memoryBytes: 2_000, fileBytes: 4_000, diskBytes: 10_000 });
    const refs: string[] = [];
    for (let i = 0; i < 40; i += 1) {
      refs.push(put(Buffer.alloc(1000, i)));
      await store.settled();
    }
    expect(store.counts.diskBytes).toBeLessThanOrEqual(14_000);
    expect(store.counts.bodiesGivenUp).toBeGreaterThan(20);
    await expect(store.read(refs[0] ?? '')).rejects.toThrow(/not kept any more/);
    expect((await store.read(refs[39] ?? ''))[0]).toBe(39);
  });

  it('forgets what it is told to, on disk and in memory', async () => {
    store = createBodyStore(folder, { memoryBytes: 1_000, fileBytes: 2_000 });
    const refs: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      refs.push(put(Buffer.alloc(500, i)));
      await store.settled();
    }
    for (const ref of refs) store.forget(ref);
    for (const ref of refs) await expect(store.read(ref)).rejects.toThrow(/not kept/);
    expect(store.counts.memoryBytes).toBe(0);
  });

  it('removes files that a crash left, and nothing else', async () => {
    writeFileSync(join(folder, 'bodies-999999999-1.bin'), 'left');
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    store = createBodyStore(folder);
    expect(readdirSync(folder)).toEqual(['mine.txt']);
    rmSync(join(folder, 'mine.txt'));
  });

  it('gives back the beginning of every body, whatever the order of chunks, ends and reads', async () => {
    store = createBodyStore(folder);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(5), fc.uint8Array({ maxLength: 300 })), { maxLength: 60 }),
        fc.record({ bodyBytes: fc.integer({ min: 1, max: 600 }), memoryBytes: fc.integer({ min: 200, max: 3000 }) }),
        async (steps, limits) => {
          const own = mkdtempSync(join(tmpdir(), 'sessionscope-bodies-p-'));
          const one = createBodyStore(own, limits);
          const open = Array.from({ length: 6 }, () => ({ writer: one.open(), all: [] as Uint8Array[] }));
          for (const [i, chunk] of steps) {
            open[i]?.writer.append(chunk);
            open[i]?.all.push(chunk);
          }
          for (const { writer, all } of open) {
            const whole = Buffer.concat(all);
            const { size, kept, ref } = writer.close();
            expect(size).toBe(whole.length);
            expect(kept).toBeLessThanOrEqual(limits.bodyBytes);
            if (ref !== undefined) expect((await one.read(ref)).equals(whole.subarray(0, kept))).toBe(true);
          }
          await one.close();
          rmSync(own, { recursive: true });
        },
      ),
      { numRuns: 150 },
    );
  });
});
