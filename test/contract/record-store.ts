import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProblemError } from '../../core/model/problem.ts';
import type { RecordListing, RecordStore, ScannedRecord, StoredRecord } from '../../core/model/record.ts';
import { createMany, removeMany } from '../../core/stores/many.ts';

/** One place that can be opened any number of times, as debugger and application do. */
export interface RecordPlace {
  open(): Promise<RecordStore>;
  /** The bytes of a record in this store's form. */
  sample(id: string, count: number): Buffer;
  /** What the place itself says about the last use, read past our code; must not change by looking. */
  lastUse(id: string): Promise<string>;
  /** Everything else of a record that an edit has to keep. */
  others?(id: string): Promise<string>;
  dispose(): Promise<void>;
  /** Smallest step of the last use in milliseconds. */
  readonly stepMs: number;
  /** The last use is written into the record's bytes (shelf). */
  readonly timeInBytes?: boolean;
}

const T0 = Date.UTC(2026, 10, 23, 12, 0, 5, 250);
const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';

/** What every `RecordStore` does, whatever it is. */
export function recordStoreContract(makePlace: () => Promise<RecordPlace>): void {
  let place: RecordPlace;
  let store: RecordStore;
  const more: RecordStore[] = [];

  beforeEach(async () => {
    place = await makePlace();
    store = await place.open();
  });
  afterEach(async () => {
    for (const one of [store, ...more.splice(0)]) await one.close();
    await place.dispose();
  });
  const another = async () => {
    const one = await place.open();
    more.push(one);
    return one;
  };
  const put = async (id: string, count = 1, at = T0) => store.create(id, place.sample(id, count), at);
  const mustRead = async (id: string): Promise<StoredRecord> => {
    const record = await store.read(id);
    if (record === undefined) throw new Error(`no record ${id}`);
    return record;
  };
  const near = (value: number | null, expected: number) => {
    expect(value).not.toBeNull();
    expect(Math.abs((value ?? 0) - expected)).toBeLessThan(place.stepMs + 0.01);
  };

  it('is empty at first, and knows no id', async () => {
    expect(await all(store.list())).toEqual([]);
    expect(await store.read(ID)).toBeUndefined();
    expect(await store.replace(ID, place.sample(ID, 1), 'x')).toBe('gone');
    expect(await store.remove(ID)).toBe('gone');
    expect(await store.remove(ID, 'x')).toBe('gone');
    if (store.traits.canAge) expect(await store.setLastUsed(ID, T0)).toBe('gone');
  });

  it('makes and removes many at once, and leaves what was there', async () => {
    await put(ID, 7);
    const ids = Array.from({ length: 1_203 }, (_, i) => `c0ffee${i.toString(16).padStart(8, '0')}`);
    await createMany(
      store,
      ids.map((id, i) => ({ id, bytes: place.sample(id, i), lastUsed: T0 - i * 1_000 })),
    );
    expect((await all(store.list())).map(({ id }) => id).sort()).toEqual([...ids, ID].sort());
    const one = await mustRead(ids[1_111] as string);
    if (!place.timeInBytes) expect(Buffer.from(one.bytes)).toEqual(place.sample(one.id, 1_111));
    near(one.lastUsed, T0 - 1_111_000);
    await expect(createMany(store, [{ id: ID, bytes: place.sample(ID, 1), lastUsed: T0 }])).rejects.toMatchObject({
      problem: { kind: 'exists' },
    });
    expect(await removeMany(store, [...ids, 'c0ffee-not-there'])).toBe(1_203);
    expect((await all(store.list())).map(({ id }) => id)).toEqual([ID]);
  });

  it('creates, lists, reads byte for byte', async () => {
    await put(ID, 7);
    const [line, ...rest] = await all(store.list());
    expect(rest).toEqual([]);
    expect(line?.id).toBe(ID);
    expect(line?.problem).toBeUndefined();
    near(line?.lastUsed ?? null, T0);
    const record = await mustRead(ID);
    expect(record.id).toBe(ID);
    expect(line?.bytes).toBe(record.bytes.length);
    near(record.lastUsed, T0);
    if (!place.timeInBytes) expect(Buffer.from(record.bytes)).toEqual(place.sample(ID, 7));
    const scanned = await all(scan(store));
    expect(scanned).toHaveLength(1);
    expect(scanned[0]?.listing).toEqual(line);
    expect(scanned[0]?.record).toEqual(record);
  });

  it('refuses to create what is there, and leaves it as it is', async () => {
    await put(ID, 7);
    const before = await mustRead(ID);
    await expect(put(ID, 8, T0 + 60_000)).rejects.toMatchObject({ problem: { kind: 'exists' } });
    expect(await mustRead(ID)).toEqual(before);
  });

  it('looking changes no last use', async () => {
    await put(ID, 7, T0 - 3 * 86_400_000);
    const before = await place.lastUse(ID);
    const other = await another();
    for (let round = 0; round < 3; round++) {
      for (const one of [store, other]) {
        await one.read(ID);
        await all(one.list());
        await all(scan(one));
      }
    }
    expect(await place.lastUse(ID)).toBe(before);
  });

  it('replaces only what is still as it was read, and nothing but the data', async () => {
    await put(ID, 7);
    const first = await mustRead(ID);
    const lastUse = await place.lastUse(ID);
    const others = await place.others?.(ID);
    const bytes = place.sample(ID, 42);
    expect(await store.replace(ID, bytes, first.revision)).toBe('written');
    const second = await mustRead(ID);
    expect(Buffer.from(second.bytes)).toEqual(bytes);
    expect(second.revision).not.toBe(first.revision);
    if (!place.timeInBytes) expect(await place.lastUse(ID)).toBe(lastUse);
    expect(await place.others?.(ID)).toBe(others);
    expect(await store.replace(ID, first.bytes, first.revision)).toBe('stale');
    expect(Buffer.from((await mustRead(ID)).bytes)).toEqual(bytes);
    expect(await store.replace(ID, first.bytes, second.revision)).toBe('written');
    expect((await mustRead(ID)).revision).toBe(first.revision);
  });

  it('of many writers with one revision exactly one succeeds', async () => {
    await put(ID, 1);
    const { revision } = await mustRead(ID);
    const stores = [store, await another(), await another()];
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (stores[n % 3] as RecordStore).replace(ID, place.sample(ID, 100 + n), revision),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'stale')).toHaveLength(11);
    const winner = outcomes.indexOf('written');
    expect(Buffer.from((await mustRead(ID)).bytes)).toEqual(place.sample(ID, 100 + winner));
  });

  it('sets the last use and nothing else', async () => {
    await put(ID, 7);
    const before = await mustRead(ID);
    const others = await place.others?.(ID);
    const at = T0 - 90_000_000;
    expect(await store.setLastUsed(ID, at)).toBe('written');
    const after = await mustRead(ID);
    near(after.lastUsed, at);
    if (!place.timeInBytes) expect(after.bytes).toEqual(before.bytes);
    expect(await place.others?.(ID)).toBe(others);
  });

  it('removes, guarded or not', async () => {
    await put(ID, 7);
    const { revision } = await mustRead(ID);
    expect(await store.remove(ID, 'another revision')).toBe('stale');
    expect(await store.read(ID)).toBeDefined();
    expect(await store.remove(ID, revision)).toBe('written');
    expect(await store.read(ID)).toBeUndefined();
    await put(ID, 8);
    expect(await store.remove(ID)).toBe('written');
    expect(await all(store.list())).toEqual([]);
  });

  it('takes no id for more than a name', async () => {
    await put(ID, 7);
    const before = await mustRead(ID);
    const hostile = fc.oneof(
      fc.constantFrom('', '.', '..', '../x', '..\\x', '/etc/passwd', "a' OR '1'='1", "\\' OR 1=1 -- ", '%', '_', '*'),
      fc.constantFrom('a\0b', `${ID}\0`, '__proto__', 'constructor', '?', '$1', ':a', '"', '`', ';drop table sessions'),
      fc.string({ unit: 'binary', maxLength: 300 }),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (id) => {
        fc.pre(id.trim().toLowerCase() !== ID);
        await expectNothing(() => store.read(id), undefined);
        await expectNothing(() => store.replace(id, place.sample('x', 1), before.revision), 'gone');
        await expectNothing(() => store.remove(id), 'gone');
      }),
      { numRuns: 60 },
    );
    expect(await mustRead(ID)).toEqual(before);
  });

  it('tells what others change', async () => {
    await put(ID, 1);
    const other = await another();
    const seen = new Set<string>();
    let told: () => void = () => {};
    const stop = store.watch((ids) => {
      for (const id of ids ?? ['*']) seen.add(id);
      told();
    });
    const until = async (id: string) => {
      while (!seen.has(id) && !seen.has('*')) await new Promise<void>((done) => (told = done));
      seen.clear();
    };
    // A poll has to have looked once before it can tell what is new; a change of our own shows that it runs.
    await store.setLastUsed(ID, T0 + 1000).catch(() => 'gone');
    await until(ID);
    await settle(store);
    const record = await other.read(ID);
    expect(await other.replace(ID, place.sample(ID, 2), record?.revision ?? '')).toBe('written');
    await until(ID);
    await other.create('abcdef', place.sample('abcdef', 1), T0);
    await until('abcdef');
    expect(await other.remove('abcdef')).toBe('written');
    await until('abcdef');
    stop();
    await other.remove(ID);
    await settle(store);
    expect([...seen]).toEqual([]);
  });

  it('lists 1,203 records completely, and stops when asked to', async () => {
    const ids = Array.from({ length: 1203 }, (_, n) => n.toString(16).padStart(6, '0'));
    for (let at = 0; at < ids.length; at += 40) {
      await Promise.all(ids.slice(at, at + 40).map((id, n) => put(id, at + n)));
    }
    expect((await all(store.list())).map((line) => line.id).sort()).toEqual(ids);
    const scanned = await all(scan(store));
    expect(scanned.map(({ record }) => record?.id).sort()).toEqual(ids);
    expect(scanned.every(({ listing, record }) => listing.bytes === record?.bytes.length)).toBe(true);
    const abort = new AbortController();
    const listing = async () => {
      for await (const _ of store.list(abort.signal)) abort.abort();
    };
    await expect(listing()).rejects.toThrow(/abort/i);
  });

  it('keeps records of 60,000 bytes whole', async () => {
    const long = 'x'.repeat(44_000);
    await store.create(ID, place.sample(long, 1), T0);
    const record = await mustRead(ID);
    expect(record.bytes.length).toBeGreaterThan(44_000);
    expect(await store.replace(ID, place.sample(long, 2), record.revision)).toBe('written');
    if (!place.timeInBytes) expect(Buffer.from((await mustRead(ID)).bytes)).toEqual(place.sample(long, 2));
  });
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function scan(store: RecordStore): AsyncIterable<ScannedRecord> {
  if (store.scan === undefined) throw new Error('this store cannot scan');
  return store.scan();
}

/** Long enough for a watcher to take up what went before: two of its looks, or one turn of the events. */
async function settle(store: RecordStore): Promise<void> {
  const { watch } = store.traits;
  await new Promise((done) => setTimeout(done, watch.how === 'poll' ? watch.pollMs * 3 + 300 : 300));
}

/** An answer of "not there", or a refusal with a reason; never another error. */
async function expectNothing(work: () => Promise<unknown>, nothing: unknown): Promise<void> {
  try {
    expect(await work()).toBe(nothing);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    expect(error.problem.remedy ?? error.problem.message).not.toBe('');
  }
}

export type { RecordListing };
