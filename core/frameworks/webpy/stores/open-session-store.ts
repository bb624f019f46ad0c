import { problem } from '../../../model/problem.ts';
import { driverFor } from '../../../stores/sql/dialects/driver-for.ts';
import { parseStoreUrl } from '../../../stores/url.ts';
import type { Clock, Store } from '../session/store.ts';
import { Database } from './database.ts';
import { DBStore } from './db-store.ts';
import { DiskStore } from './disk-store.ts';
import { namedMemoryStore } from './memory-store.ts';
import type { StoreOptions } from './store-options.ts';

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
      const { openShelfStore } = await import('./shelf-store.ts');
      return openShelfStore(address.path, options);
    }
    case 'redis':
      throw problem('bad-store-url', 'A simulated application of web.py has no store on Redis', {
        remedy: 'Use a folder, a table or a shelf',
      });
    default: {
      const db = new Database(driverFor(address, 'use'));
      return new DBStore(db, address.table, {
        ...options,
        ...(address.zone === undefined ? {} : { zone: address.zone }),
      });
    }
  }
}
