import { createHash } from 'node:crypto';
import { changedKeys, poll } from '../watchers.ts';
import { bytesOf, type SqlDriver, type SqlValue, textOf } from './sql-driver.ts';
import type { Expressions } from './sql-expressions.ts';
import { quoteName, type TableShape } from './table-shape.ts';

const PAGE = 2000;
/** Of a table with more rows only what is cheap is looked at, and it is said that something changed, not what. */
const MOST_DIGESTS = 20_000;
/** Parts of the time that looking at a large table on a server may take. */
const SHARE = 50;

/**
 * Finds changed rows by asking again every `pollMs`: a digest of data and `atime` per row, made by the server where it
 * can. A database that says by its version that nobody has written is not read.
 */
export function watchTable(
  driver: SqlDriver,
  describe: () => Promise<{ shape: TableShape; sql: Expressions }>,
  pollMs: number,
  plainId: (value: SqlValue | undefined) => string,
  onChange: (ids: readonly string[] | undefined) => void,
): () => void {
  let before: Map<string, string> | undefined;
  let version: string | undefined;
  let large: string | undefined;
  let notBefore = 0;
  return poll(pollMs, async () => {
    const { shape, sql } = await describe();
    if (large !== undefined) {
      if (performance.now() < notBefore) return;
      const began = performance.now();
      const now = await summary(driver, shape, sql);
      notBefore = performance.now() + (performance.now() - began) * SHARE;
      if (now !== large) onChange(undefined);
      large = now;
      return;
    }
    const written = await driver.version?.();
    if (written !== undefined && written === version && before !== undefined) return;
    version = written;
    const now = await digests(driver, shape, sql, plainId);
    if (now === undefined) {
      large = await summary(driver, shape, sql);
      return;
    }
    const changed = before === undefined ? [] : changedKeys(before, now);
    before = now;
    if (changed.length > 0) onChange(changed);
  });
}

/**
 * What changes with nearly every write to a large table: for SQLite its version (a look at files), for PostgreSQL the
 * counters that the server keeps anyway, for MySQL number and latest clock.
 */
async function summary(driver: SqlDriver, shape: TableShape, sql: Expressions): Promise<string> {
  const version = await driver.version?.();
  if (version !== undefined) return version;
  if (driver.dialect === 'sqlite') return `${performance.now()}`;
  if (driver.dialect === 'postgres') {
    const { rows } = await driver.run(
      'SELECT n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_all_tables WHERE relid = to_regclass(?)',
      [shape.quoted],
    );
    return rows.flat().map(String).join(' ');
  }
  const clock = shape.clock === undefined ? 'NULL' : `max(${quoteName(driver.dialect, shape.clock.name)})`;
  const { rows } = await driver.run(`SELECT count(${sql.id}), ${clock} FROM ${shape.quoted}`);
  return rows.flat().map(String).join(' ');
}

async function digests(
  driver: SqlDriver,
  shape: TableShape,
  sql: Expressions,
  plainId: (value: SqlValue | undefined) => string,
): Promise<Map<string, string> | undefined> {
  const found = new Map<string, string>();
  const key = shape.rowid ? 'rowid' : sql.id;
  const columns = [sql.id, sql.clock, sql.digest ?? sql.bytes, key].join(', ');
  let last: SqlValue = null;
  do {
    const { rows }: { rows: readonly (readonly SqlValue[])[] } = await driver.run(
      `SELECT ${columns} FROM ${shape.quoted}${last === null ? '' : ` WHERE ${key} > ?`} ORDER BY ${key} LIMIT ${PAGE}`,
      last === null ? [] : [last],
    );
    for (const row of rows) {
      const digest =
        sql.digest === undefined ? createHash('md5').update(bytesOf(row[2])).digest('base64') : textOf(row[2]);
      if (row[0] !== null) found.set(plainId(row[0]), `${digest} ${textOf(row[1])}`);
    }
    if (found.size > MOST_DIGESTS) return undefined;
    last = rows[PAGE - 1]?.[3] ?? null;
  } while (last !== null);
  return found;
}
