import type { ServerAddress, SqliteAddress } from '../../address.ts';
import type { SqlDriver } from '../sql-driver.ts';
import { MysqlDriver } from './mysql/mysql-driver.ts';
import { PostgresDriver } from './postgres/postgres-driver.ts';
import { SqliteDriver } from './sqlite/sqlite-driver.ts';

/** A driver for the database of an address. */
export function driverFor(address: SqliteAddress | ServerAddress, purpose: 'look' | 'use' = 'look'): SqlDriver {
  if (address.kind === 'sqlite') {
    const use = purpose === 'use';
    return new SqliteDriver(address.path, { create: use, look: use ? 'each-turn' : 'each-statement' });
  }
  return address.kind === 'postgres' ? new PostgresDriver(address) : new MysqlDriver(address);
}
