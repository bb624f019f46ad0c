import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toPlain } from '../../../core/codec/typed.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../core/model/record.ts';
import { codec, type Desk, desk, insert, set } from '../../support/editing-harness.ts';
import { needs } from '../../support/needs.ts';
import { HEX, record } from '../../support/registry-harness.ts';
import { startPostgres, type TestServer } from '../../support/servers.ts';
import { wrapStore } from '../../support/wrap-store.ts';

const A = HEX('a');
const FIELDS = { count: 3, user: 'alice', cart: 7 };

/** What the application does to the table or folder, past our store. */
interface Application {
  write(id: string, fields: Record<string, string | number>): Promise<void>;
  bytes(id: string): Promise<Buffer | undefined>;
  /** Everything besides the data: last use and other columns. */
  rest(id: string): Promise<unknown>;
}

interface Place {
  readonly url: string;
  readonly app: Application;
  readonly end: () => Promise<void>;
}

async function diskPlace(folder: string): Promise<Place> {
  mkdirSync(folder);
  const file = (id: string) => path.join(folder, id);
  return {
    url: `disk:${folder}`,
    app: {
      write: async (id, fields) => {
        writeFileSync(file(id), record(id, fields));
        utimesSync(file(id), 1_700_000_000, 1_700_000_000);
      },
      bytes: async (id) => {
        try {
          // Reading counts as use on this file system, and this test is to be no visitor.
          const { atime, mtime } = statSync(file(id));
          const bytes = readFileSync(file(id));
          utimesSync(file(id), atime, mtime);
          return bytes;
        } catch {
          return undefined;
        }
      },
      rest: async (id) => ({ atime: Math.round(statSync(file(id)).atimeMs), mode: statSync(file(id)).mode }),
    },
    end: async () => {},
  };
}

async function sqlitePlace(folder: string): Promise<Place> {
  mkdirSync(folder);
  const db = new Database(path.join(folder, 's.db'));
  db.exec(
    'CREATE TABLE sessions (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL, data text, note text)',
  );
  const upsert = db.prepare(
    `INSERT INTO sessions VALUES (?, '2026-11-23 16:02:11.500000', ?, 'kept')
     ON CONFLICT (session_id) DO UPDATE SET data = excluded.data`,
  );
  const get = db.prepare('SELECT * FROM sessions WHERE session_id = ?');
  return {
    url: `sqlite:${path.join(folder, 's.db')}?table=sessions`,
    app: {
      write: async (id, fields) => void upsert.run(id, Buffer.from(record(id, fields)).toString('latin1')),
      bytes: async (id) => {
        const row = get.get(id) as { data: string } | undefined;
        return row === undefined ? undefined : Buffer.from(row.data, 'latin1');
      },
      rest: async (id) => {
        const { data: _, ...rest } = get.get(id) as { data: string };
        return rest;
      },
    },
    end: async () => void db.close(),
  };
}

async function postgresPlace(server: TestServer, table: string): Promise<Place> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(
    `CREATE TABLE ${table} (session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL default current_timestamp, data text)`,
  );
  const row = async (id: string) =>
    (await client.query(`SELECT *, atime::text AS last FROM ${table} WHERE session_id = $1`, [id])).rows[0] as
      | { data: string; last: string }
      | undefined;
  return {
    url: `${server.url}?table=${table}`,
    app: {
      write: async (id, fields) => {
        const text = Buffer.from(record(id, fields)).toString('latin1');
        await client.query(
          `INSERT INTO ${table} VALUES ($1, '2026-11-23 16:02:11.5', $2)
           ON CONFLICT (session_id) DO UPDATE SET data = excluded.data`,
          [id, text],
        );
      },
      bytes: async (id) => {
        const found = await row(id);
        return found === undefined ? undefined : Buffer.from(found.data, 'latin1');
      },
      rest: async (id) => (await row(id))?.last,
    },
    end: () => client.end(),
  };
}

