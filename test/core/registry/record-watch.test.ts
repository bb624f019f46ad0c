import { mkdtempSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode } from '../../../core/codec/codec.ts';
import { fromPlainJson } from '../../../core/codec/typed.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../core/model/record.ts';
import { RecordWatch } from '../../../core/registry/record-watch.ts';
import { type Harness, HEX, harness, record } from '../../support/registry-harness.ts';
import { wrapStore } from '../../support/wrap-store.ts';

let folder: string;
let h: Harness;
let watch: RecordWatch;
const stores: RecordStore[] = [];
const A = HEX('a');
const B = HEX('b');
const SET = (id: string) => `sid=${id}; Path=/; HttpOnly`;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'watch-'));
  h = await harness();
  h.stores = true;
  watch = new RecordWatch({
    registry: h.registry,
    clock: () => h.now,
    decode: (found) => decode(found.bytes).value,
    spacingMs: 0,
  });
});

afterEach(async () => {
  watch.close();
  for (const store of stores.splice(0)) await store.close();
  await h.close();
  rmSync(folder, { recursive: true });
});

async function attach(url: string, id = 'store1'): Promise<RecordStore> {
  const store = await openRecordStore(url);
  stores.push(store);
  watch.attach(id, store, `./${path.basename(folder)}`);
  return store;
}

/** A request during which the application writes (or removes) records. */
async function request(sketch: Parameters<Harness['pass']>[0], write: () => void): Promise<void> {
  write();
  const keys = h.pass(sketch);
  watch.flowSeen(sketch.id ?? '', keys);
  await watch.idle();
}

