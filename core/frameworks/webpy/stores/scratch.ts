import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { problem } from '../../../model/problem.ts';
import { copyDirectory } from '../../../stores/disk/copy-directory.ts';
import { errno } from '../../../stores/disk/disk-files.ts';
import { copyQuietly } from '../../../stores/quiet-files.ts';
import { whichDbm } from '../../../stores/shelf/open-dbm.ts';
import { driverFor } from '../../../stores/sql/dialects/driver-for.ts';
import { textOf } from '../../../stores/sql/sql-driver.ts';
import { quoteName } from '../../../stores/sql/table-shape.ts';
import { formatStoreUrl, parseStoreUrl, type ServerAddress, type StoreAddress } from '../../../stores/url.ts';
import { decodeSession, encodeSession } from '../session/encoding.ts';
import { forgetMemoryStore, namedMemoryStore } from './memory-store.ts';
import { forgetScratchName, isLeftover, scratchName } from './scratch-names.ts';
import { fillSqliteTable, makeServerTable, makeSqliteTable } from './scratch-table.ts';

export interface ScratchCopy {
  /** A store of the same kind with the same records, last uses included. */
  readonly url: string;
  dispose(): Promise<void>;
}

export interface ScratchOptions {
  readonly clock?: () => number;
  /** Parent of scratch folders; the system's folder for temporary files unless given. */
  readonly folder?: string;
}

/**
 * A copy of a store to try things on: of the directory, the table (SQLite: into a file of its own; servers: into a table
 * beside it), or the shelf. The original is only read, without counting as use.
 * @throws ProblemError
 */
export async function scratchCopy(url: string, options: ScratchOptions = {}): Promise<ScratchCopy> {
  const address = parseStoreUrl(url);
  const name = scratchName(options.clock ?? Date.now);
  switch (address.kind) {
    case 'memory':
      return copyMemory(address, name);
    case 'redis':
      throw problem('not-webpy', 'Scratch copies are made of stores of web.py alone', {
        remedy: 'Use a live experiment: it asks the application itself',
      });
    case 'postgres':
    case 'mysql':
      return copyTable(address, name);
    default: {
      const folder = path.join(options.folder ?? os.tmpdir(), name);
      fs.mkdirSync(folder, { mode: 0o700 });
      const dispose = async () => {
        forgetScratchName(name);
        await fs.promises.rm(folder, { recursive: true, force: true });
      };
      try {
        const copy = await copyFiles(address, folder);
        return { url: formatStoreUrl(copy), dispose };
      } catch (error) {
        await dispose();
        throw error;
      }
    }
  }
}

/**
 * Removes scratch copies that a crash left: folders in the system's folder for temporary files, and with `url` tables in
 * that database. Those that a process has in use are left alone.
 * @returns their names
 */
export async function removeLeftoverScratch(
  options: ScratchOptions & { readonly url?: string } = {},
): Promise<string[]> {
  const now = (options.clock ?? Date.now)();
  const removed: string[] = [];
  const folder = options.folder ?? os.tmpdir();
  for (const name of fs.readdirSync(folder).filter((one) => isLeftover(one, now))) {
    try {
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
      removed.push(name);
    } catch (error) {
      // Another user's: theirs to remove.
      if (errno(error) !== 'EACCES' && errno(error) !== 'EPERM') throw error;
    }
  }
  const address = options.url === undefined ? undefined : parseStoreUrl(options.url);
  if (address?.kind !== 'postgres' && address?.kind !== 'mysql') return removed;
  const driver = driverFor(address);
  try {
    const schema = address.kind === 'mysql' ? 'database()' : 'current_schema()';
    const found = await driver.run(`SELECT table_name FROM information_schema.tables WHERE table_schema = ${schema}`);
    for (const name of found.rows.map((row) => textOf(row[0]) ?? '').filter((one) => isLeftover(one, now))) {
      await driver.run(`DROP TABLE IF EXISTS ${quoteName(address.kind, name)}`);
      removed.push(name);
    }
  } finally {
    await driver.close();
  }
  return removed;
}

async function copyFiles(
  address: Extract<StoreAddress, { path: string }>,
  folder: string,
): Promise<Extract<StoreAddress, { path: string }>> {
  if (address.kind === 'disk') {
    const to = path.join(folder, 'sessions');
    await copyDirectory(address.path, to);
    return { kind: 'disk', path: to };
  }
  if (address.kind === 'sqlite') {
    const to = { ...address, path: path.join(folder, 'scratch.db') };
    await copySqliteTable(address.path, address.table, to.path);
    return to;
  }
  const found = whichDbm(address.path);
  if (found === undefined) {
    throw problem('store-not-found', `There is no shelf ${address.path}`, {
      remedy: 'Give the name that the program gives to shelve.open',
      where: address.path,
    });
  }
  const to = path.join(folder, path.basename(found.base));
  const parts = found.form === 'dumb' ? ['.dat', '.dir', '.bak'].map((end) => found.base + end) : [found.file];
  for (const part of [...parts, `${found.file}-wal`]) {
    if (fs.existsSync(part)) await copyQuietly(part, to + part.slice(found.base.length));
  }
  return { kind: 'shelf', path: to };
}

/** Only the table: the rest of an application's database may be large; we do not need it. */
async function copySqliteTable(from: string, table: string, to: string): Promise<void> {
  const target = await makeSqliteTable(from, table, to);
  try {
    await fillSqliteTable(target.driver, target.quoted, from);
  } finally {
    await target.driver.close();
  }
}

async function copyTable(address: ServerAddress, name: string): Promise<ScratchCopy> {
  const table = await makeServerTable(address, name);
  try {
    await table.driver.run(`INSERT INTO ${table.copy} SELECT * FROM ${table.original}`, [], { once: true });
  } catch (error) {
    await table.drop().catch(() => {});
    throw error;
  }
  return { url: formatStoreUrl({ ...address, table: name }), dispose: table.drop };
}

async function copyMemory(address: Extract<StoreAddress, { kind: 'memory' }>, name: string): Promise<ScratchCopy> {
  const copy = namedMemoryStore(name);
  for (const [id, { lastUsed, value }] of namedMemoryStore(address.name).entries()) {
    // Through the codec, so that nothing is shared with the original.
    copy.put(id, { lastUsed, value: decodeSession(encodeSession(value as ReadonlyMap<unknown, unknown>)) });
  }
  return {
    url: formatStoreUrl({ kind: 'memory', name }),
    dispose: async () => {
      forgetScratchName(name);
      forgetMemoryStore(name);
    },
  };
}
