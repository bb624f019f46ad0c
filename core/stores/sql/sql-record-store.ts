import { problem } from '../../model/problem.ts';
import type {
  NewRecord,
  RecordListing,
  RecordStore,
  Revision,
  ScannedRecord,
  StoredRecord,
  StoreTraits,
  WriteOutcome,
} from '../../model/record.ts';
import { isPythonDate } from '../../python/python-timedelta.ts';
import { revisionOf } from '../revision.ts';
import { Watchers } from '../watchers.ts';
import { atimeProblem } from './atime-problem.ts';
import { bytesOf, type SqlDriver, type SqlValue, textOf } from './sql-driver.ts';
import { dataValue, type Expressions, expressions } from './sql-expressions.ts';
import { watchTable } from './sql-watch.ts';
import { quoteName, type TableShape, tableShape } from './table-shape.ts';
import { fromWallClock, parseWallClock, printWallClock, toWallClock } from './wall-clock.ts';

/** Rows of one page of a listing, and of one with data. */
const LIST_PAGE = 1000;
const SCAN_PAGE = 200;
/** Rows written or removed by one statement. */
const MANY = 500;

export interface SqlRecordStoreOptions {
  readonly url: string;
  readonly table: string;
  /** Zone of the web.py process, where it is not this program's. */
  readonly zone?: string;
  readonly pollMs: number;
}

/** A table of a web.py `DBStore` as the debugger sees it. `atime` stays as it is unless `setLastUsed` is called. */
export class SqlRecordStore implements RecordStore {
  readonly url: string;
  readonly #driver: SqlDriver;
  readonly #table: string;
  readonly #zone: string | undefined;
  readonly #pollMs: number;
  readonly #watchers: Watchers;
  #known: Promise<{ shape: TableShape; sql: Expressions }> | undefined;
  #traits: StoreTraits;

