import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Problem, problem, toProblem } from '../model/problem.ts';
import type { ProblemKind } from '../model/problem-kinds.ts';
import { lockWorkspace } from './lock.ts';
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './schema.ts';
import { type Database, loadSqlite, sqliteCode } from './sqlite.ts';
import { whyNotWritable } from './why-not-writable.ts';

export interface OpenedFile {
  readonly db: Database;
  /** The file that is really used; another than asked for where that one was in use. */
  readonly file: string;
  readonly unlock: () => void;
  /** What was wrong with the file that was asked for, and where it is now. */
  readonly problem?: Problem;
}

export interface OpenFileOptions {
  readonly nativeBinding?: string;
  readonly clock: () => number;
  /** What to do when another process has the file: fail (default) or open `name-2`, `name-3`, … beside it. */
  readonly whenInUse?: 'fail' | 'another-file';
}

/** From this size on the whole file is no longer looked through at each start; damage then shows when it is read. */
const CHECKED_BYTES = 32_000_000;

/**
 * Opens or makes the file. A damaged one, one of a newer program and one that is no workspace are renamed and kept
 * beside the new one; nothing is ever deleted.
 */
export async function openFile(file: string, options: OpenFileOptions): Promise<OpenedFile> {
  const open = await loadSqlite(options.nativeBinding);
  if (file === ':memory:') {
    const db = open(file);
    prepare(db);
    return { db, file, unlock: () => {} };
  }
  makeFolder(file);
  const { used, unlock, inUse } = lockOne(file, open, options.whenInUse ?? 'fail');
  let aside: Problem | undefined;
  try {
    let db: Database;
    try {
      db = openChecked(used, open);
    } catch (error) {
      const wrong = whatIsWrong(error, used);
      if (wrong === undefined) throw error;
      aside = putAside(used, wrong, options.clock());
      db = openChecked(used, open);
    }
    const told = aside ?? inUse;
    return { db, file: used, unlock, ...(told === undefined ? {} : { problem: told }) };
  } catch (error) {
    unlock();
    throw readable(error, used);
  }
}

type Open = (file: string, options?: { timeout?: number }) => Database;

function makeFolder(file: string): void {
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw problem(
      'workspace-refused',
      `The folder of the workspace cannot be made: ${whyNotWritable(file) ?? toProblem(cause).message}`,
      {
        where: file,
        remedy: 'Choose another file with --workspace',
        cause,
      },
    );
  }
}

function lockOne(
  file: string,
  open: Open,
  whenInUse: 'fail' | 'another-file',
): { used: string; unlock: () => void; inUse?: Problem } {
  const { dir, name, ext } = path.parse(file);
  let first: Problem | undefined;
  for (let n = 1; ; n += 1) {
    const used = n === 1 ? file : path.join(dir, `${name}-${n}${ext}`);
    try {
      const unlock = lockWorkspace(used, open);
      return first === undefined ? { used, unlock } : { used, unlock, inUse: { ...first, remedy: `Using ${used}` } };
    } catch (error) {
      const { kind, ...rest } = toProblem(error);
      if (kind !== 'workspace-in-use') throw readable(error, used);
      if (whenInUse === 'fail' || n >= 20) throw error;
      first ??= { kind, ...rest };
    }
  }
}

function openChecked(file: string, open: Open): Database {
  // It holds session ids and bodies: no one else should read it. SQLite gives its log the same mode.
  closeSync(openSync(file, 'a', 0o600));
  const db = open(file, { timeout: 2_000 });
  try {
    const version = db.pragma('user_version', { simple: true }) as number;
    const owner = db.pragma('application_id', { simple: true }) as number;
    if (version > SCHEMA_VERSION && owner === APPLICATION_ID) {
      throw problem('workspace-newer', `The workspace was written by a newer version (${version}) of this program`);
    }
    const tables = (db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }).count;
    if (tables > 0 && owner !== APPLICATION_ID) throw problem('workspace-foreign', 'The file is another database');
    if (statSync(file).size <= CHECKED_BYTES) {
      const verdict = db.pragma('quick_check(1)', { simple: true }) as string;
      if (verdict !== 'ok') throw problem('workspace-damaged', `The workspace is damaged: ${verdict}`);
    }
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepare(db: Database): void {
  db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  // In WAL mode NORMAL loses nothing when the process dies, and can lose only the last moments when the power fails;
  // it never damages the file. FULL would cost a disk write for each batch. Edits use FULL (edit-table.ts).
  db.pragma('synchronous = NORMAL');
  // What is overwritten (a password that is sealed from now on) does not stay in the free space of its page.
  db.pragma('secure_delete = FAST');
  db.pragma('cache_size = -16000');
  db.pragma('temp_store = MEMORY');
  db.pragma('journal_size_limit = 67108864');
  // Moving 1 MB at a time from the log to the file takes some milliseconds; the usual 4 MB held everything up for 50.
  db.pragma('wal_autocheckpoint = 250');
  migrate(db);
}

/** The file itself is the trouble, and no other try will help. */
const UNUSABLE: ReadonlySet<ProblemKind> = new Set<ProblemKind>([
  'workspace-newer',
  'workspace-foreign',
  'workspace-damaged',
]);

function whatIsWrong(error: unknown, file: string): Problem | undefined {
  const known = toProblem(error);
  if (UNUSABLE.has(known.kind)) return { ...known, where: file };
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '')) {
    return { kind: 'workspace-damaged', message: `The workspace is damaged: ${known.message}`, where: file };
  }
  return undefined;
}

/** Renames the file with its log, so that the log is not replayed into the new one. */
function putAside(file: string, wrong: Problem, now: number): Problem {
  const { dir, name, ext } = path.parse(file);
  const why = wrong.kind.replace('workspace-', '');
  const stamp = new Date(now).toISOString().replace(/\..*|[-:]/g, '');
  let target = path.join(dir, `${name}.${why}-${stamp}${ext}`);
  for (let n = 2; existsSync(target); n += 1) target = path.join(dir, `${name}.${why}-${stamp}-${n}${ext}`);
  for (const tail of ['', '-wal', '-shm']) {
    if (existsSync(file + tail)) renameSync(file + tail, target + tail);
  }
  return { ...wrong, remedy: `It was kept as ${target}; a new workspace was begun` };
}

function readable(error: unknown, file: string): unknown {
  const ofSystem = error instanceof Error && 'syscall' in error;
  if (sqliteCode(error) === undefined && !ofSystem) return error;
  return problem(
    'workspace-refused',
    `The workspace cannot be opened: ${whyNotWritable(path.dirname(file)) ?? toProblem(error).message}`,
    {
      where: file,
      remedy: 'Choose another file with --workspace, or see that the folder can be written',
      cause: error,
    },
  );
}
