import { afterAll, beforeAll, describe } from 'vitest';
import { needs } from '../support/needs.ts';
import { startMariadb, startPostgres, type TestServer } from '../support/servers.ts';
import { diskPlace, dumbShelfPlace, memoryPlace, serverPlace, sqlitePlace, sqliteShelfPlace } from './places.ts';
import { recordStoreContract } from './record-store.ts';

/** One suite, every kind of store, each on the real thing. */

describe('record store: disk', () => recordStoreContract(diskPlace));
describe('record store: sqlite', () => recordStoreContract(() => sqlitePlace()));
describe('record store: sqlite, DATETIME and BLOB', () =>
  recordStoreContract(() => sqlitePlace('atime DATETIME NOT NULL default current_timestamp, data blob')));
describe('record store: memory', () => recordStoreContract(memoryPlace));
describe('record store: shelf, dbm.dumb', () => recordStoreContract(dumbShelfPlace));
describe('record store: shelf, dbm.sqlite3', () => recordStoreContract(sqliteShelfPlace));

needs('postgres')('record store: PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres({ timezone: 'America/New_York' });
  });
  afterAll(() => server?.stop());
  describe('timestamp, text', () => recordStoreContract(() => serverPlace(server, 'timestamp', 'text')));
  describe('timestamptz, bytea', () => recordStoreContract(() => serverPlace(server, 'timestamptz', 'bytea')));
});

needs('mariadb')('record store: MariaDB', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startMariadb({ timezone: '+08:00' });
  });
  afterAll(() => server?.stop());
  describe('timestamp, text', () => recordStoreContract(() => serverPlace(server, 'timestamp', 'text')));
  describe('DATETIME(6), mediumblob', () =>
    recordStoreContract(() => serverPlace(server, 'DATETIME(6)', 'mediumblob')));
});
