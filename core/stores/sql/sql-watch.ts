import { createHash } from 'node:crypto';
import { changedKeys, poll } from '../watchers.ts';
import { bytesOf, type SqlDriver, type SqlValue, textOf } from './sql-driver.ts';
import type { Expressions } from './sql-expressions.ts';
import type { TableShape } from './table-shape.ts';

const PAGE = 2000;

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
  return poll(pollMs, async () => {
    const { shape, sql } = await describe();
    const written = await driver.version?.();
    if (written !== undefined && written === version && before !== undefined) return;
    version = written;
    const now = await digests(driver, shape, sql, plainId);
    const changed = before === undefined ? [] : changedKeys(before, now);
    before = now;
    if (changed.length > 0) onChange(changed);
  });
}

async function digests(
  driver: SqlDriver,
  shape: TableShape,
  sql: Expressions,
  plainId: (value: SqlValue | undefined) => string,
): Promise<Map<string, string>> {
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
    last = rows[PAGE - 1]?.[3] ?? null;
  } while (last !== null);
  return found;
}
