import { problem } from '../../model/problem.ts';
import { type SqlDriver, type SqlValue, textOf } from './sql-driver.ts';

export interface TableColumn {
  readonly name: string;
  /** The declared type as the database prints it, in lower case: `char(128)`, `timestamp with time zone`, `bytea`. */
  readonly type: string;
  /** Holds bytes, not text. */
  readonly bytes: boolean;
  /** Digits of the fraction of a second, where the database has such a limit. */
  readonly precision?: number;
  /** Most bytes (data) or characters (ids) it takes, where it has a limit. */
  readonly limit?: number;
  /** MySQL sets it anew on every change of the row, unless told otherwise. */
  readonly onUpdate: boolean;
}

/** What has to be known of a table of web.py sessions before its rows are read. Names are as the database has them. */
export interface TableShape {
  /** Quoted, schema included: ready for a statement. */
  readonly quoted: string;
  readonly id: TableColumn;
  /** Absent in a table without `atime`: then no last use is known. */
  readonly atime?: TableColumn;
  readonly data: TableColumn;
  readonly extras: readonly TableColumn[];
  /** PostgreSQL gives ids of a `char(n)` column padded with spaces. */
  readonly paddedIds: boolean;
  readonly foldsCase: boolean;
  /** SQLite: rows have a number to page by, and text is kept as UTF-8. */
  readonly rowid: boolean;
  readonly utf8: boolean;
}

/**
 * Looks up a table's columns.
 * @throws ProblemError `table-missing`, `table-shape`
 */
export async function tableShape(driver: SqlDriver, table: string): Promise<TableShape> {
  const found =
    driver.dialect === 'sqlite'
      ? await sqliteColumns(driver, table)
      : driver.dialect === 'postgres'
        ? await postgresColumns(driver, table)
        : await mysqlColumns(driver, table);
  const pick = (name: string) => found.columns.find((column) => column.name.toLowerCase() === name);
  const id = pick('session_id');
  const data = pick('data');
  const atime = pick('atime');
  if (id === undefined || data === undefined) {
    const missing = id === undefined ? 'session_id' : 'data';
    throw problem('table-shape', `The table ${table} in ${driver.where} has no column ${missing}`, {
      remedy: "A table of web.py's sessions has the columns session_id, atime and data",
      where: driver.where,
    });
  }
  const extras = found.columns.filter((column) => column !== id && column !== data && column !== atime);
  const { columns: _, ...facts } = found;
  return { ...facts, id, data, extras, ...(atime === undefined ? {} : { atime }) };
}

/** Names quoted for a statement, so that any table can be named. */
export function quoteName(dialect: SqlDriver['dialect'], name: string): string {
  return dialect === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;
}

type Found = Omit<TableShape, 'id' | 'atime' | 'data' | 'extras'> & { readonly columns: readonly TableColumn[] };

async function sqliteColumns(driver: SqlDriver, table: string): Promise<Found> {
  const parts = table.split('.');
  const name = parts.pop() ?? table;
  const schema = parts.length === 0 ? '' : `${quoteName('sqlite', parts.join('.'))}.`;
  const quoted = schema + quoteName('sqlite', name);
  const info = await driver.run(`PRAGMA ${schema}table_xinfo(${quoteName('sqlite', name)})`);
  if (info.rows.length === 0) throw await missing(driver, table);
  const made = await driver.run(`SELECT sql FROM ${schema}sqlite_master WHERE lower(name) = lower(?)`, [name]);
  const sql = textOf(made.rows[0]?.[0]) ?? '';
  const encoding = textOf((await driver.run('PRAGMA encoding')).rows[0]?.[0]) ?? 'UTF-8';
  return {
    quoted,
    columns: info.rows.map((row) => {
      const type = (textOf(row[2]) ?? '').toLowerCase();
      return { name: textOf(row[1]) ?? '', type, bytes: type.includes('blob'), onUpdate: false };
    }),
    paddedIds: false,
    foldsCase: /session_id[^,]*collate\s+nocase/i.test(sql),
    rowid: /^\s*create\s+table/i.test(sql) && !/without\s+rowid/i.test(sql.slice(sql.lastIndexOf(')'))),
    utf8: encoding === 'UTF-8',
  };
}

