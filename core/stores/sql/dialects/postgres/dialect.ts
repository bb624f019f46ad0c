import type { ColumnClass } from '../../../layout.ts';
import type { FoundTable, ListedTable, SqlDialect } from '../../dialect.ts';
import { type SqlDriver, textOf } from '../../sql-driver.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** PostgreSQL by its own catalogue, which knows what `information_schema` rounds off. */
export const postgresDialect: SqlDialect = {
  name: 'postgres',
  quote,
  table,
  tables,
  text: ({ bytes }, name) => (bytes ? name : `${name}::text`),
  data({ bytes }, name) {
    const plain = bytes ? name : `${name}::text`;
    return {
      bytes: plain,
      length: `octet_length(${plain})`,
      digest: `md5(${plain})`,
      unchanged: bytes ? `${name} = ?` : `${plain} COLLATE "C" = ?`,
    };
  },
  isOneOf: (_, name, count) => `${name} IN (${Array(count).fill('?').join(', ')})`,
  clock(column, name, form) {
    const zoned = /with time zone/.test(column.type);
    if (form === 'utc' && zoned) {
      return { read: `(${name} AT TIME ZONE 'UTC')::text`, write: `(CAST(? AS timestamp) AT TIME ZONE 'UTC')` };
    }
    if (form === 'server') {
      // The session's zone is that of the application's own sessions: the server's, unless it was set.
      const moment = `CAST(${name} AS timestamptz) AT TIME ZONE 'UTC'`;
      return { read: `(${moment})::text`, write: `(CAST(? AS timestamp) AT TIME ZONE 'UTC')` };
    }
    return { read: postgresDialect.text(column, name), write: '?' };
  },
};

async function table(driver: SqlDriver, given: string): Promise<FoundTable | undefined> {
  // `to_regclass` reads a name as a statement would: letter case and search path included. A quoted name is tried too.
  const exact = given
    .split('.')
    .map((part) => quote(part))
    .join('.');
  const found = await driver.run(
    `SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.atttypmod, t.typname
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.oid = coalesce(to_regclass(?), to_regclass(?)) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum`,
    [given, exact],
  );
  const first = found.rows[0];
  if (first === undefined) return undefined;
  const columns = found.rows.map((row) => {
    const type = textOf(row[3]) ?? '';
    const typename = textOf(row[5]);
    const modifier = Number(row[4]);
    const limited = (typename === 'bpchar' || typename === 'varchar') && modifier > 4;
    return {
      name: textOf(row[2]) ?? '',
      type,
      is: classOf(typename ?? ''),
      bytes: typename === 'bytea',
      onUpdate: false,
      padded: typename === 'bpchar',
      foldsCase: typename === 'citext',
      ...(limited ? { limit: modifier - 4, characters: modifier - 4 } : {}),
      ...(/^timestamp/.test(type) ? { precision: modifier >= 0 ? modifier : 6 } : {}),
    };
  });
  return {
    quoted: `${quote(textOf(first[0]) ?? '')}.${quote(textOf(first[1]) ?? '')}`,
    columns,
    rowid: false,
    utf8: true,
  };
}

async function tables(driver: SqlDriver): Promise<readonly ListedTable[]> {
  const { rows } = await driver.run(
    `SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
            a.attname, t.typname
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
       JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.relkind IN ('r', 'p', 'v', 'f') AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, a.attnum LIMIT 20000`,
  );
  const found = new Map<string, ListedTable['columns'][number][]>();
  for (const row of rows) {
    const name = textOf(row[0]) ?? '';
    const column = { name: textOf(row[1]) ?? '', is: classOf(textOf(row[2]) ?? '') };
    found.set(name, [...(found.get(name) ?? []), column]);
  }
  return [...found].map(([name, columns]) => ({ table: name, columns }));
}

function classOf(typename: string): ColumnClass | undefined {
  if (/^jsonb?$/.test(typename)) return 'json';
  if (/^timestamp|^date$/.test(typename)) return 'time';
  if (/^int/.test(typename)) return 'integer';
  if (/^(bpchar|varchar|text|citext|uuid|name)$/.test(typename)) return 'text';
  if (typename === 'bytea') return 'bytes';
  return /^(float|numeric)/.test(typename) ? 'number' : undefined;
}
