import { joinValues, type NamedValue, splitValues } from '../../model/named-values.ts';
import { problem } from '../../model/problem.ts';
import type {
  RecordListing,
  RecordPage,
  RecordPageQuery,
  RecordStore,
  Revision,
  ScannedRecord,
  StoredRecord,
  StoreLayout,
  StoreTraits,
  WriteOutcome,
} from '../../model/record.ts';
import type { TableLayout } from '../layout.ts';
import { revisionOf } from '../revision.ts';
import type { DataExpressions } from './dialect.ts';
import { DIALECTS } from './dialects/dialects.ts';
import { bytesOf, type SqlDriver, type SqlValue, textOf } from './sql-driver.ts';
import type { SqlRecordStore } from './sql-record-store.ts';

/** Sessions of which the attributes are read by one statement. */
const TOGETHER = 200;

type Attributes = NonNullable<TableLayout['attributes']>;

interface Place {
  /** The table of the attributes and its columns, quoted. */
  readonly table: string;
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly data: DataExpressions;
  isKey(count: number): string;
}

/**
 * Sessions of two tables: one row for each session, and one row for each of its attributes in another. The rows of the
 * first are the other store's business; here the attributes are joined to a record, and written back one by one, each
 * under the guard that nobody changed it meanwhile.
 */
export class AttributeRecordStore implements RecordStore {
  readonly #sessions: SqlRecordStore;
  readonly #driver: SqlDriver;
  readonly #table: string;
  readonly #attributes: Attributes;
  #known: Promise<Place> | undefined;

  constructor(sessions: SqlRecordStore, driver: SqlDriver, table: string, attributes: Attributes) {
    this.#sessions = sessions;
    this.#driver = driver;
    this.#table = table;
    this.#attributes = attributes;
  }

  get url(): string {
    return this.#sessions.url;
  }

  get traits(): StoreTraits {
    return this.#sessions.traits;
  }

  get layout(): StoreLayout | undefined {
    return this.#sessions.layout;
  }

  /** Looks the second table up. @throws ProblemError `table-missing`, `table-shape` */
  async check(): Promise<void> {
    await this.#place();
  }

  list(signal?: AbortSignal): AsyncIterable<RecordListing> {
    return this.#sessions.list(signal);
  }

  async *scan(signal?: AbortSignal): AsyncIterable<ScannedRecord> {
    let some: ScannedRecord[] = [];
    for await (const one of this.#sessions.scan(signal)) {
      some.push(one);
      if (some.length < TOGETHER) continue;
      yield* await this.#joined(some);
      some = [];
    }
    yield* await this.#joined(some);
  }

  page(query: RecordPageQuery, signal?: AbortSignal): Promise<RecordPage> {
    return this.#sessions.page(query, signal);
  }

  count(signal?: AbortSignal): Promise<number> {
    return this.#sessions.count(signal);
  }

