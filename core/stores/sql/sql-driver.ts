export type SqlValue = string | number | bigint | Uint8Array | null;

export type SqlDialectName = 'sqlite' | 'postgres' | 'mysql';

export interface SqlResult {
  /** Names of the columns; empty for a statement that returns no rows. */
  readonly names: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** Rows written (found, for an UPDATE that changes nothing). */
  readonly changes: number;
  /** SQLite: the declared type of each column, null for an expression. */
  readonly declared?: readonly (string | null)[];
}

export interface RunOptions {
  /** It changes something: SQLite opens the file for writing. */
  readonly write?: boolean;
  /**
   * Sent at most once. Other statements, which may as well be carried out twice, are sent again on a new connection
   * when the first one is found dead.
   */
  readonly once?: boolean;
}

/**
 * A database that answers statements written with `?`. Values come as the database's own text (dates, numbers of
 * servers) or as bytes; nothing is turned into dates of the local zone. Failures are ProblemErrors.
 */
export interface SqlDriver {
  readonly dialect: SqlDialectName;
  /** The place for messages: a path, or a URL without password. */
  readonly where: string;
  run(sql: string, params?: readonly SqlValue[], options?: RunOptions): Promise<SqlResult>;
  /** Changes whenever somebody writes to the database, and costs next to nothing; undefined where it is not known. */
  version?(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** `?` → `$1`, `$2`, … as PostgreSQL wants them, but not inside quotes. */
export function numberPlaceholders(sql: string): string {
  let count = 0;
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g, (found) => (found === '?' ? `$${++count}` : found));
}

/** Bytes of a value that may be text or bytes. */
export function bytesOf(value: SqlValue | undefined): Uint8Array {
  if (value === null || value === undefined) return new Uint8Array();
  if (typeof value === 'object') return value;
  return Buffer.from(String(value), 'utf8');
}

/** Text of a value; bytes as `x'…'`. */
export function textOf(value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'object') return `x'${Buffer.from(value).toString('hex')}'`;
  return String(value);
}
