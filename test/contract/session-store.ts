import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Clock, Store } from '../../core/frameworks/webpy/session/store.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { PythonError } from '../../core/python/python-error.ts';
import { isPyDict, PyFloat, PyTuple, pyDict } from '../../core/python/python-values.ts';

/** A fresh place for web.py-facing stores, with the debugger's view beside it. */
export interface SessionPlace {
  /** A store on this place, as one process of web.py has it. */
  open(clock: Clock): Promise<Store>;
  look(): Promise<RecordStore>;
  /** The place keeps last uses to this many milliseconds, cutting off the rest. */
  readonly stepMs: number;
  /** `del` of an unknown id raises. */
  readonly strictDelete?: boolean;
  /** Reads count as use only sometimes (relatime). */
  readonly relatime?: boolean;
  dispose(): Promise<void>;
}

const T0 = Date.UTC(2026, 2, 10, 15, 4, 5, 250);
const ID = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3';
const DAY = 86_400;

/** What every `Store` does, whatever it is: web.py's own behaviour. */
export function sessionStoreContract(makePlace: () => Promise<SessionPlace>): void {
  let place: SessionPlace;
  let store: Store;
  let records: RecordStore;
  let now = T0;
  const more: Store[] = [];

  beforeEach(async () => {
    now = T0;
    place = await makePlace();
    store = await place.open(() => now);
    records = await place.look();
  });
  afterEach(async () => {
    for (const one of [store, ...more.splice(0)]) await one.close?.();
    await records.close();
    await place.dispose();
  });
  const lastUse = async (id = ID) => (await records.read(id))?.lastUsed ?? null;
  const cut = (ms: number) => (place.stepMs >= 1 ? Math.floor(ms / place.stepMs) * place.stepMs : ms);
  const ids = async () => {
    const found: string[] = [];
    for await (const { id } of records.list()) found.push(id);
    return found.sort();
  };

  it('knows nothing at first', async () => {
    expect(await store.contains(ID)).toBe(false);
    const missing = await store.load(ID).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(PythonError);
    expect(String(missing)).toBe(`KeyError: '${ID}'`);
    if (place.strictDelete) await expect(store.delete(ID)).rejects.toThrow(PythonError);
    else await store.delete(ID);
    await store.cleanup(0);
    expect(await ids()).toEqual([]);
  });

  it('gives back what was saved: order, types, nesting', async () => {
    const data = session(ID, [
      ['count', 41],
      ['price', new PyFloat(2)],
      ['big', 10n ** 40n],
      ['pair', PyTuple.make([1, 'a'])],
      ['raw', new Uint8Array([0, 255])],
      ['cart', [pyDict([['id', 88]])]],
      ['name', '张三 😀'],
      ['nothing', null],
      ['__proto__', 'only data'],
    ]);
    await store.save(ID, data);
    expect(await store.contains(ID)).toBe(true);
    const back = entries(await store.load(ID));
    expect(back.map(([key]) => key)).toEqual([...data.keys()]);
    const map = new Map(back);
    expect(map.get('count')).toBe(41);
    expect(map.get('price')).toBeInstanceOf(PyFloat);
    expect(map.get('big')).toBe(10n ** 40n);
    expect(map.get('pair')).toBeInstanceOf(PyTuple);
    expect([...(map.get('raw') as Uint8Array)]).toEqual([0, 255]);
    expect((map.get('cart') as { id: number }[])[0]?.id).toBe(88);
    expect(map.get('name')).toBe('张三 😀');
    expect(map.get('__proto__')).toBe('only data');
    await store.save(ID, session(ID, [['count', 42]]));
    expect(new Map(entries(await store.load(ID))).get('count')).toBe(42);
    await store.delete(ID);
    expect(await store.contains(ID)).toBe(false);
    expect(await ids()).toEqual([]);
  });

  it('counts load and save as use, and not a mere question', async () => {
    await store.save(ID, session(ID, []));
    expect(await lastUse()).toBeCloseTo(cut(T0), 2);
    now += 40 * 60_000 + 123;
    await store.contains(ID);
    expect(await lastUse()).toBeCloseTo(cut(T0), 2);
    await store.load(ID);
    const first = now;
    expect(await lastUse()).toBeCloseTo(cut(first), 2);
    now += 60_000;
    await store.load(ID);
    // With relatime only the first read after a write counts, until a day has passed.
    expect(await lastUse()).toBeCloseTo(cut(place.relatime ? first : now), 2);
    now += 86_400_000 + 1000;
    await store.load(ID);
    expect(await lastUse()).toBeCloseTo(cut(now), 2);
    now += 5000;
    await store.save(ID, session(ID, []));
    expect(await lastUse()).toBeCloseTo(cut(now), 2);
  });

  it('removes what was not used for longer than the timeout, to the step', async () => {
    // A quarter of a second is exact in the float seconds that shelves keep.
    const step = Math.max(place.stepMs, 250);
    const base = cut(T0);
    for (const [id, at] of [
      ['a1', base - DAY * 1000 - step],
      ['a2', base - DAY * 1000],
      ['a3', base - DAY * 1000 + step],
      ['a4', base],
      ['a5', base + 7_200_000],
    ] as const) {
      now = at;
      await store.save(id, session(id, []));
    }
    now = base;
    await store.cleanup(DAY);
    expect(await ids()).toEqual(['a2', 'a3', 'a4', 'a5']);
    await store.cleanup(DAY - step / 1000);
    expect(await ids()).toEqual(['a3', 'a4', 'a5']);
    await store.cleanup(0);
    expect(await ids()).toEqual(['a4', 'a5']);
    await store.cleanup(-step / 1000);
    expect(await ids()).toEqual(['a5']);
  });

  it('50 parallel saves of one session: one of them is there, whole', async () => {
    await store.save(ID, session(ID, []));
    const others = await Promise.all([place.open(() => now), place.open(() => now)]);
    more.push(...others);
    const stores = [store, ...others];
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        (stores[n % 3] as Store).save(
          ID,
          session(ID, [
            ['n', n],
            ['text', String(n).repeat(2000)],
          ]),
        ),
      ),
    );
    const map = new Map(entries(await store.load(ID)));
    expect(map.get('text')).toBe(String(map.get('n')).repeat(2000));
    expect(await ids()).toEqual([ID]);
  });

  it('50 sessions in parallel: none is lost or mixed up', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `beef${n.toString(16).padStart(4, '0')}`);
    await Promise.all(
      names.map(async (id, n) => {
        for (let count = 0; count < 4; count++) {
          await store.save(
            id,
            session(id, [
              ['n', n],
              ['count', count],
            ]),
          );
          await store.load(id);
        }
      }),
    );
    for (const [n, id] of names.entries()) {
      const map = new Map(entries(await store.load(id)));
      expect([map.get('session_id'), map.get('n'), map.get('count')]).toEqual([id, n, 3]);
    }
    expect(await ids()).toEqual(names);
  });
}

function session(id: string, items: readonly (readonly [string, unknown])[]): Map<unknown, unknown> {
  return new Map<unknown, unknown>([['session_id', id], ...items, ['ip', '127.0.0.1']]);
}

function entries(value: unknown): [unknown, unknown][] {
  if (value instanceof Map) return [...value];
  if (isPyDict(value)) return [...value.entries()];
  throw new Error(`not a mapping: ${String(value)}`);
}