  constructor(driver: SqlDriver, options: SqlRecordStoreOptions) {
    this.url = options.url;
    this.#driver = driver;
    this.#table = options.table;
    this.#zone = options.zone;
    this.#pollMs = options.pollMs;
    this.#traits = {
      kind: driver.dialect,
      canAge: true,
      canWrite: true,
      watch: { how: 'poll', pollMs: options.pollMs },
      foldsCase: false,
    };
    this.#watchers = new Watchers((changed) =>
      watchTable(
        driver,
        () => this.#describe(),
        this.#pollMs,
        (id) => this.#plainId(id),
        changed,
      ),
    );
  }

  /** Complete once the table was looked at, which `openRecordStore` does. */
  get traits(): StoreTraits {
    return this.#traits;
  }

  /** Looks the table up, so that a wrong name, login or host is known at once. */
  async check(): Promise<void> {
    await this.#describe();
  }

  async *list(signal?: AbortSignal): AsyncIterable<RecordListing> {
    for await (const { row, shape } of this.#rows(LIST_PAGE, false, signal)) yield this.#listing(row, shape);
  }

  async *scan(signal?: AbortSignal): AsyncIterable<ScannedRecord> {
    for await (const { row, shape, sql } of this.#rows(SCAN_PAGE, true, signal)) {
      yield { listing: this.#listing(row, shape), record: this.#record(row.slice(3), sql) };
    }
  }

  async read(id: string): Promise<StoredRecord | undefined> {
    const { shape, sql } = await this.#describe();
    const row = await this.#row(id, shape, sql);
    return row === undefined ? undefined : this.#record(row, sql);
  }

  async replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome> {
    const { shape, sql } = await this.#describe();
    const row = await this.#row(id, shape, sql);
    if (row === undefined) return 'gone';
    const before = row[2];
    if (revisionOf(bytesOf(before)) !== expected) return 'stale';
    this.#checkSize(bytes, shape);
    const value = dataValue(bytes, await this.#holdsBytes(id, shape, sql), this.#driver.where);
    const data = quoteName(this.#driver.dialect, shape.data.name);
    const guard = this.#guard(before, shape, sql);
    const result = await this.#driver.run(
      `UPDATE ${shape.quoted} SET ${data} = ?${sql.keep()} WHERE ${sql.id} = ? AND ${guard.sql}`,
      [value, id, ...guard.params],
      { write: true },
    );
    if (result.changes > 0) {
      this.#watchers.changed([id]);
      return 'written';
    }
    // Nobody there: changed meanwhile, or our own statement had been carried out before its connection was lost.
    const now = await this.#row(id, shape, sql);
    if (now === undefined) return 'gone';
    return Buffer.compare(bytesOf(now[2]), bytes) === 0 ? 'written' : 'stale';
  }

  async create(id: string, bytes: Uint8Array, lastUsed: number, extra?: StoredRecord['extra']): Promise<void> {
    const { shape, sql } = await this.#describe();
    if (shape.id.limit !== undefined && [...id].length > shape.id.limit) {
      throw problem('bad-id', `An id has at most ${shape.id.limit} characters in ${this.#driver.where}`, {
        remedy: 'Choose a shorter id',
        where: this.#driver.where,
      });
    }
    this.#checkSize(bytes, shape);
    if ((await this.#row(id, shape, sql)) !== undefined) {
      throw problem('exists', `There is already a session ${id}`, {
        remedy: 'Edit it, or choose another id',
        where: this.#driver.where,
      });
    }
    const quote = (name: string) => quoteName(this.#driver.dialect, name);
    const columns = [quote(shape.id.name), quote(shape.data.name)];
    const values: SqlValue[] = [id, dataValue(bytes, shape.data.bytes, this.#driver.where)];
    if (shape.atime !== undefined) {
      columns.push(quote(shape.atime.name));
      values.push(this.#wallText(lastUsed, shape));
    }
    for (const { name } of sql.extras) {
      const value = extra?.[name];
      if (value === undefined) continue;
      columns.push(quote(name));
      values.push(value);
    }
    await this.#driver.run(
      `INSERT INTO ${shape.quoted} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      values,
      { write: true, once: true },
    );
    this.#watchers.changed([id]);
  }

  async setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    const { shape, sql } = await this.#describe();
    if (shape.atime === undefined) {
      throw problem('cannot-age', `The table ${this.#table} has no column atime`, {
        remedy: "Add it: web.py's cleanup fails without it",
        where: this.#driver.where,
      });
    }
    const atime = quoteName(this.#driver.dialect, shape.atime.name);
    const result = await this.#driver.run(
      `UPDATE ${shape.quoted} SET ${atime} = ?${sql.keep(shape.atime.name)} WHERE ${sql.id} = ?`,
      [this.#wallText(lastUsed, shape), id],
      { write: true },
    );
    if (result.changes === 0) return 'gone';
    this.#watchers.changed([id]);
    return 'written';
  }

  async remove(id: string, expected?: Revision): Promise<WriteOutcome> {
    const { shape, sql } = await this.#describe();
    let guard: { sql: string; params: SqlValue[] } | undefined;
    if (expected !== undefined) {
      const row = await this.#row(id, shape, sql);
      if (row === undefined) return 'gone';
      if (revisionOf(bytesOf(row[2])) !== expected) return 'stale';
      guard = this.#guard(row[2], shape, sql);
    }
    const condition = guard === undefined ? '' : ` AND ${guard.sql}`;
    const result = await this.#driver.run(
      `DELETE FROM ${shape.quoted} WHERE ${sql.id} = ?${condition}`,
      [id, ...(guard?.params ?? [])],
      { write: true },
    );
    if (result.changes > 0) {
      this.#watchers.changed([id]);
      return 'written';
    }
    return (await this.#row(id, shape, sql)) === undefined ? 'gone' : 'stale';
  }

  async createMany(records: readonly NewRecord[]): Promise<void> {
    const { shape, sql } = await this.#describe();
    const quote = (name: string) => quoteName(this.#driver.dialect, name);
    const columns = [shape.id, shape.data, ...(shape.atime === undefined ? [] : [shape.atime])];
    const names = columns.map(({ name }) => quote(name)).join(', ');
    const places = `(${columns.map(() => '?').join(', ')})`;
    for (let at = 0; at < records.length; at += MANY) {
      const some = records.slice(at, at + MANY);
      const ids = some.map(({ id }) => id);
      const taken = await this.#driver.run(
        `SELECT count(*) FROM ${shape.quoted} WHERE ${sql.id} IN (${listOf(ids)})`,
        ids,
      );
      if (Number(taken.rows[0]?.[0] ?? 0) > 0) {
        throw problem('exists', 'One of the new sessions is already there', { where: this.#driver.where });
      }
      const values = some.flatMap(({ id, bytes, lastUsed }): SqlValue[] => {
        this.#checkSize(bytes, shape);
        const row = [id, dataValue(bytes, shape.data.bytes, this.#driver.where)];
        return shape.atime === undefined ? row : [...row, this.#wallText(lastUsed, shape)];
      });
      await this.#driver.run(
        `INSERT INTO ${shape.quoted} (${names}) VALUES ${some.map(() => places).join(', ')}`,
        values,
        { write: true, once: true },
      );
      this.#watchers.changed(ids);
    }
  }

  async removeMany(ids: readonly string[]): Promise<number> {
    const { shape, sql } = await this.#describe();
    let removed = 0;
    for (let at = 0; at < ids.length; at += MANY) {
      const some = ids.slice(at, at + MANY);
      const { changes } = await this.#driver.run(
        `DELETE FROM ${shape.quoted} WHERE ${sql.id} IN (${listOf(some)})`,
        some,
        { write: true },
      );
      removed += changes;
      this.#watchers.changed(some);
    }
    return removed;
  }

  watch(onChange: (ids: readonly string[] | undefined) => void): () => void {
    return this.#watchers.add(onChange);
  }

  async close(): Promise<void> {
    this.#watchers.stop();
    await this.#driver.close();
  }

  #describe(): Promise<{ shape: TableShape; sql: Expressions }> {
    this.#known ??= tableShape(this.#driver, this.#table).then(
      (shape) => {
        this.#traits = { ...this.#traits, canAge: shape.atime !== undefined, foldsCase: shape.foldsCase };
        return { shape, sql: expressions(this.#driver.dialect, shape) };
      },
      (error: unknown) => {
        this.#known = undefined;
        throw error;
      },
    );
    return this.#known;
  }

  async *#rows(size: number, withData: boolean, signal: AbortSignal | undefined) {
    const { shape, sql } = await this.#describe();
    const key = shape.rowid ? 'rowid' : sql.id;
    const columns = [sql.id, sql.atime, sql.length, ...(withData ? this.#columns(sql) : []), key].join(', ');
    let last: SqlValue = null;
    for (;;) {
      signal?.throwIfAborted();
      const page: readonly (readonly SqlValue[])[] = (
        await this.#driver.run(
          `SELECT ${columns} FROM ${shape.quoted}${last === null ? '' : ` WHERE ${key} > ?`} ORDER BY ${key} LIMIT ${size}`,
          last === null ? [] : [last],
        )
      ).rows;
      for (const row of page) if (row[0] !== null) yield { row, shape, sql };
      last = page[size - 1]?.at(-1) ?? null;
      if (last === null) return;
    }
  }

  /** Columns of a whole record: id, atime, data, then the others. */
  #columns(sql: Expressions): string[] {
    return [sql.id, sql.atime, sql.bytes, ...sql.extras.map((extra) => extra.sql)];
  }

  async #row(id: string, shape: TableShape, sql: Expressions): Promise<readonly SqlValue[] | undefined> {
    const found = await this.#driver.run(
      `SELECT ${this.#columns(sql).join(', ')} FROM ${shape.quoted} WHERE ${sql.id} = ?`,
      [id],
    );
    return found.rows[0];
  }

  #record(row: readonly SqlValue[], sql: Expressions): StoredRecord {
    const bytes = bytesOf(row[2]);
    const text = textOf(row[1]);
    const extra: Record<string, string | null> = {};
    for (const [at, { name }] of sql.extras.entries()) extra[name] = textOf(row[3 + at]);
    return {
      id: this.#plainId(row[0]),
      bytes,
      revision: revisionOf(bytes),
      lastUsed: this.#moment(text),
      ...(text === null ? {} : { lastUsedText: text }),
      ...(sql.extras.length === 0 ? {} : { extra }),
    };
  }

  #listing(row: readonly SqlValue[], shape: TableShape): RecordListing {
    const text = textOf(row[1]);
    const reason =
      row[2] === null
        ? {
            kind: 'no-data' as const,
            message: 'The column data is NULL: web.py answers 500 to this id',
            where: this.#driver.where,
          }
        : this.#driver.dialect === 'sqlite'
          ? atimeProblem(text, shape.atime?.type)
          : undefined;
    return {
      id: this.#plainId(row[0]),
      lastUsed: this.#moment(text),
      bytes: Number(row[2] ?? 0),
      ...(reason === undefined ? {} : { problem: reason }),
    };
  }

  #plainId(value: SqlValue | undefined): string {
    const id = textOf(value) ?? '';
    return this.#driver.dialect === 'postgres' ? id.replace(/ +$/, '') : id;
  }

  #moment(text: string | null): number | null {
    const wall = text === null ? undefined : parseWallClock(text);
    return wall === undefined ? null : fromWallClock(wall, this.#zone);
  }

  /** The text that web.py would have written at that moment, cut to the column's precision. */
  #wallText(ms: number, shape: TableShape): string {
    const wall = toWallClock(ms, this.#zone);
    if (!isPythonDate(wall)) {
      throw problem('bad-time', 'A last use lies between the years 1 and 9999', {
        remedy: 'Choose another time',
        where: this.#driver.where,
      });
    }
    const unit = 10 ** (6 - (shape.atime?.precision ?? 6));
    return printWallClock(Math.floor(wall / unit) * unit);
  }

  /** A text column of SQLite may hold bytes (web.py 0.40 to 0.51): what is there decides. */
  async #holdsBytes(id: string, shape: TableShape, sql: Expressions): Promise<boolean> {
    if (this.#driver.dialect !== 'sqlite') return shape.data.bytes;
    const data = quoteName('sqlite', shape.data.name);
    const found = await this.#driver.run(`SELECT typeof(${data}) FROM ${shape.quoted} WHERE ${sql.id} = ?`, [id]);
    const type = found.rows[0]?.[0];
    return type === 'blob' || (type === 'null' && shape.data.bytes);
  }

  #guard(before: SqlValue | undefined, shape: TableShape, sql: Expressions): { sql: string; params: SqlValue[] } {
    if (before === null || before === undefined) {
      return { sql: `${quoteName(this.#driver.dialect, shape.data.name)} IS NULL`, params: [] };
    }
    return { sql: sql.unchanged, params: [before] };
  }

  #checkSize(bytes: Uint8Array, shape: TableShape): void {
    const { limit } = shape.data;
    if (limit === undefined || bytes.length <= limit) return;
    throw problem('too-large', `The column data holds ${limit} bytes at most; this session has ${bytes.length}`, {
      remedy: 'Make the column larger: alter table … modify data mediumtext',
      where: this.#driver.where,
    });
  }
}

function listOf(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
