import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openRecordStore } from '../../../frameworks/stores.ts';
import { problem } from '../../../model/problem.ts';
import type { RecordStore, StoredRecord, StoreTraits } from '../../../model/record.ts';
import { copyEntries } from '../../../stores/disk/copy-directory.ts';
import type { SqlDriver } from '../../../stores/sql/sql-driver.ts';
import { formatStoreUrl, parseStoreUrl, type StoreAddress } from '../../../stores/url.ts';
import { decodeSession, encodeSession } from '../session/encoding.ts';
import type { Profile } from '../session/profiles.ts';
import type { Clock, Store } from '../session/store.ts';
import { type AccessTimes, accessTimesOf } from './access-times.ts';
import { Database } from './database.ts';
import { DBStore } from './db-store.ts';
import { DiskStore } from './disk-store.ts';
import { MemoryStore, namedMemoryStore } from './memory-store.ts';
import { type ScratchOptions, scratchCopy } from './scratch.ts';
import { forgetScratchName, scratchName } from './scratch-names.ts';
import { fillSqliteTable, isOneOf, makeServerTable, makeSqliteTable } from './scratch-table.ts';

export interface BenchStoreOptions {
  readonly clock: Clock;
  readonly profile: Profile;
}

/** What a question sees of a record, without counting as use. */
export type SandboxRecord = Pick<StoredRecord, 'id' | 'bytes' | 'lastUsed'>;

/**
 * A scratch copy of an attached store for experiments that follow one another: a folder, a database file, or a table
 * beside the original, always of the same kind as the original. It holds the records that are asked about and no
 * others, since one visitor's session says nothing about another's.
 */
export interface Sandbox {
  readonly kind: StoreTraits['kind'];
  /** For a directory: how its file system keeps access times. */
  readonly accessTimes?: AccessTimes;
  /** Makes the copy hold what the original holds now for these ids. Ends the store of the experiment before. */
  refresh(ids: readonly string[]): Promise<void>;
  /** The copy as web.py uses it, by a clock of one's own. Valid until the next `refresh`. */
  store(options: BenchStoreOptions): Promise<Store>;
  /** What lies in the copy now. */
  look(id: string): Promise<SandboxRecord | undefined>;
  /** Ids of all records of the copy. */
  ids(): Promise<string[]>;
  dispose(): Promise<void>;
}

/**
 * Makes a scratch copy for experiments beside the store of `url`. The original is only read, without counting as use.
 * @throws ProblemError
 */
export async function openSandbox(url: string, options: ScratchOptions = {}): Promise<Sandbox> {
  const address = parseStoreUrl(url);
  switch (address.kind) {
    case 'disk':
      return diskBench(address.path, options);
    case 'sqlite':
      return sqliteBench(address, options);
    case 'postgres':
    case 'mysql': {
      const name = scratchName(options.clock ?? Date.now);
      const { driver, copy, original, drop } = await makeServerTable(address, name);
      return tableBench(driver, { ...address, table: name }, drop, async (ids) => {
        await driver.run(`DELETE FROM ${copy}`);
        await driver.run(`INSERT INTO ${copy} SELECT * FROM ${original} WHERE ${isOneOf(ids)}`, ids, { once: true });
      });
    }
    case 'shelf':
      return shelfBench(url, options);
    case 'memory':
      return memoryBench(address.name);
    case 'redis':
      throw problem('not-webpy', 'Scratch copies are made of stores of web.py alone', {
        remedy: 'Use a live experiment: it asks the application itself',
      });
  }
}

function makeFolder(options: ScratchOptions): { folder: string; remove: () => Promise<void> } {
  const name = scratchName(options.clock ?? Date.now);
  const folder = path.join(options.folder ?? os.tmpdir(), name);
  fs.mkdirSync(folder, { mode: 0o700 });
  return {
    folder,
    remove: async () => {
      forgetScratchName(name);
      await fs.promises.rm(folder, { recursive: true, force: true });
    },
  };
}

