import type { RecordStore } from '../model/record.ts';
import type { Clock, Store } from '../session/store.ts';
import { Database } from './database.ts';
import { DBStore } from './db-store.ts';
import { DiskRecordStore } from './disk-record-store.ts';
import { DiskStore } from './disk-store.ts';
import { MemoryRecordStore } from './memory-record-store.ts';
import { namedMemoryStore } from './memory-store.ts';
import { MysqlDriver } from './mysql-driver.ts';
import { PostgresDriver } from './postgres-driver.ts';
import type { SqlDriver } from './sql-driver.ts';
import { SqlRecordStore } from './sql-record-store.ts';
import { SqliteDriver } from './sqlite-driver.ts';
import type { StoreOptions } from './store-options.ts';
import { formatStoreUrl, parseStoreUrl, type StoreAddress } from './url.ts';

/** How often tables are looked at for changes. */
export const SQLITE_POLL_MS = 400;
export const SERVER_POLL_MS = 1000;

export interface OpenRecordOptions {
  /** For a `memory:` store that is made by this call. */
  readonly clock?: Clock;
  /** Base of relative paths. */
  readonly base?: string;
  /** How often a table is looked at, instead of the usual interval. */
  readonly pollMs?: number;
}

/**
 * Opens a store for looking and editing. The place is looked at once, so that a wrong path, host, login or table is
 * told here.
 * @throws ProblemError saying what to do
 */
export async function openRecordStore(url: string, options: OpenRecordOptions = {}): Promise<RecordStore> {
  const address = parseStoreUrl(url, options.base);
  switch (address.kind) {
    case 'disk': {
      const store = new DiskRecordStore(address.path);
      await store.check();
      return store;
    }
    case 'memory':
      return new MemoryRecordStore(
        namedMemoryStore(address.name, options.clock === undefined ? {} : { clock: options.clock }),
        address.name,
      );
    case 'shelf': {
      const { openShelfRecordStore } = await import('./shelf/shelf-record-store.ts');
      return openShelfRecordStore(address.path, options.pollMs);
    }
    default: {
      const driver = driverFor(address, 'look');
      const store = new SqlRecordStore(driver, {
        url: formatStoreUrl(address),
        table: address.table,
        pollMs: options.pollMs ?? (address.kind === 'sqlite' ? SQLITE_POLL_MS : SERVER_POLL_MS),
        ...(address.zone === undefined ? {} : { zone: address.zone }),
      });
      try {
        await store.check();
      } catch (error) {
        await store.close();
        throw error;
      }
      return store;
    }
  }
}

export interface OpenSessionOptions extends StoreOptions {
  /** Absent: the system's clock, and the file system's own access times. */
  readonly clock?: Clock;
  readonly base?: string;
}

/**
 * Opens a store as web.py would use it: loads and saves count as use. A missing directory or SQLite file is made.
 * @throws ProblemError
 */
export async function openSessionStore(url: string, options: OpenSessionOptions = {}): Promise<Store> {
  const address = parseStoreUrl(url, options.base);
  switch (address.kind) {
    case 'disk':
      return new DiskStore(address.path, options);
    case 'memory':
      return namedMemoryStore(address.name, options);
    case 'shelf': {
      const { openShelfStore } = await import('./shelf/shelf-store.ts');
      return openShelfStore(address.path, options);
    }
    default: {
      const db = new Database(driverFor(address, 'use'));
      return new DBStore(db, address.table, {
        ...options,
        ...(address.zone === undefined ? {} : { zone: address.zone }),
      });
    }
  }
}

/** A driver for the database of an address. */
export function driverFor(
  address: Extract<StoreAddress, { table: string }>,
  purpose: 'look' | 'use' = 'look',
): SqlDriver {
  if (address.kind === 'sqlite') {
    const use = purpose === 'use';
    return new SqliteDriver(address.path, { create: use, look: use ? 'each-turn' : 'each-statement' });
  }
  return address.kind === 'postgres' ? new PostgresDriver(address) : new MysqlDriver(address);
}
