import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { driverFor } from '../../../stores/sql/dialects/driver-for.ts';
import { parseStoreUrl } from '../../../stores/url.ts';
import type { Store } from '../session/store.ts';
import { Database } from '../stores/database.ts';
import { type OpenSessionOptions, openSessionStore } from '../stores/open-session-store.ts';

/**
 * Opens a store as a web.py program would find it prepared: the directory is there, and a database has the tutorial's
 * table, made when it is missing.
 *
 * @throws ProblemError saying what to do
 */
export async function openPracticeStore(url: string, options: OpenSessionOptions = {}): Promise<Store> {
  const address = parseStoreUrl(url, options.base);
  if (address.kind === 'sqlite') mkdirSync(path.dirname(address.path), { recursive: true });
  if ('table' in address) {
    const db = new Database(driverFor(address, 'use'));
    try {
      await db.query(`create table if not exists ${address.table} (
        session_id char(128) UNIQUE NOT NULL,
        atime timestamp NOT NULL default current_timestamp,
        data text
      )`);
    } finally {
      await db.close();
    }
  }
  return openSessionStore(url, options);
}