function suite(make: (folder: string) => Promise<Place>): void {
  let folder: string;
  let place: Place;
  let store: RecordStore;
  let d: Desk;
  const file = () => path.join(folder, 'w.sqlite');
  const address = { storeId: 'store', id: A, sessionKey: 's1' };

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'editing-'));
    place = await make(path.join(folder, 'store'));
    await place.app.write(A, FIELDS);
    store = await openRecordStore(place.url);
    d = await desk(file(), { store });
  });

  afterEach(async () => {
    await d.workspace.close();
    await store.close();
    await place.end();
    rmSync(folder, { recursive: true });
  });

  /** The program ends and begins again. */
  const restart = async () => {
    await d.workspace.close();
    d = await desk(file(), { store });
  };
  const value = async () => toPlain(codec.decode((await place.app.bytes(A)) ?? Buffer.alloc(0)).value ?? { t: 'none' });
  const revision = async () => (await d.editor.view('store', A))?.revision ?? '';

  it('previews without writing, writes exactly that, and keeps last use and everything else', async () => {
    const before = await place.app.bytes(A);
    const rest = await place.app.rest(A);
    const edits = [set('count', '41')];
    const preview = await d.editor.preview({ ...address, revision: await revision(), edits });
    expect(preview.differences).toMatchObject([{ at: 'count', before: { v: '3' }, after: { v: '41' } }]);
    expect(preview.bytesBefore).toBe(before?.length);
    expect((await place.app.bytes(A))?.equals(before ?? Buffer.alloc(0))).toBe(true);
    const applied = await d.editor.apply({ ...address, revision: await revision(), edits });
    expect(applied).toMatchObject({ outcome: 'written', record: { id: A, storeId: 'store' } });
    expect(await value()).toMatchObject({ ...FIELDS, count: 41, session_id: A });
    expect((await place.app.bytes(A))?.length).toBe(preview.bytesAfter);
    expect(await place.app.rest(A)).toEqual(rest);
    expect(d.told).toMatchObject([{ what: 'record-data', text: 'count: 3 → 41', state: 'applied', sessionKey: 's1' }]);
    expect(d.expected).toEqual([A]);
  });

  it('undo and redo bring back the very bytes, also after a restart', async () => {
    const before = (await place.app.bytes(A)) as Buffer;
    const applied = await d.editor.apply({ ...address, revision: await revision(), edits: [set('count', '41')] });
    const after = (await place.app.bytes(A)) as Buffer;
    const editId = applied.outcome === 'written' ? applied.editId : '';
    await restart();
    expect(d.undo.list({ sessionKey: 's1' })).toMatchObject([{ editId, state: 'applied' }]);
    expect(await d.undo.undo(editId)).toMatchObject({ state: 'undone' });
    expect((await place.app.bytes(A))?.equals(before)).toBe(true);
    await expect(d.undo.undo(editId)).rejects.toMatchObject({ problem: { kind: 'already-undone' } });
    await restart();
    expect(await d.undo.redo(editId)).toMatchObject({ state: 'applied' });
    expect((await place.app.bytes(A))?.equals(after)).toBe(true);
    await expect(d.undo.redo(editId)).rejects.toMatchObject({ problem: { kind: 'not-undone' } });
  });

  it('a conflict writes nothing, shows both sides, and merges what does not collide', async () => {
    const read = await revision();
    await place.app.write(A, { ...FIELDS, cart: 8, seen: 1 });
    const theirs = await place.app.bytes(A);
    const edits = [set('user', '"bob"'), set('cart', '9'), insert('note', '"mine"')];
    const outcome = await d.editor.apply({ ...address, revision: read, edits });
    expect(outcome).toMatchObject({ outcome: 'conflict', current: { id: A } });
    if (outcome.outcome !== 'conflict') return;
    expect(outcome.mine.map(({ at }) => at)).toEqual(['cart', 'user', 'note'].sort((a, b) => order(a) - order(b)));
    expect(outcome.theirs).toMatchObject([
      { at: 'cart', before: { v: '7' }, after: { v: '8' } },
      { at: 'seen', after: { v: '1' } },
    ]);
    expect((await place.app.bytes(A))?.equals(theirs ?? Buffer.alloc(0))).toBe(true);
    const merged = await d.editor.merge({ ...address, revision: read, edits });
    expect(merged.edits).toHaveLength(2);
    expect(merged.collisions).toMatchObject([{ edit: edits[1], theirs: [{ at: 'cart' }] }]);
    const done = await d.editor.apply({ ...address, revision: merged.revision, edits: merged.edits });
    expect(done.outcome).toBe('written');
    expect(await value()).toMatchObject({ count: 3, user: 'bob', cart: 8, seen: 1, note: 'mine' });
  });

  it('the application writes between our look and our write: a conflict, never a lost update', async () => {
    const read = await revision();
    let raced = false;
    const racing = wrapStore(store, {
      replace: async (id, bytes, expected) => {
        raced = true;
        await place.app.write(A, { ...FIELDS, cart: 99 });
        return store.replace(id, bytes, expected);
      },
    });
    await d.workspace.close();
    d = await desk(file(), { store: racing });
    await d.editor.view('store', A);
    const outcome = await d.editor.apply({ ...address, revision: read, edits: [set('count', '41')] });
    expect(raced).toBe(true);
    expect(outcome).toMatchObject({ outcome: 'conflict', theirs: [{ at: 'cart' }], mine: [{ at: 'count' }] });
    expect(await value()).toMatchObject({ count: 3, cart: 99 });
    expect(d.undo.list()).toEqual([]);
  });

  it('an undo after the application wrote elsewhere takes back only the edit; in the same place it asks', async () => {
    const applied = await d.editor.apply({ ...address, revision: await revision(), edits: [set('user', '"bob"')] });
    const editId = applied.outcome === 'written' ? applied.editId : '';
    await place.app.write(A, { ...FIELDS, user: 'bob', count: 4 });
    await d.undo.undo(editId);
    expect(await value()).toMatchObject({ user: 'alice', count: 4 });
    await d.undo.redo(editId);
    expect(await value()).toMatchObject({ user: 'bob', count: 4 });

    await place.app.write(A, { ...FIELDS, user: 'carol', count: 5 });
    await expect(d.undo.undo(editId)).rejects.toMatchObject({ problem: { kind: 'changed-since' } });
    expect(await value()).toMatchObject({ user: 'carol', count: 5 });
    expect(d.undo.list()).toMatchObject([{ editId, state: 'applied' }]);
    await d.undo.undo(editId, 'mine');
    expect(await value()).toMatchObject({ user: 'alice', count: 5 });
    await d.undo.redo(editId);
    await place.app.write(A, { ...FIELDS, user: 'dave', count: 6 });
    await d.undo.undo(editId, 'whole');
    expect(await value()).toMatchObject({ user: 'alice', count: 5 });
  });

  it('a request that had begun before the edit and writes the old data over it is named; a later one is not', async () => {
    const applied = await d.editor.apply({ ...address, revision: await revision(), edits: [set('count', '41')] });
    const { editId, at } = d.undo.list()[0] ?? { editId: '', at: 0 };
    expect(applied).toMatchObject({ editId });
    const by = 'POST /cart (flow f12), which had begun before the edit';
    const changed = async (startedAt?: number) => {
      const bytes = (await place.app.bytes(A)) ?? Buffer.alloc(0);
      return d.undo.recordChanged({
        storeId: 'store',
        recordId: A,
        bytes,
        by,
        ...(startedAt === undefined ? {} : { startedAt }),
      });
    };
    // It saw 41 and counted on.
    await place.app.write(A, { ...FIELDS, count: 42 });
    expect(await changed(at + 5)).toBeUndefined();
    expect(await changed()).toBeUndefined();
    // It had begun before, and wrote something else in other places only.
    await place.app.write(A, { ...FIELDS, count: 41, cart: 8 });
    expect(await changed(at - 5)).toBeUndefined();
    // It had begun before, and its whole session was written over ours.
    await place.app.write(A, { ...FIELDS, count: 4 });
    expect(await changed(at - 5)).toMatchObject({ editId, state: 'overwritten', overwrittenBy: by });
    expect(await changed(at - 5)).toBeUndefined();
    expect(d.undo.list()).toMatchObject([{ editId, state: 'overwritten' }]);
    // It can be done away with all the same.
    await d.undo.undo(editId, 'whole');
    expect(await value()).toMatchObject(FIELDS);
  });

  it('a removal is undone with the same bytes and the same last use, also after a restart', async () => {
    const before = (await place.app.bytes(A)) as Buffer;
    const lastUsed = (await store.read(A))?.lastUsed;
    const removed = await d.editor.remove(address);
    expect(await place.app.bytes(A)).toBeUndefined();
    await restart();
    await d.undo.undo(removed.editId);
    expect((await place.app.bytes(A))?.equals(before)).toBe(true);
    expect((await store.read(A))?.lastUsed).toBe(lastUsed);
    await d.undo.redo(removed.editId);
    expect(await place.app.bytes(A)).toBeUndefined();
    // The application made a record of that name meanwhile.
    await place.app.write(A, { count: 1 });
    await expect(d.undo.undo(removed.editId)).rejects.toMatchObject({ problem: { kind: 'changed-since' } });
    expect(await value()).toMatchObject({ count: 1 });
  });

  it('ages without touching the data, and takes that back unless the session was used since', async () => {
    const before = await store.read(A);
    const aged = await d.editor.age(address, 90_000);
    const now = await store.read(A);
    expect((before?.lastUsed ?? 0) - (now?.lastUsed ?? 0)).toBe(90_000_000);
    expect(now?.bytes).toEqual(before?.bytes);
    expect(aged.text).toBe('Aged by 25 h');
    await d.undo.undo(aged.editId);
    expect((await store.read(A))?.lastUsed).toBe(before?.lastUsed);
    await d.undo.redo(aged.editId);
    await store.setLastUsed(A, 1_700_000_500_000);
    await expect(d.undo.undo(aged.editId)).rejects.toMatchObject({ problem: { kind: 'changed-since' } });
    expect((await store.read(A))?.lastUsed).toBe(1_700_000_500_000);
  });

  it('brings a past state back, also of a record that is gone', async () => {
    const found = await store.read(A);
    const snapshot = d.workspace.blobs.putSnapshot({
      storeId: 'store',
      recordId: A,
      at: 1_700_000_000_000,
      lastUsed: found?.lastUsed ?? null,
      bytes: found?.bytes ?? Buffer.alloc(0),
    });
    await place.app.write(A, { count: 99 });
    const restored = await d.editor.restore(address, snapshot);
    expect(await value()).toMatchObject(FIELDS);
    await d.undo.undo(restored.editId);
    expect(await value()).toMatchObject({ count: 99 });
    await d.editor.remove(address);
    const again = await d.editor.restore(address, snapshot);
    expect(await value()).toMatchObject(FIELDS);
    expect(again.text).toContain('2023-11-14 22:13:20 UTC brought back');
    await d.undo.undo(again.editId);
    expect(await place.app.bytes(A)).toBeUndefined();
  });

  it('says what is the matter when there is nothing to edit', async () => {
    expect(await d.editor.view('store', HEX('b'))).toBeNull();
    const missing = { ...address, id: HEX('b') };
    expect(await d.editor.apply({ ...missing, revision: 'x', edits: [set('count', '1')] })).toEqual({
      outcome: 'gone',
    });
    await expect(d.editor.remove(missing)).rejects.toMatchObject({ problem: { kind: 'record-gone' } });
    await expect(d.editor.age(missing, 5)).rejects.toMatchObject({ problem: { kind: 'record-gone' } });
    await expect(d.editor.restore(address, 'nothing')).rejects.toMatchObject({ problem: { kind: 'snapshot-gone' } });
    await expect(d.editor.view('other', A)).rejects.toMatchObject({ problem: { kind: 'store-not-attached' } });
    await expect(d.undo.undo('nothing')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    const read = await revision();
    await expect(d.editor.apply({ ...address, revision: read, edits: [set('nowhere.at.all', '1')] })).rejects.toThrow();
    for (const edits of [[], [set('count', '3')]]) {
      await expect(d.editor.apply({ ...address, revision: read, edits })).rejects.toMatchObject({
        problem: { kind: 'nothing-to-do' },
      });
    }
    expect(await value()).toMatchObject(FIELDS);
    expect(d.undo.list()).toEqual([]);
  });
}

