import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import { DiskStore } from '../../core/frameworks/webpy/stores/disk-store.ts';
import { openSessionStore } from '../../core/frameworks/webpy/stores/open-session-store.ts';
import { SqliteDriver } from '../../core/stores/sql/dialects/sqlite/sqlite-driver.ts';
import { needs } from '../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../support/servers.ts';
import { memoryPlace, type RecordPlaceAt, serverPlace, sqlitePlace, tempFolder } from './places.ts';
import { type SessionPlace, sessionStoreContract } from './session-store.ts';

/** One suite, every web.py-facing store, each on the real thing. */

describe('session store: DiskStore, relatime', () => sessionStoreContract(() => disk('relatime')));
describe('session store: DiskStore, strictatime', () => sessionStoreContract(() => disk('strictatime')));
describe('session store: DBStore on SQLite', () => sessionStoreContract(async () => over(await sqlitePlace())));
describe('session store: DBStore on SQLite, DATETIME and BLOB', () =>
  sessionStoreContract(async () =>
    over(await sqlitePlace('atime DATETIME NOT NULL default current_timestamp, data blob')),
  ));
describe('session store: MemoryStore', () =>
  sessionStoreContract(async () => ({ ...over(await memoryPlace()), strictDelete: true })));
describe('session store: ShelfStore, dbm.dumb', () => sessionStoreContract(() => shelf(false)));
describe('session store: ShelfStore, dbm.sqlite3', () => sessionStoreContract(() => shelf(true)));

needs('postgres')('session store: DBStore on PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres({ timezone: 'America/New_York' });
  });
  afterAll(() => server?.stop());
  describe('timestamp, text', () =>
    sessionStoreContract(async () => over(await serverPlace(server, 'timestamp', 'text'))));
  describe('timestamptz, bytea', () =>
    sessionStoreContract(async () => over(await serverPlace(server, 'timestamptz', 'bytea'))));
});

needs('mariadb')('session store: DBStore on MariaDB', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startMariadb({ timezone: '+08:00' });
  });
  afterAll(() => server?.stop());
  describe('timestamp, text', () =>
    sessionStoreContract(async () => over(await serverPlace(server, 'timestamp', 'text'))));
  describe('DATETIME(6), mediumblob', () =>
    sessionStoreContract(async () => over(await serverPlace(server, 'DATETIME(6)', 'mediumblob'))));
});

function over(place: RecordPlaceAt): SessionPlace {
  return {
    open: (clock) => openSessionStore(place.url, { clock }),
    look: () => openRecordStore(place.url),
    stepMs: place.stepMs,
    dispose: place.dispose,
  };
}

async function disk(accessTimes: 'relatime' | 'strictatime'): Promise<SessionPlace> {
  const folder = tempFolder();
  const root = path.join(folder, 'sessions');
  return {
    open: async (clock) => new DiskStore(root, { clock, accessTimes }),
    look: () => openRecordStore(`disk:${root}`),
    stepMs: 0.001,
    relatime: accessTimes === 'relatime',
    dispose: async () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

async function shelf(sqlite: boolean): Promise<SessionPlace> {
  const folder = tempFolder();
  const file = path.join(folder, 'shelf');
  if (sqlite) {
    const driver = new SqliteDriver(file, { create: true });
    await driver.run('CREATE TABLE Dict (key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)', [], { write: true });
    await driver.close();
  }
  return {
    open: (clock) => openSessionStore(`shelf:${file}`, { clock }),
    look: () => openRecordStore(`shelf:${file}`),
    stepMs: 0.001,
    dispose: async () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
