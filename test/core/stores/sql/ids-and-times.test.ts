import Database from 'better-sqlite3';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { openRecordStore } from '../../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../../core/model/record.ts';
import { tempFolder } from '../../../contract/places.ts';
import { needs } from '../../../support/needs.ts';
import { HEX, record } from '../../../support/registry-harness.ts';
import { startMariadb, startPostgres, type TestServer } from '../../../support/servers.ts';

const A = HEX('a');
const DATA = Buffer.from(record(A, { count: 1 })).toString('latin1');
/** What `datetime.datetime.max` of Python is stored as. */
const LATEST = '9999-12-31 23:59:59.999999';

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function open(url: string): Promise<RecordStore> {
  const store = await openRecordStore(url);
  endings.unshift(() => store.close());
  return store;
}

async function serverOf(start: () => Promise<TestServer>): Promise<TestServer> {
  const server = await start();
  endings.push(() => server.stop());
  return server;
}

/** The id is listed, read, written and removed by the text that the application made of it. */
async function worksById(store: RecordStore): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of store.list()) ids.push(id);
  expect(ids).toEqual([A]);
  const found = await store.read(A);
  expect(found).toMatchObject({ id: A });
  expect(Buffer.from(found?.bytes ?? []).toString('latin1')).toBe(DATA);
  const next = Buffer.from(record(A, { count: 2 }));
  if (found === undefined) return;
  expect(await store.replace(A, next, found.revision)).toBe('written');
  expect(Buffer.from((await store.read(A))?.bytes ?? []).toString('latin1')).toBe(next.toString('latin1'));
}

it.each(['BLOB', 'VARCHAR(128)', ''])(
  'SQLite: a column of type "%s" may hold ids as text and as bytes',
  async (type) => {
    for (const id of [A, Buffer.from(A)]) {
      const file = `${tempFolder()}/app.db`;
      const database = new Database(file);
      database.exec(`CREATE TABLE sessions (session_id ${type} UNIQUE NOT NULL, atime TIMESTAMP, data TEXT)`);
      database.prepare('INSERT INTO sessions VALUES (?, ?, ?)').run(id, LATEST, DATA);
      database.close();
      const store = await open(`sqlite:${file}?table=sessions`);
      await worksById(store);
      expect(await store.remove(A)).toBe('written');
      expect(await store.read(A)).toBeUndefined();
    }
  },
);

it('SQLite: ids that are bytes are the text that the application wrote, and the latest time is not rounded up', async () => {
  const file = `${tempFolder()}/app.db`;
  const database = new Database(file);
  database.exec('CREATE TABLE sessions (session_id VARBINARY(128) UNIQUE NOT NULL, atime TIMESTAMP, data TEXT)');
  database.prepare('INSERT INTO sessions VALUES (?, ?, ?)').run(Buffer.from(A), LATEST, DATA);
  database.close();
  const store = await open(`sqlite:${file}?table=sessions`);
  await worksById(store);
  expect(new Date((await store.read(A))?.lastUsed ?? 0).toISOString()).toBe('9999-12-31T23:59:59.999Z');
});

needs('mariadb')('MariaDB', () => {
  it.each([
    'VARBINARY(128)',
    `BINARY(${A.length})`,
    'BINARY(64)',
    'VARCHAR(128) CHARACTER SET latin1 COLLATE latin1_bin',
  ])('reads ids of a column %s as text', async (type) => {
    const server = await serverOf(startMariadb);
    const client = await mysql.createConnection(server.url);
    endings.push(() => client.end());
    await client.query(`CREATE TABLE sessions (session_id ${type} UNIQUE NOT NULL, atime DATETIME(6), data TEXT)`);
    await client.query('INSERT INTO sessions VALUES (?, ?, ?)', [A, LATEST, DATA]);
    const store = await open(`${server.url}?table=sessions`);
    await worksById(store);
    expect(new Date((await store.read(A))?.lastUsed ?? 0).toISOString()).toBe('9999-12-31T23:59:59.999Z');
  });
});

needs('postgres')('PostgreSQL', () => {
  it.each(['bytea', 'varchar(128)', 'text'])('reads ids of a column %s as text', async (type) => {
    const server = await serverOf(startPostgres);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    endings.push(() => client.end());
    await client.query(`CREATE TABLE sessions (session_id ${type} UNIQUE NOT NULL, atime timestamp, data text)`);
    const id = type === 'bytea' ? Buffer.from(A) : A;
    await client.query('INSERT INTO sessions VALUES ($1, $2, $3)', [id, LATEST, DATA]);
    const store = await open(`${server.url}?table=sessions`);
    await worksById(store);
    expect(new Date((await store.read(A))?.lastUsed ?? 0).toISOString()).toBe('9999-12-31T23:59:59.999Z');
  });
});