async function diskBench(original: string, options: ScratchOptions): Promise<Sandbox> {
  const { folder, remove } = makeFolder(options);
  const root = path.join(folder, 'sessions');
  const accessTimes = accessTimesOf(original);
  fs.mkdirSync(root);
  const records = await openRecordStore(formatStoreUrl({ kind: 'disk', path: root }));
  return {
    kind: 'disk',
    accessTimes,
    refresh: async (ids) => {
      fs.rmSync(root, { recursive: true, force: true });
      fs.mkdirSync(root);
      await copyEntries(original, root, new Set(ids));
    },
    store: async ({ clock, profile }) => new DiskStore(root, { clock, profile, accessTimes }),
    ...looks(records),
    dispose: async () => {
      await records.close();
      await remove();
    },
  };
}

async function sqliteBench(
  address: Extract<StoreAddress, { kind: 'sqlite' }>,
  options: ScratchOptions,
): Promise<Sandbox> {
  const { folder, remove } = makeFolder(options);
  const file = path.join(folder, 'scratch.db');
  try {
    const { driver, quoted } = await makeSqliteTable(address.path, address.table, file);
    const end = async () => {
      await driver.close();
      await remove();
    };
    return await tableBench(driver, { ...address, path: file }, end, async (ids) => {
      await driver.run(`DELETE FROM main.${quoted}`, [], { write: true });
      await fillSqliteTable(driver, quoted, address.path, ids);
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

async function tableBench(
  driver: SqlDriver,
  address: Extract<StoreAddress, { table: string }>,
  end: () => Promise<void>,
  refresh: Sandbox['refresh'],
): Promise<Sandbox> {
  let records: RecordStore;
  try {
    records = await openRecordStore(formatStoreUrl(address));
  } catch (error) {
    await end().catch(() => {});
    throw error;
  }
  const zone = address.zone === undefined ? {} : { zone: address.zone };
  return {
    kind: address.kind,
    refresh,
    store: async ({ clock, profile }) => new DBStore(new Database(driver), address.table, { clock, profile, ...zone }),
    ...looks(records),
    dispose: async () => {
      await records.close();
      await end();
    },
  };
}

/** A shelf is one or a few files and is copied whole for each question. */
async function shelfBench(url: string, options: ScratchOptions): Promise<Sandbox> {
  let copy = await scratchCopy(url, options);
  let store: Store | undefined;
  const look = async <T>(work: (records: RecordStore) => Promise<T>): Promise<T> => {
    const records = await openRecordStore(copy.url);
    try {
      return await work(records);
    } finally {
      await records.close();
    }
  };
  const end = async () => {
    await store?.close?.();
    store = undefined;
    await copy.dispose();
  };
  return {
    kind: 'shelf',
    refresh: async () => {
      await end();
      copy = await scratchCopy(url, options);
    },
    store: async (given) => {
      const { openShelfStore } = await import('./shelf-store.ts');
      await store?.close?.();
      const address = parseStoreUrl(copy.url);
      store = openShelfStore('path' in address ? address.path : '', given);
      return store;
    },
    look: (id) => look((records) => records.read(id)),
    ids: () => look(listed),
    dispose: end,
  };
}

function memoryBench(name: string): Sandbox {
  const original = namedMemoryStore(name);
  let kept: readonly string[] = [];
  let store = new MemoryStore();
  const encoded = (id: string): SandboxRecord | undefined => {
    const item = store.peek(id);
    if (item === undefined) return undefined;
    return { id, bytes: encodeSession(item.value as ReadonlyMap<unknown, unknown>), lastUsed: item.lastUsed };
  };
  const fill = () => {
    for (const id of kept) {
      const item = original.peek(id);
      if (item === undefined) continue;
      // Through the codec, so that nothing is shared with the original.
      const value = decodeSession(encodeSession(item.value as ReadonlyMap<unknown, unknown>));
      store.put(id, { lastUsed: item.lastUsed, value });
    }
  };
  return {
    kind: 'memory',
    refresh: async (ids) => {
      kept = ids;
      store = new MemoryStore();
      fill();
    },
    store: async (options) => {
      store = new MemoryStore(options);
      fill();
      return store;
    },
    look: async (id) => encoded(id),
    ids: async () => [...store.entries()].map(([id]) => id),
    dispose: async () => {},
  };
}

function looks(records: RecordStore): Pick<Sandbox, 'look' | 'ids'> {
  return { look: (id) => records.read(id), ids: () => listed(records) };
}

async function listed(records: RecordStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of records.list()) ids.push(id);
  return ids;
}
