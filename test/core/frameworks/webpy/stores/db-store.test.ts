import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../../../core/frameworks/stores.ts';
import { type Database, database, type Statement } from '../../../../../core/frameworks/webpy/stores/database.ts';
import { DBStore } from '../../../../../core/frameworks/webpy/stores/db-store.ts';
import { ProblemError } from '../../../../../core/model/problem.ts';
import { PythonError } from '../../../../../core/python/python-error.ts';
import { tempFolder } from '../../../../contract/places.ts';
import { sampleRecord } from '../../../../contract/samples.ts';
import { needs } from '../../../../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../../../../support/servers.ts';

/** What only DBStore does; what all stores do is in `test/contract/session-stores.test.ts`. */

const ID = 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3';
const SCHEMA = (data: string) => `create table sessions (
  session_id char(128) UNIQUE NOT NULL, atime timestamp NOT NULL default current_timestamp, data ${data})`;
const data = (count: number, extra: [string, unknown][] = []) =>
  new Map<unknown, unknown>([['session_id', ID], ['count', count], ['ip', '127.0.0.1'], ...extra]);

describe('on SQLite', () => {
  let folder: string;
  let db: Database;
  let sent: Statement[];
  const now = new Date(2024, 2, 10, 15, 4, 5, 250).getTime();
  const open = (profile: '0.37' | '0.40' | '0.62' = '0.62', clock = () => now) =>
    new DBStore(db, 'sessions', { clock, profile });

  beforeEach(async () => {
    folder = tempFolder();
    sent = [];
    db = database({ dbn: 'sqlite', db: path.join(folder, 'app.db'), log: (statement) => sent.push(statement) });
    await db.query(SCHEMA('text'));
    sent.length = 0;
  });
  afterEach(async () => {
    await db.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("sends web.py's statements in web.py's order", async () => {
    const store = open();
    const encoded = expect.stringMatching(/^[A-Za-z0-9+/=\n]+\n$/);
    const at = '2024-03-10 15:04:05.250000';
    const select = { sql: 'SELECT * FROM sessions WHERE session_id=?', params: [ID] };
    const took = () => sent.splice(0);
    await store.contains(ID);
    expect(took()).toEqual([select]);
    await store.save(ID, data(1));
    expect(took()).toEqual([
      select,
      { sql: 'INSERT INTO sessions (atime, data, session_id) VALUES (?, ?, ?)', params: [at, encoded, ID] },
    ]);
    await store.load(ID);
    expect(took()).toEqual([select, { sql: 'UPDATE sessions SET atime = ? WHERE session_id=?', params: [at, ID] }]);
    await store.save(ID, data(2));
    expect(took()).toEqual([
      select,
      { sql: 'UPDATE sessions SET atime = ?, data = ? WHERE session_id=?', params: [at, encoded, ID] },
    ]);
    await store.delete(ID);
    expect(took()).toEqual([{ sql: 'DELETE FROM sessions WHERE session_id=?', params: [ID] }]);
    await store.cleanup(86_400);
    expect(took()).toEqual([{ sql: 'DELETE FROM sessions WHERE ? > atime', params: ['2024-03-09 15:04:05.250000'] }]);
    await expect(store.load(ID)).rejects.toThrow(PythonError);
    expect(took()).toEqual([select]);
  });

  it('leaves the fraction out when it is zero', async () => {
    await open('0.62', () => new Date(2024, 2, 10, 15, 4, 5).getTime()).save(ID, data(1));
    expect(sent.at(-1)?.params[0]).toBe('2024-03-10 15:04:05');
  });

  it('keeps columns that are not its own', async () => {
    await db.query("alter table sessions add column note text default 'mine'");
    const store = open();
    await store.save(ID, data(1));
    await store.save(ID, data(2));
    await store.load(ID);
    expect(await db.query('select note from sessions')).toEqual([{ note: 'mine' }]);
  });

  it('0.37 does not write atime when saving, 0.40 writes bytes', async () => {
    await open('0.37').save(ID, data(1));
    expect(sent.splice(0).at(-1)?.sql).toBe('INSERT INTO sessions (data, session_id) VALUES (?, ?)');
    await open('0.37').save(ID, data(1));
    expect(sent.splice(0).at(-1)?.sql).toBe('UPDATE sessions SET data = ? WHERE session_id=?');
    await open('0.40').save(ID, data(2));
    expect(await db.query('select typeof(data) as t from sessions')).toEqual([{ t: 'blob' }]);
    expect(await open().load(ID)).toMatchObject({ count: 2 });
    await open().save(ID, data(3));
    expect(await db.query('select typeof(data) as t from sessions')).toEqual([{ t: 'text' }]);
  });

  it('letter case and trailing spaces of ids count; long ids are stored', async () => {
    const store = open();
    await store.save(ID, data(1));
    expect(await store.contains(ID.toUpperCase())).toBe(false);
    expect(await store.contains(`${ID} `)).toBe(false);
    await store.save('a'.repeat(300), data(1));
    expect(await store.contains('a'.repeat(300))).toBe(true);
  });

  it('two first saves of one id collide, as with web.py', async () => {
    const store = open();
    const outcomes = await Promise.allSettled([store.save(ID, data(1)), store.save(ID, data(2))]);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.reason).toMatchObject({ problem: { kind: 'exists' } });
  });

  it('refuses table names that are more than a name', () => {
    expect(() => new DBStore(db, 'sessions; drop table x')).toThrow(ProblemError);
  });

  it('waits for a lock of another program without stopping this one', async () => {
    const other = database({ dbn: 'sqlite', db: path.join(folder, 'app.db') });
    const store = open();
    await store.save(ID, data(1));
    await other.query('begin immediate');
    let saved = false;
    const saving = store.save(ID, data(2)).then(() => (saved = true));
    // Turns of the event loop go by while the lock is held.
    for (let turn = 0; turn < 20; turn++) await new Promise((done) => setTimeout(done, 5));
    expect(saved).toBe(false);
    await other.query('commit');
    await saving;
    expect(await store.load(ID)).toMatchObject({ count: 2 });
    await other.close();
  });
});

needs('postgres')('on PostgreSQL', () => {
  let server: TestServer;
  let db: Database;
  let store: DBStore;
  beforeAll(async () => {
    server = await startPostgres({ timezone: 'UTC' });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    const { host, port, user, password: pw, database: name } = server;
    db = database({ dbn: 'postgres', db: name, host, port, user, pw });
    await db.query(SCHEMA('text'));
    store = new DBStore(db, 'sessions');
  });
  afterEach(async () => {
    await db.query('drop table sessions');
    await db.close();
  });

  it('pads ids; trailing spaces do not count, letter case does', async () => {
    await store.save(ID, data(1));
    const rows = await db.query('select session_id, octet_length(session_id) as n from sessions');
    expect(rows).toEqual([{ session_id: ID.padEnd(128), n: '128' }]);
    expect(await store.contains(`${ID}  `)).toBe(true);
    expect(await store.contains(ID.toUpperCase())).toBe(false);
    const records = await openRecordStore(`${server.url}?table=sessions`);
    for await (const line of records.list()) expect(line.id).toBe(ID);
    expect((await records.read(ID))?.id).toBe(ID);
    await records.close();
  });

  it('an id of more than 128 characters is an error on save, and just not there before', async () => {
    expect(await store.contains('a'.repeat(129))).toBe(false);
    await expect(store.save('a'.repeat(129), data(1))).rejects.toMatchObject({ problem: { kind: 'too-large' } });
  });

  it('writes the local wall clock, microseconds included', async () => {
    const at = new Date(2024, 2, 10, 15, 4, 5, 250).getTime() + 0.001;
    await new DBStore(db, 'sessions', { clock: () => at }).save(ID, data(1));
    expect(await db.query('select atime from sessions')).toEqual([{ atime: '2024-03-10 15:04:05.250001' }]);
    await new DBStore(db, 'sessions', { clock: () => at, zone: 'Asia/Shanghai' }).save(ID, data(1));
    const inShanghai = await openRecordStore(`${server.url}?table=sessions&zone=Asia/Shanghai`);
    expect((await inShanghai.read(ID))?.lastUsed).toBeCloseTo(at, 2);
    await inShanghai.close();
  });

  it('the record store finds a table as a statement would: letter case, schema, quotes', async () => {
    await store.save(ID, data(1));
    await db.query('create schema app');
    await db.query('create table app."Sessions" (like public.sessions)');
    await db.query('insert into app."Sessions" select * from sessions');
    for (const table of ['SESSIONS', 'public.sessions', 'app.Sessions']) {
      const records = await openRecordStore(`${server.url}?table=${table}`);
      expect((await records.read(ID))?.id).toBe(ID);
      await records.close();
    }
    await db.query('drop schema app cascade');
  });
});

needs('mariadb')('on MariaDB', () => {
  let server: TestServer;
  let db: Database;
  let store: DBStore;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    const { host, port, user, password: pw, database: name } = server;
    db = database({ dbn: 'mysql', db: name, host, port, user, pw });
    await db.query(SCHEMA('text'));
    store = new DBStore(db, 'sessions');
  });
  afterEach(async () => {
    await db.query('drop table sessions');
    await db.close();
  });

  it('an id in capitals finds the row', async () => {
    await store.save(ID, data(1));
    expect(await store.contains(ID.toUpperCase())).toBe(true);
    expect(await store.load(ID.toUpperCase())).toMatchObject({ session_id: ID });
    const records = await openRecordStore(`${server.url}?table=sessions`);
    expect(records.traits.foldsCase).toBe(true);
    expect((await records.read(ID.toUpperCase()))?.id).toBe(ID);
    await records.close();
  });

  it('more than 65,535 bytes is an error in strict mode; the record store says so before', async () => {
    await store.save(ID, data(1, [['blob', 'x'.repeat(47_000)]]));
    const tooLarge = data(1, [['blob', 'x'.repeat(49_500)]]);
    await expect(store.save(ID, tooLarge)).rejects.toMatchObject({ problem: { kind: 'too-large' } });
    const records = await openRecordStore(`${server.url}?table=sessions`);
    const before = await records.read(ID);
    await expect(
      records.replace(ID, sampleRecord('x'.repeat(50_000), 1), before?.revision ?? ''),
    ).rejects.toMatchObject({ problem: { kind: 'too-large', message: expect.stringContaining('65535') } });
    expect(await records.read(ID)).toEqual(before);
    await records.close();
  });

  it('cuts the fraction off atime', async () => {
    const at = new Date(2024, 2, 10, 15, 4, 5, 999).getTime();
    await new DBStore(db, 'sessions', { clock: () => at }).save(ID, data(1));
    expect(await db.query('select atime from sessions')).toEqual([{ atime: '2024-03-10 15:04:05' }]);
  });

  it('an edit keeps columns that the server would set anew', async () => {
    await store.save(ID, data(1));
    await db.query(
      'alter table sessions modify atime timestamp not null default current_timestamp on update current_timestamp',
    );
    await db.query(
      "alter table sessions add column touched timestamp not null default '2020-01-01 00:00:00' on update current_timestamp",
    );
    await db.query("update sessions set atime = '2021-02-03 04:05:06', touched = '2020-01-01 00:00:00'");
    const records = await openRecordStore(`${server.url}?table=sessions`);
    const before = await records.read(ID);
    expect(await records.replace(ID, sampleRecord(ID, 2), before?.revision ?? '')).toBe('written');
    const after = await records.read(ID);
    expect([after?.lastUsedText, after?.extra]).toEqual(['2021-02-03 04:05:06', { touched: '2020-01-01 00:00:00' }]);
    expect(await records.setLastUsed(ID, new Date(2022, 0, 1).getTime())).toBe('written');
    expect((await records.read(ID))?.extra).toEqual({ touched: '2020-01-01 00:00:00' });
    await records.close();
  });

  it('backslashes and quotes stay what they are, whatever sql_mode says', async () => {
    await db.query("set global sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES'");
    try {
      const { host, port, user, password: pw, database: name } = server;
      const other = database({ dbn: 'mysql', db: name, host, port, user, pw });
      const there = new DBStore(other, 'sessions');
      await there.save(ID, data(1, [['text', 'x'.repeat(500)]]));
      expect(await there.load(ID)).toMatchObject({ count: 1, text: 'x'.repeat(500) });
      const records = await openRecordStore(`${server.url}?table=sessions`);
      expect(await records.read("\\' or 1=1 -- ")).toBeUndefined();
      const record = await records.read(ID);
      expect(await records.replace(ID, record?.bytes ?? new Uint8Array(), record?.revision ?? '')).toBe('written');
      await records.close();
      await other.close();
    } finally {
      await db.query("set global sql_mode = 'STRICT_TRANS_TABLES'");
    }
  });
});
