import { problem } from '../../model/problem.ts';
import type {
  ClockName,
  NewRecord,
  RecordListing,
  RecordPage,
  RecordPageQuery,
  RecordStore,
  Revision,
  ScannedRecord,
  StoredRecord,
  StoreTraits,
  WriteOutcome,
} from '../../model/record.ts';
import { moveInside } from '../inside-clocks.ts';
import type { ColumnClass, TableLayout, TimeForm } from '../layout.ts';
import { revisionOf } from '../revision.ts';
import { Watchers } from '../watchers.ts';
import { readClock, writeClock } from './clock-text.ts';
import { bytesOf, type SqlDriver, type SqlValue, textOf } from './sql-driver.ts';
import { dataValue, type Expressions, expressions } from './sql-expressions.ts';
import { countRows, tablePage } from './sql-page.ts';
import { watchTable } from './sql-watch.ts';
import { quoteName, type TableShape, tableShape } from './table-shape.ts';

/** Rows of one page of a listing, and of one with data. */
const LIST_PAGE = 1000;
const SCAN_PAGE = 200;
/** Rows written or removed by one statement. */
const MANY = 500;

export interface SqlRecordStoreOptions {
  readonly url: string;
  readonly table: string;
  /** The layouts that are known; the table's columns say which it is. */
  readonly layouts: readonly TableLayout[];
  /** Id of the layout, where the user names it. */
  readonly as?: string | undefined;
  /** Zone of the application, where it is not this program's. */
  readonly zone?: string;
  readonly pollMs: number;
}

/** A table of sessions as the debugger sees it. Its clock stays as it is unless it is set. */
export class SqlRecordStore implements RecordStore {
  readonly url: string;
  readonly #driver: SqlDriver;
  readonly #table: string;
  readonly #options: SqlRecordStoreOptions;
  readonly #zone: string | undefined;
  readonly #pollMs: number;
  readonly #watchers: Watchers;
  #known: Promise<{ shape: TableShape; sql: Expressions }> | undefined;
  #traits: StoreTraits;
  #layout: TableLayout | undefined;
  #columnNames: readonly string[] = [];

