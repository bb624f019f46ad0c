import type { Clock } from '../frameworks/webpy/session/store.ts';
import { MemoryRecordStore } from '../frameworks/webpy/stores/memory-record-store.ts';
import { namedMemoryStore } from '../frameworks/webpy/stores/memory-store.ts';
import type { RecordStore } from '../model/record.ts';
import { DiskRecordStore } from './disk/disk-record-store.ts';
import { driverFor } from './sql/dialects/driver-for.ts';
import { SqlRecordStore } from './sql/sql-record-store.ts';
import { formatStoreUrl, parseStoreUrl } from './url.ts';

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