  async read(id: string): Promise<StoredRecord | undefined> {
    const session = await this.#sessions.read(id);
    if (session === undefined) return undefined;
    const values = await this.#values([this.#keyOf(session)]);
    return withValues(session, values.get(this.#keyOf(session)) ?? []);
  }

  async replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome> {
    const before = await this.read(id);
    if (before === undefined) return 'gone';
    if (before.revision !== expected) return 'stale';
    const was = valuesOf(before.bytes, this.#driver.where);
    const wanted = valuesOf(bytes, this.#driver.where);
    const key = this.#keyOf(before);
    const done: (() => Promise<boolean>)[] = [];
    for (const change of changesOf(was, wanted)) {
      const written = await this.#write(key, change).catch(async (error: unknown) => {
        await takeBack(done);
        throw error;
      });
      if (!written) {
        await takeBack(done);
        return (await this.#sessions.read(id)) === undefined ? 'gone' : 'stale';
      }
      done.push(() => this.#write(key, { name: change.name, before: change.after, after: change.before }));
    }
    return 'written';
  }

  async create(id: string, bytes: Uint8Array, clock: number, extra?: StoredRecord['extra']): Promise<void> {
    const values = valuesOf(bytes, this.#driver.where);
    const columns = extra ?? this.#attributes.fresh(id, clock);
    await this.#sessions.create(id, new TextEncoder().encode(id), clock, this.#named(columns));
    const session = await this.#sessions.read(id);
    if (session === undefined) return;
    for (const { name, bytes: after } of values) {
      await this.#write(this.#keyOf(session), { name, before: undefined, after });
    }
  }

  setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    return this.#sessions.setLastUsed(id, lastUsed);
  }

  setExpires(id: string, expires: number): Promise<WriteOutcome> {
    return this.#sessions.setExpires(id, expires);
  }

  async remove(id: string, expected?: Revision): Promise<WriteOutcome> {
    const record = await this.read(id);
    if (record === undefined) return 'gone';
    if (expected !== undefined && record.revision !== expected) return 'stale';
    const { table, isKey } = await this.#place();
    // The attributes first: most databases refuse a session away from under them, and SQLite leaves them behind.
    await this.#driver.run(`DELETE FROM ${table} WHERE ${isKey(1)}`, [this.#keyOf(record)], { write: true });
    return this.#sessions.remove(id);
  }

  watch(onChange: (ids: readonly string[] | undefined) => void): () => void {
    return this.#sessions.watch(onChange);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  async #joined(some: readonly ScannedRecord[]): Promise<ScannedRecord[]> {
    const keys = some.flatMap(({ record }) => (record === undefined ? [] : [this.#keyOf(record)]));
    const values = await this.#values(keys);
    return some.map(({ listing, record }) => {
      if (record === undefined) return { listing };
      const whole = withValues(record, values.get(this.#keyOf(record)) ?? []);
      return { listing: { ...listing, bytes: whole.bytes.length }, record: whole };
    });
  }

  /** The attributes of several sessions, in order of their names. */
  async #values(keys: readonly string[]): Promise<Map<string, NamedValue[]>> {
    const found = new Map<string, NamedValue[]>();
    if (keys.length === 0) return found;
    const { table, key, name, data, isKey } = await this.#place();
    const { rows } = await this.#driver.run(
      `SELECT ${key}, ${name}, ${data.bytes} FROM ${table} WHERE ${isKey(keys.length)} ORDER BY 1, 2`,
      keys,
    );
    for (const [of, attribute, bytes] of rows) {
      const session = (textOf(of) ?? '').trimEnd();
      const list = found.get(session) ?? [];
      list.push({ name: textOf(attribute) ?? '', bytes: Uint8Array.from(bytesOf(bytes)) });
      found.set(session, list);
    }
    return found;
  }

  /** One attribute made, changed or removed; false when it is not as it was `before`. */
  async #write(key: string, { name, before, after }: Change): Promise<boolean> {
    const place = await this.#place();
    const which = `${place.isKey(1)} AND ${place.name} = ?`;
    const run = (sql: string, params: readonly SqlValue[]) => this.#driver.run(sql, params, { write: true });
    if (before === undefined) {
      const there = await this.#driver.run(`SELECT count(*) FROM ${place.table} WHERE ${which}`, [key, name]);
      if (Number(there.rows[0]?.[0] ?? 0) > 0 || after === undefined) return false;
      await run(`INSERT INTO ${place.table} (${place.key}, ${place.name}, ${place.value}) VALUES (?, ?, ?)`, [
        key,
        name,
        after,
      ]);
      return true;
    }
    const guard = `${which} AND ${place.data.unchanged}`;
    const { changes } =
      after === undefined
        ? await run(`DELETE FROM ${place.table} WHERE ${guard}`, [key, name, before])
        : await run(`UPDATE ${place.table} SET ${place.value} = ? WHERE ${guard}`, [after, key, name, before]);
    return changes > 0;
  }

  #keyOf(session: StoredRecord): string {
    const { parent } = this.#attributes;
    const found = Object.entries(session.extra ?? {}).find(([name]) => name.toLowerCase() === parent);
    return (found?.[1] ?? session.id).trimEnd();
  }

  /** Columns as the database spells their names. */
  #named(columns: NonNullable<StoredRecord['extra']>): NonNullable<StoredRecord['extra']> {
    const spelled = this.#sessions.columnNames;
    return Object.fromEntries(
      Object.entries(columns).map(([name, value]) => [
        spelled.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name,
        value,
      ]),
    );
  }

  #place(): Promise<Place> {
    this.#known ??= this.#find().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    });
    return this.#known;
  }

  async #find(): Promise<Place> {
    const dialect = DIALECTS[this.#driver.dialect];
    const { suffix, key, name, value } = this.#attributes;
    const table = this.#table + (/[A-Z]/.test(this.#table) ? suffix.toUpperCase() : suffix);
    const found = await dialect.table(this.#driver, table);
    if (found === undefined) {
      throw problem('table-missing', `There is no table ${table} in ${this.#driver.where}`, {
        remedy: `It holds the attributes of the sessions in ${this.#table}. Create it, or attach the right table`,
        where: this.#driver.where,
      });
    }
    const column = (wanted: string) => {
      const one = found.columns.find((candidate) => candidate.name.toLowerCase() === wanted);
      if (one !== undefined) return one;
      throw problem('table-shape', `The table ${table} in ${this.#driver.where} has no column ${wanted}`, {
        remedy: `It has the columns ${found.columns.map((other) => other.name).join(', ')}`,
        where: this.#driver.where,
      });
    };
    const [keyColumn, nameColumn, valueColumn] = [column(key), column(name), column(value)];
    const quoted = dialect.quote(keyColumn.name);
    return {
      table: found.quoted,
      key: quoted,
      name: dialect.quote(nameColumn.name),
      value: dialect.quote(valueColumn.name),
      data: dialect.data(valueColumn, dialect.quote(valueColumn.name), found),
      isKey: (count) => dialect.isOneOf(keyColumn, quoted, count),
    };
  }
}

/** An attribute before and after; undefined: it is not there. */
interface Change {
  readonly name: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

function changesOf(was: readonly NamedValue[], wanted: readonly NamedValue[]): Change[] {
  const changes: Change[] = [];
  for (const { name, bytes } of was) {
    const after = wanted.find((one) => one.name === name)?.bytes;
    if (after === undefined || Buffer.compare(bytes, after) !== 0) changes.push({ name, before: bytes, after });
  }
  for (const { name, bytes } of wanted) {
    if (!was.some((one) => one.name === name)) changes.push({ name, before: undefined, after: bytes });
  }
  return changes;
}

/** What was written before another change was refused is taken back, the latest first. */
async function takeBack(done: readonly (() => Promise<boolean>)[]): Promise<void> {
  for (const undo of [...done].reverse()) await undo();
}

function withValues(session: StoredRecord, values: readonly NamedValue[]): StoredRecord {
  const bytes = joinValues(values);
  return { ...session, bytes, revision: revisionOf(bytes) };
}

/** @throws ProblemError `layer-form` for bytes that are no values with their names */
function valuesOf(bytes: Uint8Array, where: string): readonly NamedValue[] {
  const values = splitValues(bytes);
  if (typeof values !== 'number') return values;
  throw problem('layer-form', 'A session here consists of values with their names, and these bytes do not', {
    remedy: 'Change a value of the session instead of its bytes',
    where,
    at: values,
  });
}
