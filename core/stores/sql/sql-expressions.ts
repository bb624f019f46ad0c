import { problem } from '../../model/problem.ts';
import type { SqlDialectName, SqlValue } from './sql-driver.ts';
import { quoteName, type TableColumn, type TableShape } from './table-shape.ts';

/**
 * How one database spells what the record store needs of a column. Everything is asked for as text or bytes, so that
 * no driver turns it into something else on the way.
 */
export interface Expressions {
  readonly id: string;
  /** Text of `atime`; NULL when there is none. */
  readonly atime: string;
  /** Stored bytes of `data`. */
  readonly bytes: string;
  readonly length: string;
  /** A digest of `data` made by the server; absent where it has none. */
  readonly digest?: string;
  /** Condition: the stored bytes are exactly the parameter. */
  readonly unchanged: string;
  readonly extras: readonly { readonly name: string; readonly sql: string }[];
  /** `col = col` for each column that MySQL would otherwise set anew, preceded by a comma. */
  readonly keep: (except?: string) => string;
}

export function expressions(dialect: SqlDialectName, shape: TableShape): Expressions {
  const name = (column: TableColumn) => quoteName(dialect, column.name);
  const data = name(shape.data);
  const columns = [...shape.extras, ...(shape.atime === undefined ? [] : [shape.atime])];
  const keep = (except?: string) =>
    columns
      .filter((column) => column.onUpdate && column.name !== except)
      .map((column) => `, ${name(column)} = ${name(column)}`)
      .join('');
  const text = (column: TableColumn) => asText(dialect, column, name(column));
  return {
    id: name(shape.id),
    atime: shape.atime === undefined ? 'NULL' : text(shape.atime),
    extras: shape.extras.map((column) => ({ name: column.name, sql: text(column) })),
    keep,
    ...dataExpressions(dialect, shape, data),
  };
}

function asText(dialect: SqlDialectName, column: TableColumn, name: string): string {
  if (dialect === 'sqlite') return `CASE typeof(${name}) WHEN 'blob' THEN ${name} ELSE CAST(${name} AS TEXT) END`;
  if (dialect === 'postgres') return column.bytes ? name : `${name}::text`;
  return column.bytes ? name : `CAST(${name} AS CHAR CHARACTER SET utf8mb4)`;
}

type DataExpressions = Pick<Expressions, 'bytes' | 'length' | 'digest' | 'unchanged'>;

function dataExpressions(dialect: SqlDialectName, shape: TableShape, data: string): DataExpressions {
  if (dialect === 'sqlite') {
    // In a UTF-16 database the bytes of a text are not those that web.py gets.
    const bytes = shape.utf8 ? `CAST(${data} AS BLOB)` : data;
    return { bytes, length: `length(${bytes})`, unchanged: shape.utf8 ? `${bytes} = ?` : `${data} = CAST(? AS TEXT)` };
  }
  if (dialect === 'postgres') {
    const plain = shape.data.bytes ? data : `${data}::text`;
    return {
      bytes: plain,
      length: `octet_length(${plain})`,
      digest: `md5(${plain})`,
      unchanged: shape.data.bytes ? `${data} = ?` : `${plain} COLLATE "C" = ?`,
    };
  }
  const bytes = shape.data.bytes ? data : `CAST(CONVERT(${data} USING utf8mb4) AS BINARY)`;
  return {
    bytes,
    length: `LENGTH(${bytes})`,
    digest: `MD5(${bytes})`,
    unchanged: shape.data.bytes ? `${data} = ?` : `${bytes} = CAST(? AS BINARY)`,
  };
}

/**
 * Session bytes as a value for a column: text for text columns.
 * @throws ProblemError `not-text` for bytes that a text column cannot hold
 */
export function dataValue(bytes: Uint8Array, asBytes: boolean, where: string): SqlValue {
  if (asBytes) return bytes;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Told below.
  }
  throw problem('not-text', 'These bytes are not text, and the column data holds text', {
    remedy: "web.py stores base64 here. Keep the record's outermost layer",
    where,
  });
}
