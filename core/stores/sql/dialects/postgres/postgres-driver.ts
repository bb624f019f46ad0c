import type pg from 'pg';
import type { ServerAddress } from '../../../address.ts';
import { maskStoreUrl, withoutSecret } from '../../../url-text.ts';
import { Recovery } from '../../recovery.ts';
import {
  numberPlaceholders,
  type RunOptions,
  type SqlDriver,
  type SqlResult,
  type SqlValue,
} from '../../sql-driver.ts';
import { sqlProblem } from '../../sql-problems.ts';
import { tlsOptions } from '../../tls-options.ts';

const BYTEA = 17;

/** A PostgreSQL database through a small pool. All values but `bytea` come as the server's own text. */
export class PostgresDriver implements SqlDriver {
  readonly dialect = 'postgres';
  readonly where: string;
  readonly #address: ServerAddress;
  readonly #recovery = new Recovery('postgres');
  readonly #texts = new Map<string, string>();
  #pool: Promise<pg.Pool> | undefined;

  constructor(address: ServerAddress) {
    this.#address = address;
    this.where = maskStoreUrl(`postgres://${address.user ?? ''}@${address.host}:${address.port}/${address.database}`);
  }

  async run(sql: string, params: readonly SqlValue[] = [], options: RunOptions = {}): Promise<SqlResult> {
    let text = this.#texts.get(sql);
    if (text === undefined) this.#texts.set(sql, (text = numberPlaceholders(sql)));
    const query = { text, values: params.map(sendable), rowMode: 'array' as const };
    try {
      const pool = await (this.#pool ??= makePool(this.#address));
      const result = await this.#recovery.run(() => pool.query<SqlValue[]>(query), options.once ?? false);
      return {
        names: result.fields.map((field) => field.name),
        rows: result.rows,
        changes: result.rowCount ?? 0,
      };
    } catch (error) {
      if (error instanceof Error) error.message = withoutSecret(error.message, this.#address);
      throw sqlProblem(error, 'postgres', this.where);
    }
  }

  async close(): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    this.#pool = undefined;
    await pool?.end();
  }
}

async function makePool(address: ServerAddress): Promise<pg.Pool> {
  const { default: driver } = await import('pg');
  const pool = new driver.Pool({
    host: address.host,
    port: address.port,
    database: address.database,
    ...(address.user === undefined ? {} : { user: address.user }),
    password: address.password ?? '',
    ...(address.ssl === undefined ? {} : { ssl: tlsOptions(address.ssl) }),
    max: 8,
    connectionTimeoutMillis: 8000,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
    statement_timeout: 30_000,
    lock_timeout: 3000,
    application_name: 'sessionscope',
    types: {
      getTypeParser: (oid: number) => (oid === BYTEA ? parseBytea : (text: string) => text),
    } as pg.CustomTypesConfig,
  });
  // An idle connection that the server ends: the pool drops it, and the next statement makes a new one.
  pool.on('error', () => {});
  return pool;
}

/** `\x68690a` (hex form) or the older escape form. */
function parseBytea(text: string | Buffer): Uint8Array {
  const form = String(text);
  if (form.startsWith('\\x')) return Buffer.from(form.slice(2), 'hex');
  const plain = form.replace(/\\(?:([0-7]{3})|\\)/g, (_, octal: string | undefined) =>
    octal === undefined ? '\\' : String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

/** The driver sends Buffers as bytes; other views would become JSON. */
function sendable(value: SqlValue): SqlValue {
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? String(value) : value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
