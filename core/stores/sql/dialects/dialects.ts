import type { SqlDialect } from '../dialect.ts';
import type { SqlDialectName } from '../sql-driver.ts';
import { mysqlDialect } from './mysql/dialect.ts';
import { postgresDialect } from './postgres/dialect.ts';
import { sqliteDialect } from './sqlite/dialect.ts';

/** Every dialect there is, by name. */
export const DIALECTS: Readonly<Record<SqlDialectName, SqlDialect>> = {
  sqlite: sqliteDialect,
  postgres: postgresDialect,
  mysql: mysqlDialect,
};
