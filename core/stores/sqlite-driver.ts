import fs from 'node:fs';
import type Database from 'better-sqlite3';
import { problem } from '../model/problem.ts';
import type { RunOptions, SqlDriver, SqlResult, SqlValue } from './sql-driver.ts';
import { isLocked, sqlProblem } from './sql-problems.ts';

export interface SqliteOptions {
  /** Make the file when it is missing, as Python's sqlite3 does. */
  readonly create?: boolean;
  /** How long a lock of another program is waited for; Python's sqlite3 has 5 s too. */
  readonly busyMs?: number;
}

/**
 * An SQLite file. It is opened for reading only until something is written. Locks are waited for without blocking
 * this program, and a file that was replaced under its name is opened anew.
 */
export class SqliteDriver implements SqlDriver {
  readonly dialect = 'sqlite';
  readonly where: string;
  readonly #file: string;
  readonly #create: boolean;
  readonly #busyMs: number;
  #open: { db: Database.Database; writable: boolean; inode: string } | undefined;
  #statements = new Map<string, Database.Statement>();

  constructor(file: string, options: SqliteOptions = {}) {
    this.#file = file;
    this.where = file;
    this.#create = options.create ?? false;
    this.#busyMs = options.busyMs ?? 5000;
  }

  async run(sql: string, params: readonly SqlValue[] = [], options: RunOptions = {}): Promise<SqlResult> {
    const write = options.write ?? false;
    const Sqlite = await load();
    const limit = performance.now() + this.#busyMs;
    for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
      try {
        return this.#run(Sqlite, sql, params, write);
      } catch (error) {
        if (isLocked(error) && performance.now() < limit) {
          await new Promise((done) => setTimeout(done, pause));
          continue;
        }
        // A journal or WAL left by a crash can only be read after a repair, which needs write access.
        if (!write && this.#open?.writable !== true && needsRepair(error) && fs.existsSync(this.#file)) {
          try {
            return this.#run(Sqlite, sql, params, true);
          } catch {
            // The first error says more.
          }
        }
        throw sqlProblem(error, 'sqlite', this.where);
      }
    }
  }

  async close(): Promise<void> {
    this.#close();
  }

  #run(Sqlite: typeof Database, sql: string, params: readonly SqlValue[], write: boolean): SqlResult {
    const statement = this.#statement(Sqlite, sql, write);
    if (!statement.reader) return { names: [], rows: [], changes: statement.run(...params).changes };
    const columns = statement.columns();
    return {
      names: columns.map((column) => column.name),
      declared: columns.map((column) => column.type),
      rows: statement.raw(true).all(...params) as SqlValue[][],
      changes: 0,
    };
  }

  #statement(Sqlite: typeof Database, sql: string, write: boolean): Database.Statement {
    const db = this.#database(Sqlite, write);
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size > 100) this.#statements.clear();
      statement = db.prepare(sql).safeIntegers(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #database(Sqlite: typeof Database, write: boolean): Database.Database {
    const inode = inodeOf(this.#file);
    if (this.#open !== undefined) {
      if (this.#open.inode === inode && (this.#open.writable || !write)) return this.#open.db;
      this.#close();
    }
    if (inode === '' && !this.#create) {
      throw problem('store-not-found', `There is no file ${this.#file}`, {
        remedy: 'Check the path of the SQLite database',
        where: this.where,
      });
    }
    if (inode !== '' && inode !== ':memory:' && !fs.statSync(this.#file).isFile()) {
      throw problem('store-not-found', `${this.#file} is not a file`, {
        remedy: 'Choose the database file itself; a directory of sessions is attached as disk:PATH',
        where: this.where,
      });
    }
    const writable = write || inode === '' || this.#file === ':memory:';
    const db = new Sqlite(this.#file, { readonly: !writable, fileMustExist: !this.#create, timeout: 0 });
    this.#open = { db, writable, inode: inodeOf(this.#file) };
    return db;
  }

  #close(): void {
    this.#statements.clear();
    this.#open?.db.close();
    this.#open = undefined;
  }
}

let loaded: typeof Database | undefined;

async function load(): Promise<typeof Database> {
  loaded ??= (await import('better-sqlite3')).default;
  return loaded;
}

function needsRepair(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_READONLY_') || code.startsWith('SQLITE_CANTOPEN');
}

/** Device and inode; empty when there is no such file. */
function inodeOf(file: string): string {
  if (file === ':memory:') return file;
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev} ${stat.ino}`;
}