/** Resolves when the condition holds; the test's own time limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.each(['disk', 'sqlite'] as const)('records in a %s store', (kind) => {
  let write: (id: string, fields: Record<string, string | number>) => void;
  let remove: (id: string) => void;
  let url: string;

  beforeEach(() => {
    if (kind === 'disk') {
      url = `disk:${folder}`;
      write = (id, fields) => writeFileSync(path.join(folder, id), record(id, fields));
      remove = (id) => unlinkSync(path.join(folder, id));
      return;
    }
    const file = path.join(folder, 's.db');
    url = `sqlite:${file}?table=sessions`;
    const run = (sql: string, ...values: unknown[]) => {
      const db = new Database(file);
      db.prepare(sql).run(...values);
      db.close();
    };
    run('CREATE TABLE sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL, data text)');
    write = (id, fields) =>
      run(
        `INSERT INTO sessions VALUES (?, '2026-11-23 16:02:11.500000', ?)
         ON CONFLICT (session_id) DO UPDATE SET data = excluded.data`,
        id,
        Buffer.from(record(id, fields)).toString('latin1'),
      );
    remove = (id) => run('DELETE FROM sessions WHERE session_id = ?', id);
  });

  it('joins the session, shows what each request changed, and calls it ended when its own flow removed it', async () => {
    await attach(url);
    await request({ id: 'f1', setCookie: [SET(A)] }, () => write(A, { count: 1, user: 'alice' }));
    const key = h.key();
    expect(h.registry.summary(key)).toMatchObject({
      state: 'live',
      label: 'user=alice',
      record: { storeId: 'store1', id: A },
    });
    expect(h.registry.summary(key)?.score.reasons[0]).toMatchObject({ code: 'store' });
    expect(h.kinds(key)).toEqual(['created', 'record-found']);
    await request({ id: 'f2', cookie: `sid=${A}` }, () => write(A, { count: 2, user: 'alice' }));
    await request({ id: 'f3', cookie: `sid=${A}` }, () => write(A, { count: 3, user: 'alice', cart: 7 }));
    const changed = h.timeline(key).filter(({ kind: what }) => what === 'data-changed');
    expect(changed).toMatchObject([
      { flowId: 'f2', differences: [{ at: 'count', before: { t: 'int', v: '1' }, after: { t: 'int', v: '2' } }] },
      {
        flowId: 'f3',
        differences: [
          { at: 'count', before: { v: '2' }, after: { v: '3' } },
          { at: 'cart', after: { v: '7' } },
        ],
      },
    ]);
    expect(h.workspace.sessions.list({ limit: 5, filter: 'data.count=3 data.cart>6' })).toHaveLength(1);
    expect(h.workspace.flows.list({ limit: 5, filter: 'data.user=alice' })).toHaveLength(3);
    await request({ id: 'f4', cookie: `sid=${A}` }, () => remove(A));
    expect(h.registry.summary(key)).toMatchObject({ state: 'ended', event: { because: 'application' } });
    expect(h.registry.summary(key)).not.toHaveProperty('record');
    expect(h.timeline(key).slice(-2)).toMatchObject([
      { kind: 'record-gone', flowId: 'f4', snapshot: expect.any(String) },
      { kind: 'state', flowId: 'f4', event: { state: 'ended' } },
    ]);
  });

  it('a record that goes without a request of its session has run out', async () => {
    await attach(url);
    await request({ id: 'f1', setCookie: [SET(A)] }, () => write(A, { count: 1 }));
    h.now += 60_000;
    remove(A);
    await until(() => h.registry.summary(h.key())?.state === 'expired');
    expect(h.kinds(h.key()).slice(-2)).toEqual(['record-gone', 'state']);
    // web.py then gives the cookie's next request a new id: no rotation.
    await request({ id: 'f2', cookie: `sid=${A}`, setCookie: [SET(B)] }, () => write(B, { count: 1 }));
    expect(h.registry.summary(h.key(A))?.state).toBe('expired');
    expect(h.kinds(h.key(B))).toEqual(['created', 'record-found']);
  });

  it('a cleanup in the same request that then gives a new id is an end, a login goes on', async () => {
    await attach(url);
    await request({ id: 'f1', setCookie: [SET(A)] }, () => write(A, { count: 1 }));
    await request({ id: 'f2', cookie: `sid=${A}`, setCookie: [SET(B)] }, () => {
      remove(A);
      write(B, { count: 1 });
    });
    expect(h.registry.summary(h.key(A))?.state).toBe('expired');
    const C = HEX('c');
    const login = { id: 'f3', method: 'POST', url: 'http://shop.test/login', cookie: `sid=${B}`, setCookie: [SET(C)] };
    await request(login, () => {
      remove(B);
      write(C, { count: 1, user: 'bob' });
    });
    expect(h.registry.summary(h.key(B))).toMatchObject({ state: 'continued', event: { because: 'login' } });
    expect(h.registry.summary(h.key(C))).toMatchObject({ state: 'live', label: 'user=bob' });
  });

  it('notices a change by another program without a flow, and joins sessions known before the store was', async () => {
    write(A, { count: 1 });
    h.pass({ setCookie: [SET(A)] });
    h.pass({ cookie: `sid=${A}` });
    expect(h.registry.summary(h.key())).not.toHaveProperty('record');
    await attach(url);
    await watch.idle();
    expect(h.registry.summary(h.key())).toMatchObject({ state: 'live', record: { id: A } });
    // Another visitor with an id that the application has never made a record for.
    h.pass({ cookie: `sid=${B}` });
    expect(h.registry.summary(h.key(B))?.state).toBe('anonymous');
    h.now += 60_000;
    // A watched table is compared with its first digest, so that one has to be taken before the change.
    await new Promise((resolve) => setTimeout(resolve, kind === 'sqlite' ? 600 : 50));
    write(A, { count: 9 });
    await until(() => h.kinds(h.key(A)).includes('data-changed'));
    expect(h.timeline(h.key(A)).at(-1)).not.toHaveProperty('flowId');
  });
});

it('what we write ourselves is no news', async () => {
  const store = await attach(`disk:${folder}`);
  await request({ id: 'f1', setCookie: [SET(A)] }, () => writeFileSync(path.join(folder, A), record(A, { count: 1 })));
  const mine = record(A, { count: 41 });
  h.registry.expectWrite('store1', A, mine);
  const found = await store.read(A);
  expect(await store.replace(A, mine, found?.revision ?? '')).toBe('written');
  await watch.refresh(h.key());
  expect(h.kinds(h.key())).toEqual(['created', 'record-found']);
  expect(h.registry.get(h.key())?.label).toBe('count 41');
  await request({ id: 'f2', cookie: `sid=${A}` }, () => writeFileSync(path.join(folder, A), record(A, { count: 42 })));
  expect(h.timeline(h.key()).at(-1)).toMatchObject({
    kind: 'data-changed',
    flowId: 'f2',
    differences: [{ at: 'count', before: { v: '41' }, after: { v: '42' } }],
  });
});

it('looking leaves the access time as it is', async () => {
  const file = path.join(folder, A);
  writeFileSync(file, record(A, { count: 1 }));
  const old = new Date(Date.now() - 3 * 86_400_000);
  utimesSync(file, old, old);
  const before = statSync(file).atimeMs;
  await attach(`disk:${folder}`);
  for (let i = 0; i < 5; i += 1) await request({ id: `f${i}`, cookie: `sid=${A}`, setCookie: [SET(A)] }, () => {});
  expect(h.registry.summary(h.key())?.clocks.store?.lastUsed).toBe(Math.floor(before));
  expect(statSync(file).atimeMs).toBe(before);
});

it('tells once that a store cannot be read, and goes on when it can be again', async () => {
  const told: (string | null)[] = [];
  const failing = { ok: false };
  const store = await openRecordStore(`disk:${folder}`);
  stores.push(store);
  const wrapped = wrapStore(store, {
    read: (id) => (failing.ok ? store.read(id) : Promise.reject(new Error('the disk is away'))),
    watch: () => () => {},
  });
  watch.close();
  watch = new RecordWatch({
    registry: h.registry,
    clock: () => h.now,
    decode: (found) => decode(found.bytes).value,
    onProblem: (_id, wrong) => told.push(wrong?.message ?? null),
    spacingMs: 0,
  });
  watch.attach('store1', wrapped, 'x');
  writeFileSync(path.join(folder, A), record(A, { count: 1 }));
  for (let i = 0; i < 3; i += 1) await request({ id: `f${i}`, cookie: `sid=${A}`, setCookie: [SET(A)] }, () => {});
  expect(told).toEqual(['the disk is away']);
  failing.ok = true;
  await request({ id: 'f9', cookie: `sid=${A}` }, () => {});
  expect(told).toEqual(['the disk is away', null]);
  expect(h.registry.summary(h.key())?.state).toBe('live');
});

it('a burst of requests costs few reads', async () => {
  let reads = 0;
  const store = await openRecordStore(`disk:${folder}`);
  stores.push(store);
  const counting = wrapStore(store, {
    read: (id) => {
      reads += 1;
      return store.read(id);
    },
    watch: () => () => {},
  });
  watch.close();
  watch = new RecordWatch({ registry: h.registry, clock: () => h.now, decode: (found) => decode(found.bytes).value });
  watch.attach('store1', counting, 'x');
  writeFileSync(path.join(folder, A), record(A, { count: 0 }));
  for (let i = 0; i < 500; i += 1) {
    writeFileSync(path.join(folder, A), record(A, { count: i }));
    watch.flowSeen(`f${i}`, h.pass({ id: `f${i}`, cookie: `sid=${A}`, setCookie: [SET(A)] }));
  }
  await watch.idle();
  expect(reads).toBeLessThan(100);
  expect(h.registry.summary(h.key())?.label).toBe('count 499');
});

it('a record removed from here is a kill, whatever flow came before; an undo brings the session back', async () => {
  const store = await attach(`disk:${folder}`);
  await request({ id: 'f1', setCookie: [SET(A)] }, () => writeFileSync(path.join(folder, A), record(A, { count: 1 })));
  const key = h.key();
  for (const way of ['announced', 'told'] as const) {
    if (way === 'announced') h.registry.expectWrite('store1', A, new Uint8Array());
    await store.remove(A);
    if (way === 'told') h.registry.recordGone({ key, at: h.now, byUs: true });
    await watch.refresh(key);
    expect(h.registry.summary(key)).toMatchObject({ state: 'ended', event: { because: 'killed-here' } });
    expect(h.timeline(key).at(-1)).toMatchObject({ kind: 'state' });
    expect(h.timeline(key).at(-1)).not.toHaveProperty('flowId');
    const bytes = record(A, { count: 1 });
    h.registry.expectWrite('store1', A, bytes);
    await store.create(A, bytes, h.now);
    await watch.refresh(key);
    expect(h.registry.summary(key)?.state).toBe('live');
  }
  // What the application removes later is its own doing again.
  await request({ id: 'f2', cookie: `sid=${A}` }, () => unlinkSync(path.join(folder, A)));
  expect(h.timeline(key).at(-1)).toMatchObject({ kind: 'state', flowId: 'f2', event: { state: 'ended' } });
});

it('data inside the cookie: label, end, and what each answer changed', async () => {
  const open = (raw: string) => {
    const [, claims] = raw.split('.');
    return fromPlainJson(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()));
  };
  watch.close();
  watch = new RecordWatch({ registry: h.registry, clock: () => h.now, decode: () => null, decodeCookie: open });
  const token = (claims: object) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${'s'.repeat(43)}`;
  };
  const exp = Math.floor(h.now / 1000) + 3_600;
  const first = token({ sub: 'alice', n: 1, exp });
  const second = token({ sub: 'alice', n: 2, exp });
  const pass = (id: string, sketch: Parameters<Harness['pass']>[0]) =>
    watch.flowSeen(id, h.pass({ id, ...sketch }, 'session'));
  pass('f1', { setCookie: [`session=${first}; HttpOnly; Path=/`] });
  pass('f2', { cookie: `session=${first}`, setCookie: [`session=${second}; HttpOnly; Path=/`] });
  const key = h.key();
  expect(h.registry.summary(key)).toMatchObject({
    state: 'live',
    label: 'sub=alice',
    clocks: { payload: { expires: exp * 1000 } },
  });
  expect(h.timeline(key)).toMatchObject([
    { kind: 'created', flowId: 'f1' },
    { kind: 'data-changed', flowId: 'f2', differences: [{ before: { v: '1' }, after: { v: '2' } }] },
  ]);
  h.now = exp * 1000 + 1;
  h.registry.tick();
  expect(h.registry.summary(key)?.state).toBe('expired');
});

it('after a restart it looks at the sessions of late: what went meanwhile, and what changed', async () => {
  const file = path.join(folder, '..', `${path.basename(folder)}.sqlite`);
  const begin = async () => {
    watch.close();
    await h.close();
    h = await harness(file);
    h.stores = true;
    watch = new RecordWatch({ registry: h.registry, clock: () => h.now, decode: (found) => decode(found.bytes).value });
    await attach(`disk:${folder}`);
    await watch.idle();
  };
  try {
    await begin();
    await request({ id: 'f1', setCookie: [SET(A)] }, () =>
      writeFileSync(path.join(folder, A), record(A, { count: 1 })),
    );
    await request({ id: 'f2', setCookie: [SET(B)] }, () =>
      writeFileSync(path.join(folder, B), record(B, { count: 1 })),
    );
    unlinkSync(path.join(folder, A));
    writeFileSync(path.join(folder, B), record(B, { count: 9 }));
    await begin();
    expect(h.registry.summary(h.key(A))?.state).toBe('expired');
    expect(h.registry.summary(h.key(B))).toMatchObject({ state: 'live', label: 'count 9' });
    expect(h.timeline(h.key(B)).at(-1)).toMatchObject({ kind: 'data-changed', differences: [{ at: 'count' }] });
    expect(h.timeline(h.key(B)).at(-1)).not.toHaveProperty('flowId');
  } finally {
    await h.close();
    for (const tail of ['', '-wal', '-shm', '.lock']) rmSync(file + tail, { force: true });
    h = await harness();
  }
});

it('a flood over many sessions becomes few reads, and all are read in the end', async () => {
  let reads = 0;
  const store = await openRecordStore(`disk:${folder}`);
  stores.push(store);
  const counting = wrapStore(store, {
    read: (id) => {
      reads += 1;
      return store.read(id);
    },
    watch: () => () => {},
  });
  watch.attach('store1', counting, 'x');
  const ids = Array.from({ length: 120 }, (_, i) => HEX(`flood${i}`));
  for (const id of ids) writeFileSync(path.join(folder, id), record(id, { count: 1 }));
  for (let round = 0; round < 10; round += 1) {
    for (const id of ids) watch.flowSeen('f', h.pass({ cookie: `sid=${id}`, setCookie: [SET(id)] }));
  }
  await watch.idle();
  expect(reads).toBeLessThan(600);
  expect(h.workspace.sessions.count({ filter: 'state:live store:store1' })).toBe(120);
});

it('a long value is in the snapshot, and only a summary of it in the timeline', async () => {
  await attach(`disk:${folder}`);
  const long = 'x'.repeat(100_000);
  await request({ id: 'f1', setCookie: [SET(A)] }, () => writeFileSync(path.join(folder, A), record(A, { text: 'a' })));
  await request({ id: 'f2', cookie: `sid=${A}` }, () => writeFileSync(path.join(folder, A), record(A, { text: long })));
  const entry = h.timeline(h.key()).at(-1);
  if (entry?.kind !== 'data-changed') throw new Error('no change was noted');
  expect(entry.differences).toMatchObject([
    { at: 'text', before: { t: 'str', v: 'a' }, after: { t: 'limit', what: 'size' } },
  ]);
  expect(JSON.stringify(entry).length).toBeLessThan(1_000);
  expect(h.workspace.blobs.snapshot(entry.snapshot)?.bytes.length).toBeGreaterThan(100_000);
});
