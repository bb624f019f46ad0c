import fs from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { copyQuietly, openQuietly, readQuietly } from '../../../quiet-files.ts';
import { removeTemporary, temporaryFolder } from '../../../temporary-folder.ts';
import { withLog } from './wal.ts';

/*
 * Looking at an SQLite file must leave nothing behind. SQLite itself, even when it opens a file for reading only, makes
 * `-shm` and `-wal` beside a database in WAL mode (and keeps them, as the user who looked), rolls back what a crash left,
 * takes locks on which the application may stumble, and moves the access time. So the debugger reads a copy: in memory,
 * or, where it is large, in a folder of its own.
 */

/** Up to this size (bytes) a copy is made in memory, within a few milliseconds. */
const IN_MEMORY = 8 << 20;
/** A large file that was written within so many milliseconds is in use: it is not copied again and again. */
const IN_USE_MS = 10_000;
/** A file that was written within so many milliseconds may be written again without its times telling. */
const UNSETTLED_MS = 50;
/** A copy during which the file changed is thrown away; so many are tried. */
const ATTEMPTS = 8;

/** What tells whether a database was written: sizes and times of the file, its log and its journal. */
export interface Signature {
  readonly text: string;
  /** The files were written so lately that a further write might not show. */
  readonly unsettled: boolean;
  readonly bytes: number;
  /** Milliseconds since the last write. */
  readonly age: number;
  readonly hasLog: boolean;
  readonly hasIndex: boolean;
  readonly hasJournal: boolean;
}

/** Undefined when there is no such file. */
export function signatureOf(file: string): Signature | undefined {
  const database = fs.statSync(file, { throwIfNoEntry: false, bigint: true });
  if (database === undefined) return undefined;
  const log = fs.statSync(`${file}-wal`, { throwIfNoEntry: false, bigint: true });
  const journal = fs.statSync(`${file}-journal`, { throwIfNoEntry: false, bigint: true });
  const parts = [database, log, journal].map((stat) =>
    stat === undefined ? '-' : `${stat.dev}.${stat.ino}.${stat.size}.${stat.mtimeNs}`,
  );
  const times = [database, log, journal].map((stat) => (stat === undefined ? 0 : Number(stat.mtimeMs)));
  const age = Date.now() - Math.max(...times);
  return {
    text: parts.join(' '),
    // A clock that was set back makes times of the future: those tell nothing either.
    unsettled: age < UNSETTLED_MS,
    bytes: Number(database.size) + Number(log?.size ?? 0),
    age,
    hasLog: log !== undefined && log.size > 0n,
    hasIndex: fs.existsSync(`${file}-shm`),
    hasJournal: journal !== undefined && journal.size > 0n && beginsWithJournal(`${file}-journal`),
  };
}

/** `PRAGMA journal_mode = persist` leaves a journal whose header is zeros: nothing to be rolled back. */
function beginsWithJournal(journal: string): boolean {
  try {
    const quiet = openQuietly(journal);
    try {
      const head = Buffer.alloc(8);
      fs.readSync(quiet.fd, head, 0, 8, 0);
      return head.readUInt32BE(0) === 0xd9d505f9;
    } finally {
      quiet.done();
    }
  } catch {
    return false;
  }
}

/** An open copy of a database. */
export interface Snapshot {
  readonly db: Database.Database;
  readonly signature: Signature;
  /** The copy's file; undefined for one in memory. */
  readonly file?: string;
  close(): void;
}

/**
 * Copies the database as of its last commit and opens the copy.
 *
 * A write while the copy is made shows in the signature: then the copy is thrown away. In WAL mode the log is read after
 * the file, and only a checkpoint writes the file, so that commits meanwhile do no harm. With a journal, of a transaction
 * under way or left by a crash, the copy is rolled back: what a transaction changes in the file stands in its journal
 * before, and the journal is read after the file.
 *
 * @returns undefined for a large database that is being written to: the caller opens the file itself, for reading only
 * @throws errno exceptions; SQLite's
 */
