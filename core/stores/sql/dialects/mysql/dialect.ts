import type { ColumnClass } from '../../../layout.ts';
import type { FoundTable, ListedTable, SqlDialect } from '../../dialect.ts';
import { type SqlDriver, textOf } from '../../sql-driver.ts';

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** MySQL and MariaDB by `information_schema`. */
export const mysqlDialect: SqlDialect = {
  name: 'mysql',
  quote,
  table,
  tables,
  text: ({ bytes }, name) => (bytes ? name : `CAST(${name} AS CHAR CHARACTER SET utf8mb4)`),
  data(column, name) {
    const bytes = column.bytes ? name : `CAST(CONVERT(${name} USING utf8mb4) AS BINARY)`;
    return {
      bytes,
      length: `LENGTH(${bytes})`,
      digest: `MD5(${bytes})`,
      unchanged: column.bytes ? `${name} = ?` : `${bytes} = CAST(? AS BINARY)`,
    };
  },
  isOneOf({ type }, name, count) {
    // The server fills `binary(n)` up with NULs when it stores a value, and not when it compares one.
    const width = /^binary\((\d+)\)/.exec(type)?.[1];
    const place = width === undefined ? '?' : `RPAD(?, ${width}, 0x00)`;
    return `${name} IN (${Array(count).fill(place).join(', ')})`;
  },
  clock(column, name, form) {
    // Columns of type `timestamp` are shown in the session's zone, `datetime` as it was written.
    if ((form === 'utc' || form === 'server') && column.type.startsWith('timestamp')) {
      const text = `CONVERT_TZ(${name}, @@session.time_zone, '+00:00')`;
      return {
        read: `CAST(${text} AS CHAR CHARACTER SET utf8mb4)`,
        write: `CONVERT_TZ(?, '+00:00', @@session.time_zone)`,
      };
    }
    return { read: mysqlDialect.text(column, name), write: '?' };
  },
};

async function table(driver: SqlDriver, given: string): Promise<FoundTable | undefined> {
  const parts = given.split('.');
  const name = parts.pop() ?? given;
  const schema = parts.length === 0 ? null : parts.join('.');
  const found = await driver.run(
    `SELECT column_name, column_type, data_type, datetime_precision, character_maximum_length, character_octet_length,
            extra, collation_name
       FROM information_schema.columns WHERE table_schema = coalesce(?, database()) AND table_name = ?
      ORDER BY ordinal_position`,
    [schema, name],
  );
  if (found.rows.length === 0) return undefined;
  const columns = found.rows.map((row) => {
    const dataType = (textOf(row[2]) ?? '').toLowerCase();
    const precision = textOf(row[3]);
    const characters = textOf(row[4]);
    const limit = textOf(row[5]);
    return {
      name: textOf(row[0]) ?? '',
      type: (textOf(row[1]) ?? '').toLowerCase(),
      is: classOf(dataType),
      bytes: /blob|binary/.test(dataType),
      onUpdate: /on update/i.test(textOf(row[6]) ?? ''),
      padded: false,
      foldsCase: /_ci$/.test(textOf(row[7]) ?? ''),
      ...(limit === null ? {} : { limit: Number(limit) }),
      ...(characters === null ? {} : { characters: Number(characters) }),
      ...(precision === null ? {} : { precision: Number(precision) }),
    };
  });
  const quoted = `${schema === null ? '' : `${quote(schema)}.`}${quote(name)}`;
  return { quoted, columns, rowid: false, utf8: true };
}

async function tables(driver: SqlDriver): Promise<readonly ListedTable[]> {
  const { rows } = await driver.run(
    `SELECT table_name, column_name, data_type FROM information_schema.columns
      WHERE table_schema = database() ORDER BY table_name, ordinal_position LIMIT 20000`,
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
  if (type === 'json') return 'json';
  if (/date|time/.test(type)) return 'time';
  if (/int/.test(type)) return 'integer';
  if (/char|text|enum/.test(type)) return 'text';
  if (/blob|binary/.test(type)) return 'bytes';
  return /float|double|decimal/.test(type) ? 'number' : undefined;
}
