import fs from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { problem } from '../../../../model/problem.ts';
import { diskProblem } from '../../../disk/disk-files.ts';
import { removeTemporary, temporaryFolder } from '../../../temporary-folder.ts';
import type { RunOptions, SqlDriver, SqlResult, SqlValue } from '../../sql-driver.ts';
import { isLocked, sqlProblem } from '../../sql-problems.ts';
import { isLogMode, type Signature, type Snapshot, signatureOf, takeSnapshot } from './snapshot.ts';

export interface SqliteOptions {
  /** Make the file when it is missing, as Python's sqlite3 does. */
  readonly create?: boolean;
  /** How long a lock of another program is waited for; Python's sqlite3 has 5 s too. */
  readonly busyMs?: number;
  /**
   * When to look whether the file was replaced and what its columns are: before each statement (the default), or once in
   * a turn of the event loop, for a server with several statements to a request. Python's sqlite3 never looks.
   */
  readonly look?: 'each-statement' | 'each-turn';
}

/** A statement that was prepared, and what it last told about its columns. */
interface Prepared {
  readonly statement: Database.Statement;
  readonly reader: boolean;
  /** It may change what other statements return: columns are asked for again after it. */
  readonly changesShape: boolean;
  names: readonly string[];
  declared: readonly (string | null)[];
  /** The turn in which the columns were asked for. */
  asked: number;
}

/**
 * An SQLite file. Used as an application does (`create`, or `look: 'each-turn'`) it stays open. For the debugger it is
 * read from a copy (`snapshot.ts`), which leaves nothing behind, and opened itself only for a write and closed after it.
 * Locks are waited for without blocking this program, and a file that was replaced under its name is opened again.
 */
export class SqliteDriver implements SqlDriver {
  readonly dialect = 'sqlite';
  readonly where: string;
  readonly #file: string;
  readonly #create: boolean;
  readonly #busyMs: number;
  readonly #eachTurn: boolean;
  /** The debugger looks: see `snapshot.ts`. */
  readonly #looks: boolean;
  #snapshot: Snapshot | undefined;
  #taking: Promise<Snapshot | undefined> | undefined;
  #open: { db: Database.Database; writable: boolean; inode: string; usesLog: boolean } | undefined;
  readonly #statements = new Map<string, Prepared>();
  /** Turns of the event loop in which something was asked. */
  #turn = 1;
  /** Whether the file under the name was looked at in this turn. */
  #looked = false;

  constructor(file: string, options: SqliteOptions = {}) {
    this.#file = file;
    this.where = file;
    this.#create = options.create ?? false;
    this.#busyMs = options.busyMs ?? 5000;
    this.#eachTurn = options.look === 'each-turn';
    this.#looks = !this.#create && !this.#eachTurn && file !== ':memory:';
  }

