import { PythonError } from '../../../python/python-error.ts';
import { strRepr } from '../../../python/python-text.ts';
import { limitOf } from '../../../python/python-timedelta.ts';
import { bytesOf, type SqlResult, type SqlValue, textOf } from '../../../stores/sql/sql-driver.ts';
import { printWallClock, toWallClock } from '../../../stores/sql/wall-clock.ts';
import { checkTableName } from '../../../stores/url.ts';
import { decodeSession, encodeSession } from '../session/encoding.ts';
import type { Profile } from '../session/profiles.ts';
import type { Clock, Store } from '../session/store.ts';
import { isParsedTimestamp, timestampError } from './atime-problem.ts';
import type { Database } from './database.ts';
import { profileOf, type StoreOptions, systemClock } from './store-options.ts';

export interface DBStoreOptions extends StoreOptions {
  /** Zone of the wall clock, where it is not this program's own. */
  readonly zone?: string;
}

/**
 * web.py's `DBStore` (`webpy-sessions.md` 8.2 to 8.5): its statements word for word and in its order, each committed on
 * its own, `atime` by the local wall clock.
 */
export class DBStore implements Store {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #zone: string | undefined;
  readonly #profile: Profile;
  readonly #select: string;
  readonly #touch: string;
  readonly #update: string;
  readonly #insert: string;
  readonly #delete: string;
  readonly #cleanup: string;

  /** `table` goes into the statements as it is, so it has to be a plain name (`checkTableName`). */
  constructor(db: Database, table: string, options: DBStoreOptions = {}) {
    checkTableName(table);
    this.#db = db;
    this.#clock = options.clock ?? systemClock;
    this.#zone = options.zone;
    this.#profile = profileOf(options);
    const withAtime = this.#profile.dbAtimeOnSave;
    this.#select = `SELECT * FROM ${table} WHERE session_id=?`;
    this.#touch = `UPDATE ${table} SET atime = ? WHERE session_id=?`;
    this.#update = `UPDATE ${table} SET ${withAtime ? 'atime = ?, ' : ''}data = ? WHERE session_id=?`;
    this.#insert = withAtime
      ? `INSERT INTO ${table} (atime, data, session_id) VALUES (?, ?, ?)`
      : `INSERT INTO ${table} (data, session_id) VALUES (?, ?)`;
    this.#delete = `DELETE FROM ${table} WHERE session_id=?`;
    this.#cleanup = `DELETE FROM ${table} WHERE ? > atime`;
  }

  async contains(id: string): Promise<boolean> {
    return (await this.#find(id)).rows.length > 0;
  }

  async load(id: string): Promise<unknown> {
    const now = this.#now();
    const found = await this.#find(id);
    const row = found.rows[0];
    if (row === undefined) throw new PythonError('KeyError', strRepr(id));
    await this.#db.run(this.#touch, [now, id], false);
    const data = row[found.names.findIndex((name) => name.toLowerCase() === 'data')];
    if (data === null || data === undefined) {
      throw new PythonError('TypeError', 'expected bytes-like object, not NoneType');
    }
    return decodeSession(bytesOf(data));
  }

  async save(id: string, data: ReadonlyMap<unknown, unknown>): Promise<void> {
    const bytes = encodeSession(data, this.#profile.pickle);
    const asBytes = this.#profile.dbData === 'bytes' && this.#db.dbn === 'sqlite';
    const stored: SqlValue = asBytes ? bytes : Buffer.from(bytes).toString('latin1');
    const values = this.#profile.dbAtimeOnSave ? [this.#now(), stored, id] : [stored, id];
    if ((await this.#find(id)).rows.length > 0) await this.#db.run(this.#update, values, false);
    else await this.#db.run(this.#insert, values, true);
  }

  /** SQLite and MySQL make a text of a number; PostgreSQL compares no text with one. PyMySQL writes `[1]` as `(1)`. */
  keyOf(id: unknown): string | undefined {
    const { dbn } = this.#db;
    if (dbn === 'mysql' && Array.isArray(id) && id.length === 1) return this.keyOf(id[0]);
    if (typeof id !== 'number' && typeof id !== 'bigint' && typeof id !== 'boolean') return undefined;
    if (dbn === 'postgres') {
      const type = typeof id === 'boolean' ? 'boolean' : 'integer';
      throw new PythonError('psycopg2.errors.UndefinedFunction', `operator does not exist: character = ${type}`);
    }
    return typeof id === 'boolean' ? String(Number(id)) : String(id);
  }

  async delete(id: string): Promise<void> {
    await this.#db.run(this.#delete, [id], false);
  }

  async cleanup(timeout: number): Promise<void> {
    const limit = limitOf(toWallClock(this.#clock(), this.#zone), timeout);
    await this.#db.run(this.#cleanup, [printWallClock(limit)], false);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async #find(id: string): Promise<SqlResult> {
    const found = await this.#db.run(this.#select, [id], false);
    if (found.declared !== undefined) checkTimestamps(found.rows, found.declared);
    return found;
  }

  #now(): string {
    return printWallClock(toWallClock(this.#clock(), this.#zone));
  }
}

/** What Python's sqlite3 module does with every row that it reads: columns declared `timestamp` are parsed. */
function checkTimestamps(rows: SqlResult['rows'], declared: NonNullable<SqlResult['declared']>): void {
  for (const column of timestampColumns(declared)) {
    for (const row of rows) {
      const text = textOf(row[column]);
      const error = text === null ? undefined : timestampError(text);
      if (error !== undefined) throw new PythonError(error.name, error.message);
    }
  }
}

/** Known by the list itself: the driver gives the same one as long as the table stays as it is. */
const known = new WeakMap<readonly (string | null)[], readonly number[]>();

function timestampColumns(declared: readonly (string | null)[]): readonly number[] {
  let columns = known.get(declared);
  if (columns === undefined) {
    columns = [...declared.keys()].filter((column) => isParsedTimestamp(declared[column]));
    known.set(declared, columns);
  }
  return columns;
}