export async function takeSnapshot(
  Sqlite: typeof Database,
  file: string,
  signature: Signature,
): Promise<Snapshot | undefined> {
  for (let attempt = 0, before: Signature | undefined = signature; before !== undefined; attempt += 1) {
    if (before.bytes > IN_MEMORY) return takeLargeSnapshot(Sqlite, file, before);
    if (attempt > ATTEMPTS * 4) return undefined;
    if (before.hasJournal) {
      const copy = await rolledBack(Sqlite, file, before);
      if (copy !== undefined) return copy;
      before = signatureOf(file);
      continue;
    }
    const database = readQuietly(file);
    const log = before.hasLog ? readIfThere(`${file}-wal`) : new Uint8Array();
    const after = signatureOf(file);
    const fits = after !== undefined && (after.text === before.text || (attempt >= ATTEMPTS && isStill(before, after)));
    if (fits && isWhole(database)) {
      const db = new Sqlite(withLog(database, log), { readonly: true });
      return { db, signature: before, close: () => db.close() };
    }
    await new Promise((done) => setTimeout(done, Math.min(2 ** attempt, 50)));
    before = signatureOf(file);
  }
  throw Object.assign(new Error(`There is no file ${file}`), { code: 'ENOENT' });
}

/** Undefined when the transaction ended while the copy was made. */
async function rolledBack(Sqlite: typeof Database, file: string, before: Signature): Promise<Snapshot | undefined> {
  const copy = await privateCopy(Sqlite, file, before, ['-journal']).catch((error: unknown) => {
    if (signatureOf(file)?.text === before.text) throw error;
    return undefined;
  });
  if (copy === undefined || signatureOf(file)?.hasJournal === true) return copy;
  copy.close();
  return undefined;
}

/** Only the log grew: the file itself is as it was. */
function isStill(before: Signature, after: Signature): boolean {
  return before.text.split(' ')[0] === after.text.split(' ')[0] && !after.hasJournal;
}

/** A file that is empty is a database without tables; any other must be as long as its header says, at least. */
function isWhole(database: Uint8Array): boolean {
  return database.length === 0 || database.length >= 512;
}

function readIfThere(file: string): Uint8Array {
  try {
    return readQuietly(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

async function takeLargeSnapshot(
  Sqlite: typeof Database,
  file: string,
  before: Signature,
): Promise<Snapshot | undefined> {
  const usesLog = isLogMode(file);
  if (before.hasJournal && before.age > IN_USE_MS) return privateCopy(Sqlite, file, before, ['-journal']);
  // In rollback mode SQLite's own reading makes no files; with an index there already, it makes none either.
  if (!usesLog || (before.hasIndex && before.hasLog && before.age < IN_USE_MS)) return undefined;
  return privateCopy(Sqlite, file, before, usesLog ? ['-wal'] : []);
}

/**
 * A copy in a folder that only this user may enter, with the files beside it that belong to it. SQLite repairs there what
 * a crash left.
 */
async function privateCopy(
  Sqlite: typeof Database,
  file: string,
  signature: Signature,
  beside: readonly string[],
): Promise<Snapshot> {
  const folder = temporaryFolder('sessionscope-look-');
  const remove = (): void => removeTemporary(folder);
  try {
    const copy = path.join(folder, 'copy.db');
    await copyQuietly(file, copy);
    for (const suffix of beside) if (fs.existsSync(file + suffix)) await copyQuietly(file + suffix, copy + suffix);
    const db = new Sqlite(copy, { timeout: 0 });
    try {
      // Repairs, and then only reads.
      db.prepare('SELECT count(*) FROM sqlite_master').get();
      db.pragma('query_only = on');
    } catch (error) {
      db.close();
      throw error;
    }
    return {
      db,
      signature,
      file: copy,
      close() {
        db.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Whether the file says that it has a write-ahead log. */
export function isLogMode(file: string): boolean {
  const quiet = openQuietly(file);
  try {
    const head = Buffer.alloc(20);
    fs.readSync(quiet.fd, head, 0, 20, 0);
    return head[18] === 2;
  } finally {
    quiet.done();
  }
}