  constructor(driver: SqlDriver, options: SqlRecordStoreOptions) {
    this.url = options.url;
    this.#driver = driver;
    this.#table = options.table;
    this.#options = options;
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

  get layout(): TableLayout | undefined {
    return this.#layout;
  }

  /** Names of the columns beside id, data and clock, as the database has them; known once the table was looked at. */
  get columnNames(): readonly string[] {
    return this.#columnNames;
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
      yield { listing: this.#listing(row, shape), record: this.#record(row.slice(3), shape, sql) };
    }
  }

  async page(query: RecordPageQuery, signal?: AbortSignal): Promise<RecordPage> {
    const described = await this.#describe();
    const { rows, total } = await tablePage(this.#driver, described, query, signal);
    return { rows: rows.map((row) => this.#listing(row, described.shape)), total };
  }

  async count(signal?: AbortSignal): Promise<number> {
    return countRows(this.#driver, await this.#describe(), signal);
  }

  async read(id: string): Promise<StoredRecord | undefined> {
    const { shape, sql } = await this.#describe();
    const row = await this.#row(id, shape, sql);
    return row === undefined ? undefined : this.#record(row, shape, sql);
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
      `UPDATE ${shape.quoted} SET ${data} = ?${sql.keep()} WHERE ${sql.hasId(1)} AND ${guard.sql}`,
      [value, idValue(id, shape), ...guard.params],
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
    const longest = shape.id.characters ?? shape.id.limit;
    if (longest !== undefined && [...id].length > longest) {
      throw problem('bad-id', `An id has at most ${longest} characters in ${this.#driver.where}`, {
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
    const columns = [quote(shape.id.name)];
    const values: SqlValue[] = [idValue(id, shape)];
    const places = ['?'];
    // The same column where the data stands in another table.
    if (shape.data !== shape.id) {
      columns.push(quote(shape.data.name));
      values.push(dataValue(bytes, shape.data.bytes, this.#driver.where));
      places.push('?');
    }
    if (shape.clock !== undefined) {
      columns.push(quote(shape.clock.name));
      // An end that is never reached is none.
      values.push(Number.isFinite(lastUsed) ? this.#clockText(lastUsed, shape) : null);
      places.push(Number.isFinite(lastUsed) ? sql.clockParameter : '?');
    }
    for (const { name } of sql.extras) {
      const value = extra?.[name];
      if (value === undefined) continue;
      columns.push(quote(name));
      values.push(value);
      places.push('?');
    }
    await this.#driver.run(
      `INSERT INTO ${shape.quoted} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
      values,
      { write: true, once: true },
    );
    this.#watchers.changed([id]);
  }

  async setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    return this.#setClock(id, 'lastUsed', lastUsed);
  }

  async setExpires(id: string, expires: number): Promise<WriteOutcome> {
    return this.#setClock(id, 'expires', expires);
  }

  /** Sets the column of a clock and its copies inside the data, in one statement. */
  async #setClock(id: string, name: ClockName, ms: number): Promise<WriteOutcome> {
    const { shape, sql } = await this.#describe();
    const { clock, clockName } = shape;
    if (shape.layout.compares === undefined && shape.layout.comparesNothing !== undefined) {
      throw problem('cannot-age', shape.layout.comparesNothing, { where: this.#driver.where });
    }
    if (clock === undefined || clockName !== name) {
      throw problem('cannot-age', `The table ${this.#table} keeps no ${name === 'expires' ? 'end' : 'last use'}`, {
        remedy: clockName === name ? 'Add the column of the clock' : 'Set what the application compares',
        where: this.#driver.where,
      });
    }
    const column = quoteName(this.#driver.dialect, clock.name);
    const inside = shape.layout.inside ?? [];
    const copies = shape.layout.copies ?? [];
    const needsRow = inside.length > 0 || copies.length > 0;
    const row = needsRow ? await this.#row(id, shape, sql) : undefined;
    if (needsRow && row === undefined) return 'gone';
    let set = `${column} = ${sql.clockParameter}`;
    const params: SqlValue[] = [this.#clockText(ms, shape)];
    let where = sql.hasId(1);
    const conditions: SqlValue[] = [idValue(id, shape)];
    if (row !== undefined) {
      const before = bytesOf(row[2]);
      const clocks = this.#clocks(textOf(row[1]), shape);
      const old = name === 'expires' ? (clocks.expires ?? null) : clocks.lastUsed;
      const by = old === null ? 0 : Math.round(clock.form === 'seconds' ? (ms - old) / 1000 : ms - old);
      for (const copy of copies) {
        const quoted = quoteName(this.#driver.dialect, this.#spelled(copy.name, shape));
        set += `, ${quoted} = ${quoted} + ?`;
        params.push(by);
      }
      const after = moveInside(inside, before, { name, ms, before: old });
      if (Buffer.compare(before, after) !== 0) {
        const guard = this.#guard(row[2], shape, sql);
        set += `, ${quoteName(this.#driver.dialect, shape.data.name)} = ?`;
        params.push(dataValue(after, await this.#holdsBytes(id, shape, sql), this.#driver.where));
        where += ` AND ${guard.sql}`;
        conditions.push(...guard.params);
      }
    }
    const result = await this.#driver.run(
      `UPDATE ${shape.quoted} SET ${set}${sql.keep(clock.name)} WHERE ${where}`,
      [...params, ...conditions],
      { write: true },
    );
    if (result.changes === 0) return (await this.#row(id, shape, sql)) === undefined ? 'gone' : 'stale';
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
      `DELETE FROM ${shape.quoted} WHERE ${sql.hasId(1)}${condition}`,
      [idValue(id, shape), ...(guard?.params ?? [])],
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
    const columns = [shape.id, shape.data, ...(shape.clock === undefined ? [] : [shape.clock])];
    const names = columns.map(({ name }) => quote(name)).join(', ');
    const places = `(${['?', '?', sql.clockParameter].slice(0, columns.length).join(', ')})`;
    for (let at = 0; at < records.length; at += MANY) {
      const some = records.slice(at, at + MANY);
      const ids = some.map(({ id }) => id);
      const taken = await this.#driver.run(
        `SELECT count(*) FROM ${shape.quoted} WHERE ${sql.hasId(ids.length)}`,
        ids.map((id) => idValue(id, shape)),
      );
      if (Number(taken.rows[0]?.[0] ?? 0) > 0) {
        throw problem('exists', 'One of the new sessions is already there', { where: this.#driver.where });
      }
      const values = some.flatMap(({ id, bytes, lastUsed }): SqlValue[] => {
        this.#checkSize(bytes, shape);
        const row = [idValue(id, shape), dataValue(bytes, shape.data.bytes, this.#driver.where)];
        return shape.clock === undefined ? row : [...row, this.#clockText(lastUsed, shape)];
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
        `DELETE FROM ${shape.quoted} WHERE ${sql.hasId(some.length)}`,
        some.map((id) => idValue(id, shape)),
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
    this.#known ??= this.#findShape().then(
      (shape) => {
        const { clock, clockName, layout, foldsCase } = shape;
        // A column that the application only writes is shown, but nothing ends by it.
        const compared = clock !== undefined && layout.compares !== undefined;
        this.#layout = layout;
        this.#columnNames = shape.extras.map((extra) => extra.name);
        this.#traits = {
          ...this.#traits,
          canAge: compared && clockName === 'lastUsed',
          clock: compared ? { name: clockName, where: `column ${clock.name}` } : null,
          ...(!compared
            ? { cannotAge: layout.comparesNothing ?? `The table ${this.#table} has no column for the last use` }
            : {}),
          foldsCase,
        };
        return { shape, sql: expressions(this.#driver.dialect, shape) };
      },
      (error: unknown) => {
        this.#known = undefined;
        throw error;
      },
    );
    return this.#known;
  }

  async #findShape(): Promise<TableShape> {
    const shape = await tableShape(this.#driver, this.#table, this.#options.layouts, this.#options.as);
    const { clock, layout, quoted } = shape;
    if (clock === undefined || layout.guessesForm !== true) return shape;
    const column = quoteName(this.#driver.dialect, clock.name);
    const { rows } = await this.#driver.run(`SELECT max(${column}) FROM ${quoted}`);
    return { ...shape, clock: { ...clock, form: guessForm(clock.is, textOf(rows[0]?.[0])) } };
  }

  async *#rows(size: number, withData: boolean, signal: AbortSignal | undefined) {
    const { shape, sql } = await this.#describe();
    const key = shape.rowid ? 'rowid' : sql.id;
    const columns = [sql.id, sql.clock, sql.length, ...(withData ? this.#columns(sql) : []), key].join(', ');
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

  /** Columns of a whole record: id, clock, data, then the others. */
  #columns(sql: Expressions): string[] {
    return [sql.id, sql.clock, sql.bytes, ...sql.extras.map((extra) => extra.sql)];
  }

  async #row(id: string, shape: TableShape, sql: Expressions): Promise<readonly SqlValue[] | undefined> {
    const found = await this.#driver.run(
      `SELECT ${this.#columns(sql).join(', ')} FROM ${shape.quoted} WHERE ${sql.hasId(1)}`,
      [idValue(id, shape)],
    );
    return found.rows[0];
  }

  #record(row: readonly SqlValue[], shape: TableShape, sql: Expressions): StoredRecord {
    const bytes = bytesOf(row[2]);
    const text = textOf(row[1]);
    const extra: Record<string, string | null> = {};
    for (const [at, { name }] of sql.extras.entries()) extra[name] = textOf(row[3 + at]);
    return {
      id: this.#plainId(row[0]),
      bytes,
      revision: revisionOf(bytes),
      ...this.#clocks(text, shape),
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
            message: `The column ${shape.data.name} is NULL: there is no session to be loaded`,
            where: this.#driver.where,
          }
        : this.#driver.dialect === 'sqlite'
          ? shape.layout.clockProblem?.(text, shape.clock?.type)
          : undefined;
    return {
      id: this.#plainId(row[0]),
      ...this.#clocks(text, shape),
      bytes: Number(row[2] ?? 0),
      ...(reason === undefined ? {} : { problem: reason }),
    };
  }

  #plainId(value: SqlValue | undefined): string {
    const id = idText(value);
    return this.#driver.dialect === 'postgres' ? id.replace(/ +$/, '') : id;
  }

  #clocks(text: string | null, { clock, clockName }: TableShape): Pick<StoredRecord, 'lastUsed' | 'expires'> {
    const ms = clock === undefined ? null : readClock(text, clock.form, this.#zone);
    return clockName === 'expires' ? { lastUsed: null, expires: ms } : { lastUsed: ms };
  }

  /** The text that the application would have written at that moment. */
  #clockText(ms: number, { clock }: TableShape): string {
    const text = writeClock(ms, clock?.form ?? 'naive', { zone: this.#zone, precision: clock?.precision });
    if (text !== undefined) return text;
    throw problem('bad-time', 'A time lies between the years 1 and 9999', {
      remedy: 'Choose another time',
      where: this.#driver.where,
    });
  }

  /** A column's name as the database has it. */
  #spelled(name: string, { extras }: TableShape): string {
    return extras.find((one) => one.name.toLowerCase() === name)?.name ?? name;
  }

  /** A text column of SQLite may hold bytes (web.py 0.40 to 0.51): what is there decides. */
  async #holdsBytes(id: string, shape: TableShape, sql: Expressions): Promise<boolean> {
    if (this.#driver.dialect !== 'sqlite') return shape.data.bytes;
    const data = quoteName('sqlite', shape.data.name);
    const found = await this.#driver.run(`SELECT typeof(${data}) FROM ${shape.quoted} WHERE ${sql.hasId(1)}`, [
      idValue(id, shape),
    ]);
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

/** An id as its column takes it: bytes where it holds bytes. */
function idValue(id: string, shape: TableShape): SqlValue {
  return shape.id.bytes ? Buffer.from(id, 'utf8') : id;
}

/** An id as the application writes it. Bytes are text, without the NULs with which `BINARY(n)` fills up. */
function idText(value: SqlValue | undefined): string {
  if (typeof value !== 'object' || value === null) return textOf(value) ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value).replace(/\0+$/, '');
  } catch {
    return textOf(value) ?? '';
  }
}

/** Seconds of the year 5000: larger numbers are milliseconds. */
const LARGEST_SECONDS = 1e11;

function guessForm(is: ColumnClass | undefined, sample: string | null): TimeForm {
  if (is === 'time') return 'naive';
  if (sample !== null && /^-?\d+(\.\d+)?$/.test(sample)) {
    return Math.abs(Number(sample)) > LARGEST_SECONDS ? 'milliseconds' : 'seconds';
  }
  return sample !== null && /T.*(Z|[+-]\d\d:?\d\d)$/.test(sample) ? 'iso' : 'naive';
}
