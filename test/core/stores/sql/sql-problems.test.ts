import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../../core/frameworks/stores.ts';
import { database } from '../../../../core/frameworks/webpy/stores/database.ts';
import { openSessionStore } from '../../../../core/frameworks/webpy/stores/open-session-store.ts';
import type { RecordStore } from '../../../../core/model/record.ts';
import { tempFolder } from '../../../contract/places.ts';
import { all } from '../../../contract/record-store.ts';
import { sampleRecord } from '../../../contract/samples.ts';
import { needs } from '../../../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../../../support/servers.ts';

/** Every failure is an answer that says what to do, and names no password. */

const TABLE = (atime: string) =>
  `(session_id char(128) UNIQUE NOT NULL, atime ${atime} NOT NULL default current_timestamp, data text)`;

async function expectProblem(work: Promise<unknown>, kind: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ problem: { kind, remedy: expect.any(String), where: expect.any(String) } });
  expect(JSON.stringify((error as { problem: unknown }).problem)).not.toMatch(/secret|wr0ng/);
}

async function closedPort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

for (const [name, start, need] of [
  ['PostgreSQL', startPostgres, 'postgres'],
  ['MariaDB', startMariadb, 'mariadb'],
] as const) {
  needs(need)(name, () => {
    let server: TestServer;
    let url: string;
    beforeAll(async () => {
      server = await start();
      url = `${server.url}?table=sessions`;
      const { host, port, user, password: pw, database: db } = server;
      const admin = database({ dbn: need === 'postgres' ? 'postgres' : 'mysql', db, host, port, user, pw });
      await admin.query(`create table sessions ${TABLE('timestamp')}`);
      await admin.query('create table other (a integer)');
      await admin.query('create table half (session_id char(128), atime timestamp)');
      if (need === 'postgres') {
        await admin.query("create user reader password 'secret'");
        await admin.query('grant select on sessions to reader');
      } else {
        await admin.query("create user reader@'%' identified by 'secret'");
        await admin.query("grant select on web.sessions to reader@'%'");
      }
      await admin.close();
    });
    afterAll(() => server?.stop());

    it('no server there', async () => {
      const port = await closedPort();
      await expectProblem(openRecordStore(url.replace(`:${server.port}`, `:${port}`)), 'store-unreachable');
      await expectProblem(openRecordStore(url.replace('127.0.0.1', 'no-such-host.invalid')), 'store-unreachable');
    });
    it('wrong password, unknown user', async () => {
      await expectProblem(openRecordStore(url.replace(':secret@', ':wr0ng@')), 'store-refused');
      await expectProblem(openRecordStore(url.replace(':secret@', '@')), 'store-refused');
      await expectProblem(openRecordStore(url.replace('web:secret@', 'nobody:wr0ng@')), 'store-refused');
    });
    it('no such database', () => expectProblem(openRecordStore(url.replace('/web?', '/nowhere?')), 'store-not-found'));
    it('no such table: names those that look right', async () => {
      await expectProblem(openRecordStore(url.replace('table=sessions', 'table=missing')), 'table-missing');
      const error = await openRecordStore(url.replace('table=sessions', 'table=missing')).catch((e: unknown) => e);
      expect(String(error)).toContain('sessions');
    });
    it('a table of another shape', async () => {
      await expectProblem(openRecordStore(url.replace('table=sessions', 'table=other')), 'table-shape');
      await expectProblem(openRecordStore(url.replace('table=sessions', 'table=half')), 'table-shape');
    });
    it('a table that goes away while it is open', async () => {
      const { host, port, user, password: pw, database: db } = server;
      const admin = database({ dbn: need === 'postgres' ? 'postgres' : 'mysql', db, host, port, user, pw });
      await admin.query(`create table brief ${TABLE('timestamp')}`);
      const store = await openRecordStore(url.replace('table=sessions', 'table=brief'));
      await admin.query('drop table brief');
      await expectProblem(store.read('abc'), 'table-missing');
      const session = await openSessionStore(url.replace('table=sessions', 'table=brief'));
      await expectProblem(session.contains('abc'), 'table-missing');
      await session.close?.();
      await store.close();
      await admin.close();
    });
    it('a user that may only read', async () => {
      const writer = await openRecordStore(url);
      await writer.create('abc', sampleRecord('abc', 1), Date.now());
      const store = await openRecordStore(url.replace('web:secret@', 'reader:secret@'));
      const record = await store.read('abc');
      expect(record?.id).toBe('abc');
      await expectProblem(store.replace('abc', sampleRecord('abc', 2), record?.revision ?? ''), 'store-read-only');
      await expectProblem(store.setLastUsed('abc', 0), 'store-read-only');
      await expectProblem(store.remove('abc'), 'store-read-only');
      await expectProblem(store.create('abd', sampleRecord('abd', 1), Date.now()), 'store-read-only');
      await store.close();
      await writer.close();
    });
    it('a time that the column cannot hold', async () => {
      const writer = await openRecordStore(url);
      await writer.create('0ld', sampleRecord('0ld', 1), Date.now());
      const far = need === 'postgres' ? Date.UTC(-5000, 0) : Date.UTC(1900, 0);
      await expectProblem(writer.setLastUsed('0ld', far), 'bad-time');
      await writer.close();
    });
    it('a row that somebody else holds locked', async () => {
      const { host, port, user, password: pw, database: db } = server;
      const writer = await openRecordStore(url);
      await writer.create('10c', sampleRecord('10c', 1), Date.now());
      const revision = (await writer.read('10c'))?.revision ?? '';
      const { default: pg } = await import('pg');
      const { default: mysql } = await import('mysql2/promise');
      const pgHolder = new pg.Client({ host, port, user, password: pw, database: db });
      const holder: { query(sql: string): Promise<unknown>; end(): Promise<void> } =
        need === 'postgres'
          ? await pgHolder.connect().then(() => pgHolder)
          : await mysql.createConnection({ host, port, user, password: pw, database: db });
      await holder.query('begin');
      await holder.query("update sessions set data = 'held' where session_id = '10c'");
      await expectProblem(writer.replace('10c', sampleRecord('10c', 2), revision), 'store-locked');
      await holder.query('rollback');
      expect(await writer.replace('10c', sampleRecord('10c', 2), revision)).toBe('written');
      await holder.end();
      await writer.close();
    });
  });
}