function order(at: string): number {
  return ['session_id', 'ip', 'count', 'user', 'cart', 'note'].indexOf(at);
}

describe('editing records in a DiskStore', () => suite(diskPlace));
describe('editing records in an SQLite table', () => suite(sqlitePlace));

needs('postgres')('editing records in a PostgreSQL table', () => {
  let server: TestServer;
  let count = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server?.stop();
  });
  suite(() => postgresPlace(server, `sessions_${++count}`));
});

describe('what is not understood', () => {
  it('is shown, and not edited', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'editing-'));
    writeFileSync(path.join(folder, A), Buffer.from([0xff, 0xfe, 0x00, 0x81, 0x12]));
    const store = await openRecordStore(`disk:${folder}`);
    const d = await desk(':memory:', { store });
    const view = await d.editor.view('store', A);
    expect(view).toMatchObject({ bytes: 5, rawBase64: '//4AgRI=' });
    const edit = { storeId: 'store', id: A, revision: view?.revision ?? '', edits: [set('count', '1')] };
    if (view?.value === null)
      await expect(d.editor.preview(edit)).rejects.toMatchObject({ problem: { kind: 'not-decodable' } });
    const removed = await d.editor.remove({ storeId: 'store', id: A });
    await d.undo.undo(removed.editId);
    expect(readFileSync(path.join(folder, A))).toEqual(Buffer.from([0xff, 0xfe, 0x00, 0x81, 0x12]));
    await d.workspace.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });
});
