import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { problem } from '../model/problem.ts';
import { decodeSession, encodeSession } from '../session/encoding.ts';
import { copyDirectory } from './copy-directory.ts';
import { errno } from './disk-files.ts';
import { forgetMemoryStore, namedMemoryStore } from './memory-store.ts';
import { driverFor } from './open.ts';
import { whichDbm } from './shelf/open-dbm.ts';
import { type SqlDriver, textOf } from './sql-driver.ts';
import { SqliteDriver } from './sqlite-driver.ts';
import { quoteName, tableShape } from './table-shape.ts';
import { formatStoreUrl, parseStoreUrl, type ServerAddress, type StoreAddress } from './url.ts';

/** Every scratch folder, table and store has a name that begins so; after it the time of making, in base 36. */
export const SCRATCH_PREFIX = 'sessionscope_scratch_';

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
    case 'postgres':
    case 'mysql':
      return copyTable(address, name);
    default: {
      const folder = path.join(options.folder ?? os.tmpdir(), name);
      fs.mkdirSync(folder, { mode: 0o700 });
      const dispose = async () => fs.promises.rm(folder, { recursive: true, force: true });
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
 * that database. Only those older than `olderThanMs` (an hour unless given), since others may be in use.
 * @returns their names
 */
export async function removeLeftoverScratch(
  options: ScratchOptions & { readonly url?: string; readonly olderThanMs?: number } = {},
): Promise<string[]> {
  const limit = (options.clock ?? Date.now)() - (options.olderThanMs ?? 3_600_000);
  const isOld = (name: string) => {
    const made = Number.parseInt(name.slice(SCRATCH_PREFIX.length).split('_')[0] ?? '', 36);
    return name.startsWith(SCRATCH_PREFIX) && made <= limit;
  };
  const removed: string[] = [];
  const folder = options.folder ?? os.tmpdir();
  for (const name of fs.readdirSync(folder).filter(isOld)) {
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
    for (const name of found.rows.map((row) => textOf(row[0]) ?? '').filter(isOld)) {
      await driver.run(`DROP TABLE IF EXISTS ${quoteName(address.kind, name)}`);
      removed.push(name);
    }
  } finally {
    await driver.close();
  }
  return removed;
}

function scratchName(clock: () => number): string {
  return `${SCRATCH_PREFIX}${Math.floor(clock()).toString(36)}_${randomBytes(5).toString('hex')}`;
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
    if (fs.existsSync(part)) fs.copyFileSync(part, to + part.slice(found.base.length));
  }
  return { kind: 'shelf', path: to };
}

/** Only the table: the rest of an application's database may be large, and is nobody's business here. */
async function copySqliteTable(from: string, table: string, to: string): Promise<void> {
  const source = new SqliteDriver(from);
  const target = new SqliteDriver(to, { create: true });
  try {
    const shape = await tableShape(source, table);
    const made = await source.run("SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(?)", [
      table,
    ]);
    const schema = textOf(made.rows[0]?.[0]);
    await target.run('PRAGMA journal_mode = WAL', [], { write: true });
    await target.run('ATTACH DATABASE ? AS source', [from], { write: true });
    await target.run(schema ?? `CREATE TABLE ${shape.quoted} AS SELECT * FROM source.${shape.quoted} LIMIT 0`, [], {
      write: true,
    });
    await target.run(`INSERT INTO main.${shape.quoted} SELECT * FROM source.${shape.quoted}`, [], { write: true });
    await target.run('DETACH DATABASE source', [], { write: true });
  } finally {
    await source.close();
    await target.close();
  }
}

async function copyTable(address: ServerAddress, name: string): Promise<ScratchCopy> {
  const driver = driverFor(address);
  const drop = () => driver.run(`DROP TABLE IF EXISTS ${quoteName(address.kind, name)}`);
  try {
    const { quoted } = await tableShape(driver, address.table);
    const copy = quoteName(address.kind, name);
    await driver.run(`CREATE TABLE ${copy} ${likeTable(driver, quoted)}`, [], { once: true });
    await driver.run(`INSERT INTO ${copy} SELECT * FROM ${quoted}`, [], { once: true });
  } catch (error) {
    await drop().catch(() => {});
    await driver.close();
    throw error;
  }
  return {
    url: formatStoreUrl({ ...address, table: name }),
    dispose: async () => {
      await drop();
      await driver.close();
    },
  };
}

function likeTable(driver: SqlDriver, quoted: string): string {
  return driver.dialect === 'postgres' ? `(LIKE ${quoted} INCLUDING DEFAULTS INCLUDING INDEXES)` : `LIKE ${quoted}`;
}

async function copyMemory(address: Extract<StoreAddress, { kind: 'memory' }>, name: string): Promise<ScratchCopy> {
  const copy = namedMemoryStore(name);
  for (const [id, { lastUsed, value }] of namedMemoryStore(address.name).entries()) {
    // Through the codec, so that nothing is shared with the original.
    copy.put(id, { lastUsed, value: decodeSession(encodeSession(value as ReadonlyMap<unknown, unknown>)) });
  }
  return { url: formatStoreUrl({ kind: 'memory', name }), dispose: async () => forgetMemoryStore(name) };
}
