import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decode } from '../../core/frameworks/codec.ts';
import { guessStoreUrls, LAYOUTS, openRecordStore } from '../../core/frameworks/stores.ts';
import { comparedClock, type RecordStore } from '../../core/model/record.ts';
import { joinRecord } from '../../core/registry/record-match.ts';
import { driverFor } from '../../core/stores/sql/dialects/driver-for.ts';
import { parseStoreUrl } from '../../core/stores/url.ts';
import { needs } from '../support/needs.ts';
import { type RedisTestServer, startRedis } from '../support/redis-server.ts';
import { startMariadb, startPostgres, type TestServer } from '../support/servers.ts';
import { tempFolder } from './places.ts';
import { all } from './record-store.ts';

/*
 * Every layout in a store as its framework makes it: found by its columns, files or keys, joined from the cookie's value,
 * read without counting as use, aged by the clock that the application compares, written under guard, and brought back.
 */

const NOW = Date.UTC(2026, 10, 23, 12, 0, 5);
const END = NOW + 30 * 86_400_000;
const HEX = createHash('sha256').update('a').digest('hex');
const SID = 'Ab3xYz-12_QwErTyUiOpAsDfGhJkLzXc';
const EXPRESS = (sid: string) => `s:${sid}.${'A'.repeat(43)}`;
const json = (end: number, data = 'alice') =>
  JSON.stringify({
    cookie: { originalMaxAge: 86_400_000, expires: new Date(end).toISOString(), httpOnly: true, path: '/' },
    user: data,
  });
/** A pickle of `{'user': 'alice'}` (protocol 4). */
const PICKLE = Buffer.from('80049513000000000000007d948c0475736572948c05616c696365947394 2e'.replace(' ', ''), 'hex');

/** What CherryPy itself wrote: test/fixtures/cherrypy/make.py. */
const CHERRYPY = JSON.parse(
  fs.readFileSync(path.resolve(import.meta.dirname, '../fixtures/cherrypy/samples.json'), 'utf8'),
) as { readonly id: string; readonly hex: string; readonly ends: string };

