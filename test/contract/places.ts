import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import { encodeSession } from '../../core/frameworks/webpy/session/encoding.ts';
import { driverFor } from '../../core/stores/sql/dialects/driver-for.ts';
import { SqliteDriver } from '../../core/stores/sql/dialects/sqlite/sqlite-driver.ts';
import { textOf } from '../../core/stores/sql/sql-driver.ts';
import { parseStoreUrl } from '../../core/stores/url.ts';
import type { TestServer } from '../support/servers.ts';
import type { RecordPlace } from './record-store.ts';
import { sampleRecord, sampleShelfValue } from './samples.ts';

/** Places for the contract suites: each is fresh, and is looked at past the code that is tested. */

/** A place with its store URL. */
export interface RecordPlaceAt extends RecordPlace {
  readonly url: string;
}

const POLL_MS = 60;

export function tempFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'sessionscope-stores-'));
}

export async function diskPlace(): Promise<RecordPlaceAt> {
  const folder = tempFolder();
  const root = path.join(folder, 'sessions');
  fs.mkdirSync(root);
  return {
    url: `disk:${root}`,
    open: () => openRecordStore(`disk:${root}`),
    sample: sampleRecord,
    stepMs: 0,
    lastUse: async (id) => String(fs.statSync(path.join(root, id)).atimeMs),
    others: async (id) => {
      const { mode, uid, gid, mtimeMs } = fs.statSync(path.join(root, id));
      return [mode, uid, gid, Math.round(mtimeMs)].join(' ');
    },
    dispose: async () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

export async function sqlitePlace(
  columns = 'atime timestamp NOT NULL default current_timestamp, data text',
): Promise<RecordPlaceAt> {
  const folder = tempFolder();
  const url = `sqlite:${path.join(folder, 'app.db')}?table=sessions`;
  const driver = new SqliteDriver(path.join(folder, 'app.db'), { create: true });
  await driver.run(
    `create table sessions (session_id char(128) UNIQUE NOT NULL, ${columns}, note text default 'kept', n integer default 7)`,
    [],
    { write: true },
  );
  return tablePlace(url, 0.001, async () => {
    await driver.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
}

let tables = 0;

/** A fresh table on a server. */
export async function serverPlace(server: TestServer, atime: string, data: string): Promise<RecordPlaceAt> {
  const table = `sessions_${++tables}`;
  const url = `${server.url}?table=${table}`;
  const address = parseStoreUrl(url);
  if (!('table' in address)) throw new Error('no table');
  const driver = driverFor(address);
  await driver.run(
    `create table ${table} (session_id char(128) UNIQUE NOT NULL, atime ${atime} NOT NULL default current_timestamp,
      data ${data}, note varchar(20) default 'kept', n integer default 7)`,
  );
  const whole = address.kind === 'mysql' && !/\(6\)/.test(atime);
  return tablePlace(url, whole ? 1000 : 0.001, async () => {
    await driver.run(`drop table ${table}`);
    await driver.close();
  });
}

function tablePlace(url: string, stepMs: number, dispose: () => Promise<void>): RecordPlaceAt {
  const address = parseStoreUrl(url);
  if (!('table' in address)) throw new Error('no table');
  const driver = driverFor(address);
  const text = address.kind === 'mysql' ? 'cast(atime as char)' : 'cast(atime as text)';
  const ask = async (what: string, id: string) => {
    const { rows } = await driver.run(`select ${what} from ${address.table} where session_id = ?`, [id]);
    return (rows[0] ?? []).map((value) => textOf(value)).join(' ');
  };
  return {
    url,
    open: () => openRecordStore(url, { pollMs: POLL_MS }),
    sample: sampleRecord,
    stepMs,
    lastUse: (id) => ask(text, id),
    others: (id) => ask('note, n', id),
    dispose: async () => {
      await driver.close();
      await dispose();
    },
  };
}

let memories = 0;

export async function memoryPlace(): Promise<RecordPlaceAt> {
  const name = `contract-${++memories}`;
  const { forgetMemoryStore, namedMemoryStore } = await import('../../core/frameworks/webpy/stores/memory-store.ts');
  return {
    url: `memory:${name}`,
    open: () => openRecordStore(`memory:${name}`),
    // The values are live objects: what is read is what our own encoding makes of them.
    sample: (id, count) =>
      Buffer.from(
        encodeSession(
          new Map<string, unknown>([
            ['session_id', id],
            ['count', count],
            ['ip', '127.0.0.1'],
          ]),
        ),
      ),
    stepMs: 0,
    lastUse: async (id) => String(namedMemoryStore(name).peek(id)?.lastUsed),
    dispose: async () => forgetMemoryStore(name),
  };
}

export async function dumbShelfPlace(): Promise<RecordPlaceAt> {
  const folder = tempFolder();
  const base = path.join(folder, 'shelf');
  fs.writeFileSync(`${base}.dat`, '');
  fs.writeFileSync(`${base}.dir`, '');
  return shelfPlace(folder, base, base);
}

export async function sqliteShelfPlace(): Promise<RecordPlaceAt> {
  const folder = tempFolder();
  const file = path.join(folder, 'shelf');
  const driver = new SqliteDriver(file, { create: true });
  // As Python 3.13's dbm.sqlite3 makes it.
  await driver.run('CREATE TABLE IF NOT EXISTS Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)', [], {
    write: true,
  });
  await driver.close();
  return shelfPlace(folder, file, file);
}

function shelfPlace(folder: string, base: string, url: string): RecordPlaceAt {
  return {
    url: `shelf:${url}`,
    open: () => openRecordStore(`shelf:${url}`, { pollMs: POLL_MS }),
    sample: (id, count) => sampleShelfValue(id, count, 1),
    stepMs: 0.001,
    timeInBytes: true,
    lastUse: async () =>
      fs
        .readdirSync(folder)
        .filter((name) => name.startsWith(path.basename(base)) && !/-(?:wal|shm)$/.test(name))
        .map(
          (name) =>
            `${name} ${fs.statSync(path.join(folder, name)).mtimeMs} ${fs.statSync(path.join(folder, name)).size}`,
        )
        .join(),
    dispose: async () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
