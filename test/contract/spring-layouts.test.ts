import fs, { readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parsePath } from '../../core/codec/path.ts';
import { applyEdits, decode } from '../../core/frameworks/codec.ts';
import { guessStoreUrls, openRecordStore } from '../../core/frameworks/stores.ts';
import type { RecordStore } from '../../core/model/record.ts';
import type { TypedNode } from '../../core/model/typed.ts';
import { joinRecord } from '../../core/registry/record-match.ts';
import { RedisConnection } from '../../core/stores/redis/redis-connection.ts';
import { driverFor } from '../../core/stores/sql/dialects/driver-for.ts';
import type { SqlDriver } from '../../core/stores/sql/sql-driver.ts';
import { parseStoreUrl } from '../../core/stores/url.ts';
import { needs } from '../support/needs.ts';
import { type RedisTestServer, startRedis } from '../support/redis-server.ts';
import { startMariadb, startPostgres, type TestServer } from '../support/servers.ts';
import { tempFolder } from './places.ts';
import { all } from './record-store.ts';

/*
 * Spring Session in the tables that it publishes and in the hashes that its Redis repositories make. The values were
 * written by Java (test/fixtures/formats/spring-session). The application itself is not shown here: Debian has no
 * Spring Session.
 */

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');
const JAVA: Readonly<Record<string, Buffer>> = Object.fromEntries(
  (
    JSON.parse(readFileSync(path.join(FIXTURES, 'formats/spring-session/samples.json'), 'utf8')) as {
      samples: { id: string; rawBase64: string }[];
    }
  ).samples.map(({ id, rawBase64 }) => [id, Buffer.from(rawBase64, 'base64')]),
);
const java = (id: string): Buffer => JAVA[id] ?? expect.fail(`no sample ${id}`);

const ID = '3f9d1c56-9d0f-4e3a-8b57-0a1b2c3d4e5f';
const COOKIE = Buffer.from(ID).toString('base64');
const PRIMARY = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const NOW = Date.UTC(2026, 10, 23, 12, 0, 5, 250);
const IDLE = 1800;