async function postgresColumns(driver: SqlDriver, table: string): Promise<Found> {
  // `to_regclass` reads a name as a statement would: letter case and search path included. A quoted name is tried too.
  const exact = table
    .split('.')
    .map((part) => quoteName('postgres', part))
    .join('.');
  const found = await driver.run(
    `SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.atttypmod, t.typname
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.oid = coalesce(to_regclass(?), to_regclass(?)) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum`,
    [table, exact],
  );
  const first = found.rows[0];
  if (first === undefined) throw await missing(driver, table);
  const columns = found.rows.map((row) => {
    const type = textOf(row[3]) ?? '';
    const typename = textOf(row[5]);
    const modifier = Number(row[4]);
    const limited = (typename === 'bpchar' || typename === 'varchar') && modifier > 4;
    return {
      name: textOf(row[2]) ?? '',
      type,
      bytes: typename === 'bytea',
      onUpdate: false,
      ...(limited ? { limit: modifier - 4 } : {}),
      ...(/^timestamp/.test(type) ? { precision: modifier >= 0 ? modifier : 6 } : {}),
    };
  });
  const id = found.rows.find((row) => textOf(row[2]) === 'session_id');
  return {
    quoted: `${quoteName('postgres', textOf(first[0]) ?? '')}.${quoteName('postgres', textOf(first[1]) ?? '')}`,
    columns,
    paddedIds: textOf(id?.[5]) === 'bpchar',
    foldsCase: textOf(id?.[5]) === 'citext',
    rowid: false,
    utf8: true,
  };
}

async function mysqlColumns(driver: SqlDriver, table: string): Promise<Found> {
  const parts = table.split('.');
  const name = parts.pop() ?? table;
  const schema = parts.length === 0 ? null : parts.join('.');
  const found = await driver.run(
    `SELECT table_schema, table_name, column_name, column_type, data_type, datetime_precision,
            character_maximum_length, character_octet_length, extra, collation_name
       FROM information_schema.columns WHERE table_schema = coalesce(?, database()) AND table_name = ?
      ORDER BY ordinal_position`,
    [schema, name],
  );
  if (found.rows.length === 0) throw await missing(driver, table);
  const columns = found.rows.map((row) => {
    const column = textOf(row[2]) ?? '';
    const dataType = (textOf(row[4]) ?? '').toLowerCase();
    const limit = textOf(column.toLowerCase() === 'session_id' ? row[6] : row[7]);
    const precision = textOf(row[5]);
    return {
      name: column,
      type: (textOf(row[3]) ?? '').toLowerCase(),
      bytes: /blob|binary/.test(dataType),
      onUpdate: /on update/i.test(textOf(row[8]) ?? ''),
      ...(limit === null ? {} : { limit: Number(limit) }),
      ...(precision === null ? {} : { precision: Number(precision) }),
    };
  });
  const collation = found.rows.find((row) => textOf(row[2])?.toLowerCase() === 'session_id')?.[9];
  const quotedSchema = schema === null ? '' : `${quoteName('mysql', schema)}.`;
  return {
    quoted: `${quotedSchema}${quoteName('mysql', name)}`,
    columns,
    paddedIds: false,
    foldsCase: /_ci$/.test(textOf(collation) ?? ''),
    rowid: false,
    utf8: true,
  };
}

async function missing(driver: SqlDriver, table: string) {
  const others = await detectTables(driver).catch(() => []);
  const hint = others.length === 0 ? '' : ` Tables here that look like sessions: ${others.join(', ')}.`;
  return problem('table-missing', `There is no table ${table} in ${driver.where}.${hint}`, {
    remedy:
      others.length > 0
        ? `Name the table in the URL: ?table=${others[0] ?? 'sessions'}`
        : 'Name it in the URL with ?table=NAME, or create it: create table sessions (session_id char(128) UNIQUE ' +
          'NOT NULL, atime timestamp NOT NULL default current_timestamp, data text)',
    where: driver.where,
  });
}

/** Tables that look like web.py sessions: those with columns `session_id`, `atime` and `data`, by name. */
export async function detectTables(driver: SqlDriver): Promise<string[]> {
  const names =
    driver.dialect === 'sqlite'
      ? await driver.run(
          `SELECT m.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type IN ('table', 'view')
            AND lower(c.name) IN ('session_id', 'atime', 'data') GROUP BY m.name HAVING count(*) = 3 ORDER BY m.name`,
        )
      : driver.dialect === 'postgres'
        ? await driver.run(
            `SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
              WHERE c.relkind IN ('r', 'p', 'v', 'f') AND NOT a.attisdropped
                AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND a.attname IN ('session_id', 'atime', 'data') GROUP BY c.oid, c.relname, n.nspname
             HAVING count(*) = 3 ORDER BY 1`,
          )
        : await driver.run(
            `SELECT table_name FROM information_schema.columns WHERE table_schema = database()
                AND lower(column_name) IN ('session_id', 'atime', 'data') GROUP BY table_name
             HAVING count(*) = 3 ORDER BY table_name`,
          );
  return names.rows.map((row: readonly SqlValue[]) => textOf(row[0]) ?? '');
}