describe('SQLite', () => {
  let folder: string;
  let url: string;
  let store: RecordStore;
  beforeAll(async () => {
    folder = tempFolder();
    const db = database({ dbn: 'sqlite', db: path.join(folder, 'app.db') });
    await db.query(`create table sessions ${TABLE('timestamp')}`);
    await db.query('create table users (a)');
    await db.close();
    url = `sqlite:${folder}/app.db`;
    store = await openRecordStore(url);
    await store.create('abc', sampleRecord('abc', 1), Date.now());
  });
  afterAll(async () => {
    await store.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('no such file: none is made', async () => {
    await expectProblem(openRecordStore(`sqlite:${folder}/none.db`), 'store-not-found');
    expect(fs.existsSync(`${folder}/none.db`)).toBe(false);
  });
  it('no database', async () => {
    fs.writeFileSync(
      `${folder}/text.db`,
      'this is no database, but long enough to have a header of 100 bytes'.repeat(4),
    );
    await expectProblem(openRecordStore(`sqlite:${folder}/text.db`), 'store-not-found');
    fs.mkdirSync(`${folder}/folder.db`);
    await expectProblem(openRecordStore(`sqlite:${folder}/folder.db`), 'store-not-found');
  });
  it('no such table, or another shape', async () => {
    await expectProblem(openRecordStore(`${url}?table=missing`), 'table-missing');
    await expectProblem(openRecordStore(`${url}?table=users`), 'table-shape');
  });
  it('damaged', async () => {
    const bytes = fs.readFileSync(`${folder}/app.db`);
    bytes.fill(0xee, 4096);
    fs.writeFileSync(`${folder}/damaged.db`, bytes);
    const damaged = await openRecordStore(`sqlite:${folder}/damaged.db`);
    await expectProblem(all(damaged.list()), 'store-damaged');
    await damaged.close();
  });
  it('is opened for reading only until something is written', async () => {
    const before = fs.statSync(`${folder}/app.db`);
    const reader = await openRecordStore(url);
    await all(reader.list());
    expect(fs.statSync(`${folder}/app.db`).mtimeMs).toBe(before.mtimeMs);
    await reader.close();
  });
  it.runIf(process.getuid?.() === 0)('a file that may not be written', async () => {
    fs.chmodSync(folder, 0o755);
    fs.chmodSync(`${folder}/app.db`, 0o644);
    process.seteuid?.(65_534);
    try {
      const reader = await openRecordStore(url);
      expect((await reader.read('abc'))?.id).toBe('abc');
      await expectProblem(reader.setLastUsed('abc', 0), 'store-read-only');
      expect((await reader.read('abc'))?.id).toBe('abc');
      await reader.close();
    } finally {
      process.seteuid?.(0);
    }
  });
  it('a file that is replaced under its name is opened anew', async () => {
    const reader = await openRecordStore(url);
    await reader.read('abc');
    fs.copyFileSync(`${folder}/app.db`, `${folder}/new.db`);
    const other = await openRecordStore(`sqlite:${folder}/new.db`);
    await other.create('def', sampleRecord('def', 1), Date.now());
    await other.close();
    fs.renameSync(`${folder}/new.db`, `${folder}/app.db`);
    expect((await reader.read('def'))?.id).toBe('def');
    await reader.close();
  });
});
