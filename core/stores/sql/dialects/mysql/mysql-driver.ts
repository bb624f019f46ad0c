import type mysql from 'mysql2/promise';
import type { ServerAddress } from '../../../address.ts';
import { maskStoreUrl, withoutSecret } from '../../../url-text.ts';
import { Recovery } from '../../recovery.ts';
import type { RunOptions, SqlDriver, SqlResult, SqlValue } from '../../sql-driver.ts';
import { sqlProblem } from '../../sql-problems.ts';
import { tlsOptions } from '../../tls-options.ts';

/**
 * A MySQL or MariaDB database through a small pool. Statements are prepared on the server, so that no value is ever
 * put into a statement's text: what escapes a quote depends on the server's `sql_mode`. Dates come as text.
 */
export class MysqlDriver implements SqlDriver {
  readonly dialect = 'mysql';
  readonly where: string;
  readonly #address: ServerAddress;
  readonly #recovery = new Recovery('mysql');
  #pool: Promise<mysql.Pool> | undefined;

  constructor(address: ServerAddress) {
    this.#address = address;
    this.where = maskStoreUrl(`mysql://${address.user ?? ''}@${address.host}:${address.port}/${address.database}`);
  }

  async run(sql: string, params: readonly SqlValue[] = [], options: RunOptions = {}): Promise<SqlResult> {
    try {
      const pool = await (this.#pool ??= makePool(this.#address));
      const values = params.map(sendable);
      const [result, fields] = await this.#recovery.run(
        // Statements that define things cannot always be prepared; they have no values.
        () => (values.length === 0 ? pool.query(sql) : pool.execute(sql, values)),
        options.once ?? false,
      );
      if (!Array.isArray(result)) return { names: [], rows: [], changes: result.affectedRows };
      return {
        names: (fields ?? []).map((field) => field.name),
        rows: result as unknown as SqlValue[][],
        changes: 0,
      };
    } catch (error) {
      if (error instanceof Error) error.message = withoutSecret(error.message, this.#address);
      throw sqlProblem(error, 'mysql', this.where);
    }
  }

  async close(): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    this.#pool = undefined;
    await pool?.end();
  }
}

async function makePool(address: ServerAddress): Promise<mysql.Pool> {
  const { default: driver } = await import('mysql2/promise');
  const pool = driver.createPool({
    ...(address.socket === undefined ? { host: address.host, port: address.port } : { socketPath: address.socket }),
    database: address.database,
    ...(address.user === undefined ? {} : { user: address.user }),
    password: address.password ?? '',
    ...(address.ssl === undefined ? {} : { ssl: tlsOptions(address.ssl) }),
    connectionLimit: 8,
    connectTimeout: 8000,
    idleTimeout: 30_000,
    maxIdle: 2,
    charset: 'utf8mb4',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    rowsAsArray: true,
    maxPreparedStatements: 64,
  });
  pool.pool.on('connection', (connection) => {
    // A row that somebody holds is an answer after 3 s, not after the server's 50.
    connection.query('SET SESSION innodb_lock_wait_timeout = 3', () => {});
    connection.on('error', () => {});
  });
  return pool;
}

function sendable(value: SqlValue): string | number | Buffer | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