function text(words: string): Buffer {
  const bytes = Buffer.from(words);
  return Buffer.concat([Buffer.from([0xac, 0xed, 0, 5, 0x74, bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** `java.lang.Long` and `Integer` as the samples have them, with another number. */
function boxed(sample: 'long' | 'integer', value: bigint): Buffer {
  const bytes = Buffer.from(java(sample));
  if (sample === 'long') bytes.writeBigInt64BE(value, bytes.length - 8);
  else bytes.writeInt32BE(Number(value), bytes.length - 4);
  return bytes;
}

function valueAt(bytes: Uint8Array, at: string): TypedNode | undefined {
  const root = decode(bytes, { as: ['spring-attributes'] }).value;
  if (root?.t !== 'dict') return undefined;
  return root.v.find(([key]) => key.t === 'str' && key.v === at)?.[1];
}

async function must(store: RecordStore, id: string) {
  return (await store.read(id)) ?? expect.fail(`no record ${id}`);
}

const set = (at: string, value: TypedNode) => ({ op: 'set' as const, path: parsePath(at), value });

/** What holds on every server: `prefix` stands before the id in the record's name. */
async function behaves(store: RecordStore, name: string, field: (attribute: string) => string): Promise<void> {
  expect((await all(store.list())).map(({ id }) => id)).toEqual([name]);
  const match = await joinRecord(store, { id: COOKIE, raw: COOKIE });
  expect(match?.record.id).toBe(name);
  const before = await must(store, name);
  expect(before.lastUsed).toBe(NOW);
  expect(valueAt(before.bytes, field('user'))).toEqual({ t: 'str', v: 'alice' });
  expect(valueAt(before.bytes, field('visits'))).toMatchObject({ t: 'int', v: '42' });
  // Read twice: the same bytes.
  expect((await must(store, name)).revision).toBe(before.revision);
  // Written under guard, one attribute only.
  const edited = applyEdits(before.bytes, [set(`["${field('user')}"]`, { t: 'str', v: 'bob ☕' })]);
  expect(await store.replace(name, edited, 'another')).toBe('stale');
  expect(await store.replace(name, edited, before.revision)).toBe('written');
  const after = await must(store, name);
  expect(valueAt(after.bytes, field('user'))).toEqual({ t: 'str', v: 'bob ☕' });
  expect(after.lastUsed).toBe(NOW);
  // An attribute more, one less, and back to the very bytes.
  const more = applyEdits(after.bytes, [
    { op: 'insert', path: parsePath(`["${field('note')}"]`), value: { t: 'str', v: 'new' } },
    { op: 'delete', path: parsePath(`["${field('visits')}"]`) },
  ]);
  expect(await store.replace(name, more, after.revision)).toBe('written');
  const changed = await must(store, name);
  expect(valueAt(changed.bytes, field('note'))).toEqual({ t: 'str', v: 'new' });
  expect(valueAt(changed.bytes, field('visits'))).toBeUndefined();
  expect(await store.replace(name, before.bytes, changed.revision)).toBe('written');
  expect(Buffer.from((await must(store, name)).bytes)).toEqual(Buffer.from(before.bytes));
  // Aged by what the application compares.
  expect(await store.setLastUsed(name, NOW - 3_600_000)).toBe('written');
  expect((await must(store, name)).lastUsed).toBe(NOW - 3_600_000);
  expect(await store.setLastUsed(name, NOW)).toBe('written');
  expect(Buffer.from((await must(store, name)).bytes)).toEqual(Buffer.from(before.bytes));
  // Bytes that are no attributes are refused, not written.
  const now = await must(store, name);
  await expect(store.replace(name, Buffer.from('{}'), now.revision)).rejects.toMatchObject({
    problem: { kind: 'layer-form' },
  });
  expect(await store.remove(name, 'another')).toBe('stale');
  expect(await store.remove(name, now.revision)).toBe('written');
  expect(await store.read(name)).toBeUndefined();
  await store.create(name, before.bytes, NOW, before.extra);
  const made = await must(store, name);
  expect(Buffer.from(made.bytes)).toEqual(Buffer.from(before.bytes));
  expect(made.lastUsed).toBe(NOW);
}

const ROW = [PRIMARY, ID, NOW - 5_000, NOW, IDLE, NOW + IDLE * 1000, 'alice'];
const ATTRIBUTES: readonly (readonly [string, Buffer])[] = [
  ['user', text('alice')],
  ['visits', java('integer')],
];
const INSERT =
  'insert into spring_session (primary_id, session_id, creation_time, last_access_time, max_inactive_interval, expiry_time, principal_name) values (?, ?, ?, ?, ?, ?, ?)';
const INSERT_ATTRIBUTE =
  'insert into spring_session_attributes (session_primary_id, attribute_name, attribute_bytes) values (?, ?, ?)';

function statements(file: string): string[] {
  return readFileSync(path.join(FIXTURES, 'spring-session', file), 'utf8')
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

async function columns(driver: SqlDriver, table: string): Promise<string[]> {
  const { rows } = await driver.run(
    `select primary_id, creation_time, last_access_time, max_inactive_interval, expiry_time, principal_name from ${table}`,
  );
  return (rows[0] ?? []).map((value) => String(value).trim());
}

const EXPECTED_ROW = [PRIMARY, NOW - 5_000, NOW, IDLE, NOW + IDLE * 1000, 'alice'].map(String);

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('tables of Spring Session in SQLite', () => {
  function makeFile(): string {
    const file = path.join(folder, 'app.db');
    const db = new Database(file);
    db.exec(statements('schema-sqlite.sql').join(';'));
    db.prepare(INSERT).run(...ROW);
    for (const [name, bytes] of ATTRIBUTES) db.prepare(INSERT_ATTRIBUTE).run(PRIMARY, name, bytes);
    db.close();
    return file;
  }

  it('found, joined, read, written under guard, aged and brought back', async () => {
    const file = makeFile();
    const [guessed, ...others] = await guessStoreUrls(file);
    expect(others).toEqual([]);
    const store = await openRecordStore(guessed?.url ?? '');
    expect(store.layout?.id).toBe('spring');
    await behaves(store, ID, (name) => name);
    await store.close();
    const db = new Database(file, { readonly: true });
    const row = db.prepare('select * from spring_session').all() as Record<string, unknown>[];
    expect(row).toEqual([
      {
        PRIMARY_ID: PRIMARY,
        SESSION_ID: ID,
        CREATION_TIME: NOW - 5_000,
        LAST_ACCESS_TIME: NOW,
        MAX_INACTIVE_INTERVAL: IDLE,
        EXPIRY_TIME: NOW + IDLE * 1000,
        PRINCIPAL_NAME: 'alice',
      },
    ]);
    db.close();
  });

  it('the end for the cleanup moves with the last use', async () => {
    const file = makeFile();
    const store = await openRecordStore(`sqlite:${file}?table=SPRING_SESSION`);
    await store.setLastUsed(ID, NOW - 7_200_000);
    await store.close();
    const db = new Database(file, { readonly: true });
    expect(db.prepare('select last_access_time l, expiry_time e from spring_session').get()).toEqual({
      l: NOW - 7_200_000,
      e: NOW + IDLE * 1000 - 7_200_000,
    });
    db.close();
  });

  it('a change that meets a newer value takes the others back', async () => {
    const file = makeFile();
    const store = await openRecordStore(`sqlite:${file}?table=SPRING_SESSION`);
    const before = await must(store, ID);
    const edited = applyEdits(before.bytes, [set('user', { t: 'str', v: 'bob' }), set('visits', { t: 'int', v: '7' })]);
    const db = new Database(file);
    // The application writes the second attribute between our look and our write of it.
    db.exec(
      `create trigger meanwhile after update of attribute_bytes on spring_session_attributes when new.attribute_name = 'user'
       begin update spring_session_attributes set attribute_bytes = x'aced000574000378797a' where attribute_name = 'visits'; end`,
    );
    expect(await store.replace(ID, edited, before.revision)).toBe('stale');
    db.exec('drop trigger meanwhile');
    const now = await must(store, ID);
    expect(valueAt(now.bytes, 'user')).toEqual({ t: 'str', v: 'alice' });
    expect(valueAt(now.bytes, 'visits')).toEqual({ t: 'str', v: 'xyz' });
    db.close();
    await store.close();
  });

  it('a record of our own has all that the table asks for, and goes whole', async () => {
    const file = makeFile();
    const store = await openRecordStore(`sqlite:${file}?table=SPRING_SESSION`);
    const other = '11111111-2222-3333-4444-555555555555';
    const { bytes } = await must(store, ID);
    await store.create(other, bytes, NOW);
    expect(valueAt((await must(store, other)).bytes, 'user')).toEqual({ t: 'str', v: 'alice' });
    await expect(store.create(other, bytes, NOW)).rejects.toMatchObject({ problem: { kind: 'exists' } });
    await store.remove(other);
    await store.close();
    const db = new Database(file, { readonly: true });
    expect(db.prepare('select count(*) n from spring_session_attributes').get()).toEqual({ n: ATTRIBUTES.length });
    db.close();
  });

  it('without the table of the attributes it says which table that would be', async () => {
    const file = makeFile();
    const db = new Database(file);
    db.exec('drop table spring_session_attributes');
    db.close();
    await expect(openRecordStore(`sqlite:${file}?table=SPRING_SESSION`)).rejects.toMatchObject({
      problem: { kind: 'table-missing', message: expect.stringContaining('SPRING_SESSION_ATTRIBUTES') },
    });
  });

  it('an attribute that cannot be read hides no other', async () => {
    const file = makeFile();
    const db = new Database(file);
    db.prepare(INSERT_ATTRIBUTE).run(PRIMARY, 'broken', Buffer.from([0xac, 0xed, 0, 5, 0x73, 0x71]));
    db.prepare(INSERT_ATTRIBUTE).run(PRIMARY, 'json', Buffer.from('{"roles":["admin"]}'));
    db.prepare(INSERT_ATTRIBUTE).run(PRIMARY, 'plain', Buffer.from('hello'));
    db.close();
    const store = await openRecordStore(`sqlite:${file}?table=SPRING_SESSION`);
    const { bytes } = await must(store, ID);
    const decoded = decode(bytes);
    expect(decoded.warnings).toEqual([expect.objectContaining({ code: 'attribute-unreadable' })]);
    expect(valueAt(bytes, 'user')).toEqual({ t: 'str', v: 'alice' });
    expect(valueAt(bytes, 'plain')).toEqual({ t: 'str', v: 'hello' });
    const edited = applyEdits(bytes, [set('json.roles[0]', { t: 'str', v: 'staff' })]);
    await store.replace(ID, edited, (await must(store, ID)).revision);
    await store.close();
    const after = new Database(file, { readonly: true });
    const row = after
      .prepare("select attribute_bytes b from spring_session_attributes where attribute_name = 'json'")
      .get() as { b: Buffer };
    expect(row.b.toString()).toBe('{"roles":["staff"]}');
    after.close();
  });
});

for (const kind of ['postgres', 'mysql'] as const) {
  needs(kind === 'postgres' ? 'postgres' : 'mariadb')(`tables of Spring Session in ${kind}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server = kind === 'postgres' ? await startPostgres({}) : await startMariadb({});
    });
    afterAll(() => server?.stop());

    it('found, joined, read, written under guard, aged and brought back', async () => {
      const table = kind === 'postgres' ? 'spring_session' : 'SPRING_SESSION';
      const url = `${server.url}?table=${table}`;
      const address = parseStoreUrl(url);
      if (!('table' in address)) throw new Error('no table');
      const driver = driverFor(address);
      const upper = (sql: string) =>
        kind === 'mysql' ? sql.replace(/spring_session(_attributes)?/, (name) => name.toUpperCase()) : sql;
      for (const one of statements(kind === 'postgres' ? 'schema-postgresql.sql' : 'schema-mysql.sql')) {
        await driver.run(one);
      }
      await driver.run(upper(INSERT), ROW);
      for (const [name, bytes] of ATTRIBUTES) await driver.run(upper(INSERT_ATTRIBUTE), [PRIMARY, name, bytes]);
      const store = await openRecordStore(url);
      try {
        expect(store.layout?.id).toBe('spring');
        await behaves(store, ID, (name) => name);
        expect(await columns(driver, table)).toEqual(EXPECTED_ROW);
      } finally {
        await store.close();
        await driver.close();
      }
    });
  });
}

needs('redis')('hashes of Spring Session in Redis', () => {
  let server: RedisTestServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());

  it('found beside the keys of its index, joined, read, written under guard, aged and brought back', async () => {
    const url = `redis://127.0.0.1:${server.port}/0`;
    const address = parseStoreUrl(url);
    if (address.kind !== 'redis') throw new Error('no address');
    const connection = new RedisConnection(address);
    const key = `spring:session:sessions:${ID}`;
    await connection.run(
      'HSET',
      key,
      ...['creationTime', boxed('long', BigInt(NOW - 5_000))],
      ...['lastAccessedTime', boxed('long', BigInt(NOW))],
      ...['maxInactiveInterval', boxed('integer', BigInt(IDLE))],
      ...ATTRIBUTES.flatMap(([name, bytes]) => [`sessionAttr:${name}`, bytes]),
    );
    await connection.run('PEXPIRE', key, '2100000');
    await connection.run('SET', `spring:session:sessions:expires:${ID}`, '');
    await connection.run('SADD', 'spring:session:expirations:1796000000000', `expires:${ID}`);
    const store = await openRecordStore(url);
    expect(store.layout?.id).toBe('spring-redis');
    expect(store.traits).toMatchObject({ canAge: true, clock: { name: 'lastUsed', where: 'field lastAccessedTime' } });
    const ttl = Number(await connection.run('PTTL', key));
    await behaves(store, key, (name) => `sessionAttr:${name}`);
    // Brought back by `create`, whose end is not known; before that it kept its own.
    expect(ttl).toBeGreaterThan(2_000_000);
    await store.close();
    await connection.close();
  });

  it('a write keeps the end of the key', async () => {
    const address = parseStoreUrl(`redis://127.0.0.1:${server.port}/1`);
    if (address.kind !== 'redis') throw new Error('no address');
    const connection = new RedisConnection(address);
    const key = `spring:session:sessions:${ID}`;
    await connection.run(
      'HSET',
      key,
      'lastAccessedTime',
      boxed('long', BigInt(NOW)),
      'sessionAttr:user',
      text('alice'),
    );
    await connection.run('PEXPIRE', key, '2100000');
    const store = await openRecordStore(`redis://127.0.0.1:${server.port}/1`);
    const before = await must(store, key);
    const edited = applyEdits(before.bytes, [set('["sessionAttr:user"]', { t: 'str', v: 'bob' })]);
    expect(await store.replace(key, edited, before.revision)).toBe('written');
    expect(Number(await connection.run('PTTL', key))).toBeGreaterThan(2_000_000);
    // What another wrote meanwhile is kept.
    await connection.run('HSET', key, 'sessionAttr:user', text('carol'));
    expect(await store.replace(key, before.bytes, (await must(store, key)).revision)).toBe('written');
    await connection.run('HSET', key, 'sessionAttr:user', text('dave'));
    expect(await store.replace(key, edited, before.revision)).toBe('stale');
    await store.close();
    await connection.close();
  });
});