  async run(sql: string, params: readonly SqlValue[] = [], options: RunOptions = {}): Promise<SqlResult> {
    const write = options.write ?? false;
    const Sqlite = loaded ?? (await load());
    let limit: number | undefined;
    for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
      try {
        if (this.#looks && !write) return await this.#look(Sqlite, sql, params);
        return this.#run(Sqlite, sql, params, write);
      } catch (error) {
        limit ??= performance.now() + this.#busyMs;
        if (isLocked(error) && performance.now() < limit) {
          await new Promise((done) => setTimeout(done, pause));
          continue;
        }
        throw sqlProblem(error, 'sqlite', this.where);
      } finally {
        // As the last connection SQLite takes the log and its index away again; held open they would be ours. Without a
        // log a connection for reading has no files of its own and holds no lock between statements.
        if (this.#looks && this.#open !== undefined && (this.#open.writable || this.#open.usesLog)) this.#close();
      }
    }
  }

  /** Changes whenever somebody writes to the database; costs a few looks at files. Undefined: not known, so ask. */
  async version(): Promise<string | undefined> {
    if (!this.#looks) return undefined;
    const signature = signatureOf(this.#file);
    return signature === undefined || signature.unsettled ? undefined : signature.text;
  }

  async close(): Promise<void> {
    this.#close();
    this.#forgetSnapshot();
  }

  /**
   * Gives the work a file that SQLite may open without a trace in the original: a copy, or the original itself where its
   * reading makes no files (`takeSnapshot`).
   */
  async withReadableFile<T>(work: (file: string) => Promise<T>): Promise<T> {
    await this.run('SELECT count(*) FROM sqlite_master');
    const snapshot = this.#snapshot;
    if (!this.#looks || snapshot === undefined) return work(this.#file);
    if (snapshot.file !== undefined) return work(snapshot.file);
    const folder = temporaryFolder('sessionscope-look-');
    try {
      const copy = path.join(folder, 'copy.db');
      fs.writeFileSync(copy, snapshot.db.serialize(), { mode: 0o600 });
      return await work(copy);
    } finally {
      removeTemporary(folder);
    }
  }

  async #look(Sqlite: typeof Database, sql: string, params: readonly SqlValue[]): Promise<SqlResult> {
    for (;;) {
      if (this.#taking !== undefined) {
        await this.#taking.catch(() => {});
        continue;
      }
      const now = this.#requireFile();
      const known = this.#snapshot;
      if (known !== undefined && !known.signature.unsettled && known.signature.text === now.text) {
        return this.#runOn(known.db, sql, params);
      }
      this.#forgetSnapshot();
      const fresh = await (this.#taking = this.#take(Sqlite, now).finally(() => (this.#taking = undefined)));
      if (fresh === undefined) return this.#run(Sqlite, sql, params, false);
      // Another reader may have found meanwhile that the file was written again.
      if (fresh === this.#snapshot) return this.#runOn(fresh.db, sql, params);
    }
  }

  /** Undefined where the file itself is to be read (`takeSnapshot`). */
  async #take(Sqlite: typeof Database, signature: Signature): Promise<Snapshot | undefined> {
    try {
      return (this.#snapshot = await takeSnapshot(Sqlite, this.#file, signature));
    } catch (error) {
      throw diskProblem(error, this.#file, 'read');
    }
  }

  #forgetSnapshot(): void {
    this.#statements.clear();
    this.#snapshot?.close();
    this.#snapshot = undefined;
  }

  /** @throws ProblemError `store-not-found` */
  #requireFile(): Signature {
    const signature = signatureOf(this.#file);
    if (signature === undefined) throw this.#missing();
    if (!fs.statSync(this.#file).isFile()) throw this.#notAFile();
    return signature;
  }

  #missing(): Error {
    return problem('store-not-found', `There is no file ${this.#file}`, {
      remedy: 'Check the path of the SQLite database',
      where: this.where,
    });
  }

  #notAFile(): Error {
    return problem('store-not-found', `${this.#file} is not a file`, {
      remedy: 'Choose the database file itself; a directory of sessions is attached as disk:PATH',
      where: this.where,
    });
  }

  #run(Sqlite: typeof Database, sql: string, params: readonly SqlValue[], write: boolean): SqlResult {
    return this.#runOn(this.#database(Sqlite, write), sql, params);
  }

  #runOn(db: Database.Database, sql: string, params: readonly SqlValue[]): SqlResult {
    const prepared = this.#prepared(db, sql);
    const { statement } = prepared;
    if (!prepared.reader) {
      if (prepared.changesShape) this.#turn++;
      return { names: [], rows: [], changes: statement.run(...params).changes };
    }
    const rows = statement.all(...params) as SqlValue[][];
    // After the statement ran: SQLite prepares it again when another program changed the table.
    if (prepared.asked !== this.#turn || (rows[0] !== undefined && rows[0].length !== prepared.names.length)) {
      const columns = statement.columns();
      prepared.names = columns.map((column) => column.name);
      prepared.declared = columns.map((column) => column.type);
      prepared.asked = this.#turn;
    }
    return { names: prepared.names, declared: prepared.declared, rows, changes: 0 };
  }

  #prepared(db: Database.Database, sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined || prepared.statement.database !== db) {
      if (this.#statements.size > 100) this.#statements.clear();
      const statement = db.prepare(sql).safeIntegers(true);
      const { reader } = statement;
      if (reader) statement.raw(true);
      const changesShape = !/^\s*(?:insert|update|delete|replace)\b/i.test(sql);
      prepared = { statement, reader, changesShape, names: [], declared: [], asked: 0 };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }

  #database(Sqlite: typeof Database, write: boolean): Database.Database {
    if (this.#looked && this.#open !== undefined && (this.#open.writable || !write)) return this.#open.db;
    const inode = inodeOf(this.#file);
    this.#lookAgainNextTurn();
    if (this.#open !== undefined) {
      if (this.#open.inode === inode && (this.#open.writable || !write)) return this.#open.db;
      this.#close();
    }
    if (inode === '' && !this.#create) throw this.#missing();
    if (inode !== '' && inode !== ':memory:' && !fs.statSync(this.#file).isFile()) throw this.#notAFile();
    const writable = write || inode === '' || this.#file === ':memory:';
    const db = new Sqlite(this.#file, { readonly: !writable, fileMustExist: !this.#create, timeout: 0 });
    const usesLog = this.#looks && isLogMode(this.#file);
    this.#open = { db, writable, inode: inodeOf(this.#file), usesLog };
    return db;
  }

  #lookAgainNextTurn(): void {
    if (!this.#eachTurn) this.#turn++;
    if (this.#looked || !this.#eachTurn) return;
    this.#looked = true;
    setImmediate(() => {
      this.#looked = false;
      this.#turn++;
    });
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

/** Device and inode; empty when there is no such file. */
function inodeOf(file: string): string {
  if (file === ':memory:') return file;
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev} ${stat.ino}`;
}
