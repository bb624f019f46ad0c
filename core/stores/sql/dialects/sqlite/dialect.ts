import type { ColumnClass } from '../../../layout.ts';
import type { FoundTable, ListedTable, SqlDialect } from '../../dialect.ts';
import { type SqlDriver, textOf } from '../../sql-driver.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** SQLite by its introspection pragmas. Any word may stand for a type; what it contains decides, as in SQLite itself. */
export const sqliteDialect: SqlDialect = {
  name: 'sqlite',
  quote,
  table,
  tables,
  text: (_, name) => `CASE typeof(${name}) WHEN 'blob' THEN ${name} ELSE CAST(${name} AS TEXT) END`,
  data(_, name, { utf8 }) {
    // In a UTF-16 database the bytes of a text are not those that the application gets.
    const bytes = utf8 ? `CAST(${name} AS BLOB)` : name;
    return { bytes, length: `length(${bytes})`, unchanged: utf8 ? `${bytes} = ?` : `${name} = CAST(? AS TEXT)` };
  },
  // A column takes values of any type: an id that is bytes equals no text, and the other way round.
  isOneOf: (_, name, count) =>
    `${name} IN (WITH given(v) AS (VALUES ${Array(count).fill('(?)').join(', ')}) SELECT v FROM given UNION ALL ` +
    "SELECT CASE typeof(v) WHEN 'blob' THEN CAST(v AS TEXT) ELSE CAST(v AS BLOB) END FROM given)",
  clock: (column, name) => ({ read: sqliteDialect.text(column, name), write: '?' }),
};

async function table(driver: SqlDriver, given: string): Promise<FoundTable | undefined> {
  const parts = given.split('.');
  const name = parts.pop() ?? given;
  const schema = parts.length === 0 ? '' : `${quote(parts.join('.'))}.`;
  const info = await driver.run(`PRAGMA ${schema}table_xinfo(${quote(name)})`);
  if (info.rows.length === 0) return undefined;
  const made = await driver.run(`SELECT sql FROM ${schema}sqlite_master WHERE lower(name) = lower(?)`, [name]);
  const sql = textOf(made.rows[0]?.[0]) ?? '';
  const encoding = textOf((await driver.run('PRAGMA encoding')).rows[0]?.[0]) ?? 'UTF-8';
  return {
    quoted: schema + quote(name),
    columns: info.rows.map((row) => {
      const column = textOf(row[1]) ?? '';
      const type = (textOf(row[2]) ?? '').toLowerCase();
      return {
        name: column,
        type,
        is: classOf(type),
        bytes: type.includes('blob'),
        onUpdate: false,
        padded: false,
        foldsCase: new RegExp(`\\b${column.replace(/\W/g, '.')}\\b[^,]*collate\\s+nocase`, 'i').test(sql),
      };
    }),
    rowid: /^\s*create\s+table/i.test(sql) && !/without\s+rowid/i.test(sql.slice(sql.lastIndexOf(')'))),
    utf8: encoding === 'UTF-8',
  };
}

async function tables(driver: SqlDriver): Promise<readonly ListedTable[]> {
  const { rows } = await driver.run(
    `SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
      WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name LIMIT 20000`,
  );
  const found = new Map<string, ListedTable['columns'][number][]>();
  for (const row of rows) {
    const name = textOf(row[0]) ?? '';
    const column = { name: textOf(row[1]) ?? '', is: classOf((textOf(row[2]) ?? '').toLowerCase()) };
    found.set(name, [...(found.get(name) ?? []), column]);
  }
  return [...found].map(([name, columns]) => ({ table: name, columns }));
}

function classOf(type: string): ColumnClass | undefined {
  if (/json/.test(type)) return 'json';
  if (/date|time/.test(type)) return 'time';
  if (/int/.test(type)) return 'integer';
  if (/char|clob|text|string/.test(type)) return 'text';
  if (/blob|binary/.test(type)) return 'bytes';
  return /real|floa|doub|num|dec/.test(type) ? 'number' : undefined;
}