/** What Rails wrote, and by its rules of 7.0 and 7.1: test/fixtures/rails-cache/make.rb. */
const RAILS = JSON.parse(
  fs.readFileSync(path.resolve(import.meta.dirname, '../fixtures/rails-cache/samples.json'), 'utf8'),
) as { sid: string; key: string; samples: { id: string; rawBase64: string; ends: number; path: string | null }[] };
const railsEntry = (id: string) => {
  const found = RAILS.samples.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no sample ${id}`);
  return { ...found, bytes: Buffer.from(found.rawBase64, 'base64'), at: Math.round(found.ends * 1000) };
};
const RAILS_FILE = railsEntry('6.1');

/** An entry of Django's cache as `FileBasedCache` writes it: the end as a pickle, then a compressed pickle. */
const DJANGO_CACHE = Buffer.concat([
  Buffer.from('80049 50a000000000000004741'.replaceAll(' ', ''), 'hex'),
  (() => {
    const end = Buffer.alloc(8);
    end.writeDoubleBE(END / 1000);
    return end.subarray(1);
  })(),
  Buffer.from('.'),
  deflateSync(PICKLE),
]);
const DJANGO_KEY = 'abcdefghij0123456789abcdefghij01';

interface Sample {
  readonly layout: string;
  /** The record's name, and the value of a cookie that leads to it. */
  readonly name: string;
  readonly cookie: string;
  readonly clock: 'lastUsed' | 'expires';
  readonly at: number;
  /** What the data says of the end after it was moved to `at`, where it says anything. */
  readonly inside?: (bytes: Uint8Array) => number;
}

const insideJson = (bytes: Uint8Array) => Date.parse(JSON.parse(Buffer.from(bytes).toString()).cookie.expires);

interface SqlSample extends Sample {
  readonly create: string;
  readonly insert: string;
  readonly values: readonly (string | number | Buffer)[];
}

const sqlTime = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

const SQLITE: readonly SqlSample[] = [
  {
    layout: 'django',
    name: 'abcdefghij0123456789abcdefghij01',
    cookie: 'abcdefghij0123456789abcdefghij01',
    clock: 'expires',
    at: END,
    create:
      'create table django_session (session_key varchar(40) primary key, session_data text not null, expire_date datetime not null)',
    insert: 'insert into django_session values (?, ?, ?)',
    values: ['abcdefghij0123456789abcdefghij01', 'eyJhIjoxfQ:1abcde:xyz', sqlTime(END)],
  },
  {
    layout: 'connect-sqlite3',
    name: SID,
    cookie: EXPRESS(SID),
    clock: 'expires',
    at: END,
    inside: insideJson,
    create: 'create table sessions (sid PRIMARY KEY, expired, sess)',
    insert: 'insert into sessions (sid, sess, expired) values (?, ?, ?)',
    values: [SID, json(END), END],
  },
  {
    layout: 'better-sqlite3-session-store',
    name: SID,
    cookie: EXPRESS(SID),
    clock: 'expires',
    at: END,
    inside: insideJson,
    create: 'create table sessions (sid TEXT NOT NULL PRIMARY KEY, sess JSON NOT NULL, expire TEXT NOT NULL)',
    insert: 'insert into sessions (sid, sess, expire) values (?, ?, ?)',
    values: [SID, json(END), new Date(END).toISOString()],
  },
  {
    layout: 'flask-session',
    name: 'session:11111111-2222-3333-4444-555555555555',
    cookie: '11111111-2222-3333-4444-555555555555',
    clock: 'expires',
    at: END,
    create:
      'create table sessions (id integer primary key, session_id varchar(255) unique, data blob, expiry datetime)',
    insert: 'insert into sessions (session_id, data, expiry) values (?, ?, ?)',
    values: ['session:11111111-2222-3333-4444-555555555555', PICKLE, sqlTime(END)],
  },
  {
    layout: 'laravel',
    name: `${'x'.repeat(39)}7`,
    cookie: `${'x'.repeat(39)}7`,
    clock: 'lastUsed',
    at: NOW,
    create:
      'create table sessions (id varchar primary key, user_id integer, ip_address varchar, user_agent text, payload text, last_activity integer)',
    insert: 'insert into sessions (id, payload, last_activity) values (?, ?, ?)',
    values: [`${'x'.repeat(39)}7`, Buffer.from('a:0:{}').toString('base64'), NOW / 1000],
  },
  {
    layout: 'symfony',
    name: 'abcdefghijklmnopqrstuvwxyz',
    cookie: 'abcdefghijklmnopqrstuvwxyz',
    clock: 'expires',
    at: END,
    create:
      'create table sessions (sess_id text primary key, sess_data blob, sess_lifetime integer, sess_time integer)',
    insert: 'insert into sessions values (?, ?, ?, ?)',
    values: ['abcdefghijklmnopqrstuvwxyz', Buffer.from('_sf2_attributes|a:0:{}'), END / 1000, NOW / 1000],
  },
  {
    layout: 'django-cache',
    name: `:1:django.contrib.sessions.cacheabcdefghij0123456789abcdefghij01`,
    cookie: 'abcdefghij0123456789abcdefghij01',
    clock: 'expires',
    at: END,
    create: 'create table cache_table (cache_key varchar(255) primary key, value text, expires datetime)',
    insert: 'insert into cache_table values (?, ?, ?)',
    values: [
      ':1:django.contrib.sessions.cacheabcdefghij0123456789abcdefghij01',
      PICKLE.toString('base64'),
      sqlTime(END).slice(0, 19),
    ],
  },
  {
    layout: 'webpy',
    name: HEX,
    cookie: HEX,
    clock: 'lastUsed',
    at: NOW,
    create: 'create table sessions (session_id char(128) unique not null, atime timestamp not null, data text)',
    insert: 'insert into sessions values (?, ?, ?)',
    values: [HEX, localTime(NOW), 'gAN9cQAu'],
  },
];

function localTime(ms: number): string {
  return sqlTime(ms - new Date(ms).getTimezoneOffset() * 60_000);
}

interface FileSample extends Sample {
  readonly folders?: string;
  readonly bytes: Uint8Array;
  readonly inMtime?: true;
}

const stamped = Buffer.concat([Buffer.alloc(4), PICKLE]);
stamped.writeUInt32LE(END / 1000, 0);

const FILES: readonly FileSample[] = [
  {
    layout: 'php-files',
    name: `sess_${HEX.slice(0, 26)}`,
    cookie: HEX.slice(0, 26),
    clock: 'lastUsed',
    at: NOW,
    bytes: Buffer.from('user|s:5:"alice";'),
    inMtime: true,
  },
  {
    layout: 'php-files',
    name: `sess_${HEX.slice(0, 26)}`,
    folders: `${HEX[0]}/${HEX[1]}`,
    cookie: HEX.slice(0, 26),
    clock: 'lastUsed',
    at: NOW,
    bytes: Buffer.from('user|s:5:"alice";'),
    inMtime: true,
  },
  {
    layout: 'django-files',
    name: 'sessionidabcdefghij0123456789abcdefghij01',
    cookie: 'abcdefghij0123456789abcdefghij01',
    clock: 'lastUsed',
    at: NOW,
    bytes: Buffer.from('eyJhIjoxfQ:1abcde:xyz'),
    inMtime: true,
  },
  {
    layout: 'session-file-store',
    name: `${SID}.json`,
    cookie: EXPRESS(SID),
    clock: 'lastUsed',
    at: NOW,
    bytes: Buffer.from(JSON.stringify({ ...JSON.parse(json(END)), __lastAccess: NOW })),
    inside: (bytes) => JSON.parse(Buffer.from(bytes).toString()).__lastAccess,
  },
  {
    layout: 'cachelib',
    name: createHash('md5').update('session:11111111-2222-3333-4444-555555555555').digest('hex'),
    cookie: '11111111-2222-3333-4444-555555555555',
    clock: 'expires',
    at: END,
    bytes: stamped,
    inside: (bytes) => Buffer.from(bytes).readUInt32LE(0) * 1000,
  },
  {
    layout: 'cherrypy-files',
    name: `session-${CHERRYPY.id}`,
    cookie: CHERRYPY.id,
    clock: 'expires',
    at: Date.parse(CHERRYPY.ends),
    bytes: Buffer.from(CHERRYPY.hex, 'hex'),
    inside: (bytes) => {
      const { value } = decode(bytes);
      const end = value?.t === 'tuple' ? value.v[1] : undefined;
      return end?.t === 'datetime' ? Date.parse(end.v) : Number.NaN;
    },
  },
  {
    layout: 'rails-cache-files',
    name: path.basename(RAILS_FILE.path ?? ''),
    folders: path.dirname(RAILS_FILE.path ?? ''),
    cookie: RAILS.sid,
    clock: 'expires',
    at: RAILS_FILE.at,
    bytes: RAILS_FILE.bytes,
    inside: (bytes) => {
      const number = (name: string) => {
        const { value } = decode(bytes, { as: ['marshal'] });
        const pairs = value?.t === 'ruby-object' ? value.v : [];
        const found = pairs.find(([key]) => key.t === 'str' && key.v === name)?.[1];
        return found?.t === 'float' ? Number(found.v) : Number.NaN;
      };
      return Math.round((number('created_at') + number('expires_in')) * 1000);
    },
  },
  {
    layout: 'django-cache-files',
    name: `${createHash('md5').update(`:1:django.contrib.sessions.cache${DJANGO_KEY}`).digest('hex')}.djcache`,
    cookie: DJANGO_KEY,
    clock: 'expires',
    at: END,
    bytes: DJANGO_CACHE,
    inside: (bytes) => {
      const { value } = decode(bytes.subarray(0, 21), { as: ['pickle'] });
      return value?.t === 'float' ? Math.round(Number(value.v) * 1000) : Number.NaN;
    },
  },
  {
    layout: 'laravel-files',
    name: `${'x'.repeat(39)}7`,
    cookie: `${'x'.repeat(39)}7`,
    clock: 'lastUsed',
    at: NOW,
    bytes: Buffer.from('a:1:{s:6:"_token";s:1:"x";}'),
    inMtime: true,
  },
];

async function behaves(store: RecordStore, sample: Sample): Promise<void> {
  expect(store.layout?.id).toBe(sample.layout);
  expect(store.traits.clock?.name).toBe(sample.clock);
  expect((await all(store.list())).map(({ id }) => id)).toEqual([sample.name]);
  const match = await joinRecord(store, { id: sample.cookie, raw: encodeURIComponent(sample.cookie) });
  expect(match?.record.id).toBe(sample.name);
  const before = await mustRead(store, sample.name);
  expect(comparedClock(store, before)).toBe(sample.at);
  // An hour back, with every copy inside the data.
  const aged = sample.at - 3_600_000;
  const set = sample.clock === 'expires' ? store.setExpires?.(sample.name, aged) : store.setLastUsed(sample.name, aged);
  expect(await set).toBe('written');
  const after = await mustRead(store, sample.name);
  expect(comparedClock(store, after)).toBe(aged);
  if (sample.inside === undefined) expect(Buffer.from(after.bytes)).toEqual(Buffer.from(before.bytes));
  else expect(sample.inside(after.bytes)).toBe(aged);
  // And exactly back.
  await (sample.clock === 'expires'
    ? store.setExpires?.(sample.name, sample.at)
    : store.setLastUsed(sample.name, sample.at));
  const back = await mustRead(store, sample.name);
  expect(Buffer.from(back.bytes)).toEqual(Buffer.from(before.bytes));
  expect(comparedClock(store, back)).toBe(sample.at);
  expect(await store.replace(sample.name, before.bytes, 'another')).toBe('stale');
  const changed = Buffer.concat([Buffer.from(before.bytes), Buffer.from(' ')]);
  expect(await store.replace(sample.name, changed, back.revision)).toBe('written');
  expect(Buffer.from((await mustRead(store, sample.name)).bytes)).toEqual(changed);
  expect(await store.remove(sample.name)).toBe('written');
  expect(await store.read(sample.name)).toBeUndefined();
  await store.create(sample.name, before.bytes, sample.at);
  const made = await mustRead(store, sample.name);
  expect(Buffer.from(made.bytes)).toEqual(Buffer.from(before.bytes));
  expect(comparedClock(store, made)).toBe(sample.at);
}

async function mustRead(store: RecordStore, id: string) {
  const record = await store.read(id);
  if (record === undefined) throw new Error(`no record ${id}`);
  return record;
}

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('tables of SQLite', () => {
  it.each(SQLITE)('$layout', async (sample) => {
    const file = path.join(folder, 'app.db');
    const db = new Database(file);
    db.exec('create table users (id integer primary key, name text, data text)');
    db.exec(sample.create);
    db.prepare(sample.insert).run(...sample.values);
    db.close();
    const [guessed, ...others] = await guessStoreUrls(file);
    expect(others).toEqual([]);
    const store = await openRecordStore(guessed?.url ?? '');
    await behaves(store, sample);
    await store.close();
  });

  it('rows of Active Record are joined by the digest of the id, and are not aged: Rails compares no time', async () => {
    const file = path.join(folder, 'development.sqlite3');
    const db = new Database(file);
    db.exec(
      'create table sessions (id integer primary key autoincrement, session_id varchar not null, data text, created_at datetime(6) not null, updated_at datetime(6) not null)',
    );
    const [privateId, old] = [`2::${createHash('sha256').update(RAILS.sid).digest('hex')}`, 'f'.repeat(32)];
    const insert = db.prepare('insert into sessions (session_id, data, created_at, updated_at) values (?, ?, ?, ?)');
    const data = `${Buffer.from('\x04\x08{\x06I"\x09user\x06:\x06ETI"\x0aalice\x06;\x00T', 'latin1').toString('base64')}\n`;
    for (const id of [privateId, old]) insert.run(id, data, sqlTime(NOW), sqlTime(NOW));
    db.close();
    const [guessed] = await guessStoreUrls(file);
    const store = await openRecordStore(guessed?.url ?? '');
    expect(store.layout?.id).toBe('activerecord');
    for (const [cookie, name] of [[RAILS.sid, privateId] as const, [old, old] as const]) {
      expect((await joinRecord(store, { id: cookie, raw: cookie }))?.record).toMatchObject({ id: name, lastUsed: NOW });
    }
    expect(decode((await mustRead(store, old)).bytes)).toMatchObject({ layers: ['base64', 'marshal'], lossless: true });
    expect(store.traits).toMatchObject({ canAge: false, clock: null, cannotAge: expect.stringContaining('any age') });
    await expect(store.setLastUsed(old, NOW - 1)).rejects.toMatchObject({ problem: { kind: 'cannot-age' } });
    const record = await mustRead(store, old);
    expect(await store.replace(old, Buffer.from('BAh7AA==\n'), record.revision)).toBe('written');
    expect(await store.remove(old)).toBe('written');
    await store.close();
  });

  it('a table that no layout fits is read by the columns that the URL names', async () => {
    const db = new Database(path.join(folder, 'app.db'));
    db.exec('create table keep (k text primary key, v text, until integer)');
    db.prepare('insert into keep values (?, ?, ?)').run('k1', '{"a":1}', END / 1000);
    db.close();
    const store = await openRecordStore(`sqlite:${folder}/app.db?table=keep&id=k&data=v&expires=until`);
    expect(await store.read('k1')).toMatchObject({ expires: END });
    expect(await store.setExpires?.('k1', NOW)).toBe('written');
    expect(await store.read('k1')).toMatchObject({ expires: NOW });
    await store.close();
  });
});

describe('folders', () => {
  it.each(FILES)('$layout $folders', async (sample) => {
    const target = path.join(folder, sample.folders ?? '', sample.name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, sample.bytes);
    if (sample.inMtime) fs.utimesSync(target, 1_700_000_000, sample.at / 1000);
    // What else lies about in such a folder is no session.
    for (const name of ['app.py', 'readme.txt', '.htaccess', 'django.db'])
      fs.writeFileSync(path.join(folder, name), 'x');
    const store = await openRecordStore(`disk:${folder}`);
    await behaves(store, sample);
    for (const name of ['app.py', 'readme.txt']) {
      await expect(store.remove(name)).rejects.toMatchObject({ problem: { kind: 'bad-id' } });
      expect(fs.existsSync(path.join(folder, name))).toBe(true);
    }
    await store.close();
  });

  it('a folder without a session says so', async () => {
    for (const name of ['app.py', 'readme.txt']) fs.writeFileSync(path.join(folder, name), 'x');
    expect(await guessStoreUrls(folder)).toEqual([
      { url: `disk:${folder}`, because: 'a directory; 0 of 2 files look like sessions' },
    ]);
  });
});

interface ServerSample extends SqlSample {
  readonly server: 'postgres' | 'mysql';
}

const SERVER: readonly ServerSample[] = [
  {
    ...(SQLITE[0] as SqlSample),
    server: 'postgres',
    create:
      'create table django_session (session_key varchar(40) primary key, session_data text not null, expire_date timestamptz not null)',
    values: ['abcdefghij0123456789abcdefghij01', 'eyJhIjoxfQ:1abcde:xyz', `${sqlTime(END)}+00`],
  },
  {
    layout: 'connect-pg-simple',
    server: 'postgres',
    name: SID,
    cookie: EXPRESS(SID),
    clock: 'expires',
    at: END,
    inside: insideJson,
    create: 'create table session (sid varchar not null primary key, sess json not null, expire timestamp(6) not null)',
    insert: 'insert into session (sid, sess, expire) values (?, ?, to_timestamp(CAST(? AS numeric)))',
    values: [SID, json(END), String(END / 1000)],
  },
  {
    layout: 'express-mysql-session',
    server: 'mysql',
    name: SID,
    cookie: EXPRESS(SID),
    clock: 'expires',
    at: END,
    inside: insideJson,
    create:
      'create table sessions (session_id varchar(128) collate utf8mb4_bin not null primary key, expires int(11) unsigned not null, data mediumtext collate utf8mb4_bin)',
    insert: 'insert into sessions (session_id, data, expires) values (?, ?, ?)',
    values: [SID, json(END), END / 1000],
  },
  {
    ...(SQLITE[0] as SqlSample),
    server: 'mysql',
    create:
      'create table django_session (session_key varchar(40) primary key, session_data longtext not null, expire_date datetime(6) not null)',
  },
];

for (const kind of ['postgres', 'mysql'] as const) {
  needs(kind === 'postgres' ? 'postgres' : 'mariadb')(`tables of ${kind}`, () => {
    let server: TestServer;
    beforeAll(async () => {
      server =
        kind === 'postgres'
          ? await startPostgres({ timezone: 'America/New_York' })
          : await startMariadb({ timezone: '+08:00' });
    });
    afterAll(() => server?.stop());
    it.each(SERVER.filter((one) => one.server === kind))('$layout', async (sample) => {
      const table = /table (\w+)/.exec(sample.create)?.[1] ?? '';
      const address = parseStoreUrl(`${server.url}?table=${table}`);
      if (!('table' in address)) throw new Error('no table');
      const driver = driverFor(address);
      await driver.run(sample.create);
      await driver.run(sample.insert, sample.values);
      const store = await openRecordStore(`${server.url}?table=${table}`);
      try {
        await behaves(store, sample);
      } finally {
        await store.close();
        await driver.run(`drop table ${table}`);
        await driver.close();
      }
    });
  });
}

needs('redis')('keys of Redis', () => {
  let server: RedisTestServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());

  const KEYS: readonly {
    readonly layout: string;
    readonly name: string;
    readonly cookie: string;
    readonly bytes: Buffer;
    /** What the data itself says of the end, where it says anything. */
    readonly end?: (bytes: Uint8Array) => number;
  }[] = [
    {
      layout: 'connect-redis',
      name: `sess:${SID}`,
      cookie: EXPRESS(SID),
      bytes: Buffer.from(json(END)),
      end: insideJson,
    },
    {
      layout: 'flask-session-redis',
      name: 'session:11111111-2222-3333-4444-555555555555',
      cookie: '11111111-2222-3333-4444-555555555555',
      bytes: PICKLE,
    },
    {
      layout: 'django-redis',
      name: ':1:django.contrib.sessions.cacheabcdefghij0123456789abcdefghij01',
      cookie: 'abcdefghij0123456789abcdefghij01',
      bytes: PICKLE,
    },
    {
      layout: 'php-redis',
      name: `PHPREDIS_SESSION:${HEX.slice(0, 26)}`,
      cookie: HEX.slice(0, 26),
      bytes: Buffer.from('user|s:5:"alice";'),
    },
    {
      layout: 'laravel-redis',
      name: `laravel_cache:${'x'.repeat(39)}7`,
      cookie: `${'x'.repeat(39)}7`,
      bytes: Buffer.from('s:6:"a:0:{}";'),
    },
    {
      layout: 'rails-cache-redis',
      name: RAILS.key,
      cookie: RAILS.sid,
      bytes: railsEntry('7.1').bytes,
      end: (bytes: Uint8Array) => Buffer.from(bytes).readDoubleLE(3) * 1000,
    },
    {
      layout: 'rack-redis',
      name: `2::${createHash('sha256').update(HEX).digest('hex')}`,
      cookie: HEX,
      bytes: Buffer.from('\x04\x08{\0'),
    },
  ];

  it.each(KEYS)('$layout', async ({ layout, name, cookie, bytes, end }) => {
    const { RedisConnection } = await import('../../core/stores/redis/redis-connection.ts');
    const redis = new RedisConnection({ kind: 'redis', host: '127.0.0.1', port: server.port, database: 0 });
    await redis.run('FLUSHALL');
    await redis.run('SET', name, bytes, 'PX', '3600000');
    for (const stranger of ['queue:default', 'cache:page:1', 'celery', 'sidekiq:stat', 'sess:']) {
      await redis.run('SET', stranger, 'x');
    }
    await redis.run('RPUSH', 'queues', 'x');
    const store = await openRecordStore(`redis://127.0.0.1:${server.port}/0`, { pollMs: 30 });
    try {
      expect(store.layout?.id).toBe(layout);
      const lines = await all(store.list());
      expect(lines.map(({ id }) => id)).toEqual([name]);
      expect(Math.abs((lines[0]?.expires ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000);
      const match = await joinRecord(store, { id: cookie, raw: cookie });
      expect(match?.record.id).toBe(name);
      const record = await mustRead(store, name);
      expect(Buffer.from(record.bytes)).toEqual(Buffer.from(bytes));
      const wanted = Date.now() + 1_000_000;
      expect(await store.setExpires?.(name, wanted)).toBe('written');
      const aged = Number(await redis.run('PTTL', name));
      expect(aged).toBeGreaterThan(900_000);
      expect(aged).toBeLessThanOrEqual(1_000_000);
      // The copy inside the data moves along, where there is one, and nothing else of the data.
      const moved = await mustRead(store, name);
      if (end === undefined) expect(Buffer.from(moved.bytes)).toEqual(Buffer.from(bytes));
      else expect(end(moved.bytes)).toBe(wanted);
      // Another value, and the time to live stays.
      expect(await store.replace(name, Buffer.from('new'), moved.revision)).toBe('written');
      expect(String(await redis.run('GET', name))).toBe('new');
      expect(Number(await redis.run('PTTL', name))).toBeGreaterThan(900_000);
      expect(await store.replace(name, Buffer.from('x'), record.revision)).toBe('stale');
      const changed = new Promise<readonly string[] | undefined>((resolve) => {
        store.watch(resolve);
      });
      await new Promise((resolve) => setTimeout(resolve, 150));
      await redis.run('SET', name, bytes, 'PX', '500000');
      expect(await changed).toEqual([name]);
      expect(await store.remove(name)).toBe('written');
      expect(await store.remove(name)).toBe('gone');
      await store.create(name, bytes, Date.now() + 5_000);
      expect(Buffer.from((await mustRead(store, name)).bytes)).toEqual(Buffer.from(bytes));
      await expect(store.create(name, bytes, Date.now() + 5_000)).rejects.toMatchObject({
        problem: { kind: 'exists' },
      });
      expect(Number(await redis.run('EXISTS', 'queue:default', 'celery', 'queues', 'sidekiq:stat'))).toBe(4);
    } finally {
      await store.close();
      await redis.close();
    }
  });

  it('by a socket, with a login, and with the reason when it cannot be used', async () => {
    const { RedisConnection } = await import('../../core/stores/redis/redis-connection.ts');
    const redis = new RedisConnection({ kind: 'redis', host: '127.0.0.1', port: server.port, database: 0 });
    await redis.run('FLUSHALL');
    await redis.run('SET', `sess:${SID}`, json(END));
    await redis.run('ACL', 'SETUSER', 'web', 'on', '>p@ss', '~*', '+@all');
    for (const url of [`redis+unix://${server.socket}?db=0`, `redis://web:p%40ss@127.0.0.1:${server.port}/0`]) {
      const store = await openRecordStore(url);
      expect((await all(store.list())).map(({ id, expires }) => [id, expires])).toEqual([[`sess:${SID}`, null]]);
      await store.close();
    }
    const wrong = `redis://web:hunter2@127.0.0.1:${server.port}/0`;
    await expect(openRecordStore(wrong)).rejects.toMatchObject({ problem: { kind: 'store-refused' } });
    await expect(openRecordStore(wrong)).rejects.not.toThrow(/hunter2/);
    await expect(openRecordStore('redis://127.0.0.1:1/0')).rejects.toMatchObject({
      problem: { kind: 'store-unreachable' },
    });
    await redis.close();
  });
});

it('covers every layout of the catalog that can be made here', () => {
  const known = [...LAYOUTS.tables, ...LAYOUTS.files].map(({ id }) => id);
  const shown = new Set([...SQLITE, ...FILES, ...SERVER].map(({ layout }) => layout));
  // Spring has a file of tests of its own; the rows of Active Record have no clock that anybody compares.
  const elsewhere = ['webpy-disk', 'beaker', 'spring', 'activerecord'];
  expect(known.filter((id) => !shown.has(id) && !elsewhere.includes(id))).toEqual([]);
});
