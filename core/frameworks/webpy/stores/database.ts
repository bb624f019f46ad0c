import { MysqlDriver } from '../../../stores/sql/dialects/mysql/mysql-driver.ts';
import { PostgresDriver } from '../../../stores/sql/dialects/postgres/postgres-driver.ts';
import { SqliteDriver } from '../../../stores/sql/dialects/sqlite/sqlite-driver.ts';
import type { SqlDriver, SqlResult, SqlValue } from '../../../stores/sql/sql-driver.ts';
import type { ServerAddress } from '../../../stores/url.ts';

/** web.py's names of the parameters of `web.database`. */
export interface DatabaseParameters {
  readonly dbn: 'sqlite' | 'postgres' | 'mysql';
  /** The file (SQLite) or the name of the database. */
  readonly db: string;
  readonly user?: string;
  readonly pw?: string;
  /** `localhost` unless given. PostgreSQL: a folder for its unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly ssl?: ServerAddress['ssl'];
  /** Told each statement before it is sent, with `?` for the driver's placeholder. */
  readonly log?: (statement: Statement) => void;
}

export interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** A database for `DBStore`, and for statements of one's own. */
export class Database {
  readonly dbn: DatabaseParameters['dbn'];
  readonly driver: SqlDriver;
  readonly #log: DatabaseParameters['log'];

  constructor(driver: SqlDriver, log?: DatabaseParameters['log']) {
    this.dbn = driver.dialect;
    this.driver = driver;
    this.#log = log;
  }

  /** Carries out any statement, `?` for values; rows as objects by column name. */
  async query(sql: string, params: readonly SqlValue[] = []): Promise<Record<string, SqlValue>[]> {
    const { names, rows } = await this.run(sql, params, true);
    return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])));
  }

  /** The same with everything that the database says. A statement that only reads may be sent again after a lost connection. */
  run(sql: string, params: readonly SqlValue[], once: boolean): Promise<SqlResult> {
    this.#log?.({ sql, params });
    return this.driver.run(sql, params, { write: true, once });
  }

  close(): Promise<void> {
    return this.driver.close();
  }
}

/**
 * `web.database(dbn=…, db=…, user=…, pw=…)`. Connects at the first statement.
 * @throws ProblemError from the statements, when the database cannot be used
 */
export function database(parameters: DatabaseParameters): Database {
  const { dbn, db, log } = parameters;
  if (dbn === 'sqlite') return new Database(new SqliteDriver(db, { create: true, look: 'each-turn' }), log);
  const address: ServerAddress = {
    kind: dbn,
    host: parameters.host ?? 'localhost',
    port: parameters.port ?? (dbn === 'postgres' ? 5432 : 3306),
    ...(parameters.user === undefined ? {} : { user: parameters.user }),
    ...(parameters.pw === undefined ? {} : { password: parameters.pw }),
    ...(parameters.ssl === undefined ? {} : { ssl: parameters.ssl }),
    database: db,
    table: 'sessions',
  };
  return new Database(dbn === 'postgres' ? new PostgresDriver(address) : new MysqlDriver(address), log);
}
