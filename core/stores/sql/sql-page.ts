import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordPageQuery } from '../../model/record.ts';
import type { SqlDriver, SqlValue } from './sql-driver.ts';
import type { Expressions } from './sql-expressions.ts';
import { quoteName, type TableShape } from './table-shape.ts';

/** Rows of SQLite that are looked at in one go: some milliseconds in this thread, in which SQLite works. */
const CHUNK = 5_000;

/** Rows of a page (id, clock, length) and the number of all that match. */
export interface RowPage {
  readonly rows: readonly (readonly SqlValue[])[];
  readonly total: number;
}

/**
 * A page of a table, the clock latest first. A server sorts and counts by itself; SQLite works in this thread, so its
 * rows are taken in pieces, of which each gives its own latest ones, and other work has its turn in between.
 */
export async function tablePage(
  driver: SqlDriver,
  { shape, sql }: { readonly shape: TableShape; readonly sql: Expressions },
  query: RecordPageQuery,
  signal: AbortSignal | undefined,
): Promise<RowPage> {
  const filter = filterOf(driver, sql, query.filter);
  if (shape.rowid) return pageInPieces(driver, { shape, sql }, filter, query, signal);
  const order = shape.clock === undefined ? sql.id : quoteName(driver.dialect, shape.clock.name);
  const nulls = driver.dialect === 'postgres' ? ' DESC NULLS LAST' : ' DESC';
  const page = await driver.run(
    `SELECT ${sql.id}, ${sql.clock}, ${sql.length} FROM ${shape.quoted} WHERE ${filter.sql} ` +
      `ORDER BY ${order}${shape.clock === undefined ? '' : nulls}, ${sql.id} LIMIT ${query.limit} OFFSET ${query.offset}`,
    filter.params,
  );
  const count = await driver.run(`SELECT count(*) FROM ${shape.quoted} WHERE ${filter.sql}`, filter.params);
  return { rows: page.rows, total: Number(count.rows[0]?.[0] ?? 0) };
}

interface Filter {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

function filterOf(driver: SqlDriver, sql: Expressions, text: string | undefined): Filter {
  const present = `${sql.id} IS NOT NULL`;
  if (text === undefined || text === '') return { sql: present, params: [] };
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const id = driver.dialect === 'postgres' ? `lower(${sql.id}::text)` : `lower(${sql.id})`;
  return {
    sql: `${present} AND ${id} LIKE ? ESCAPE '${driver.dialect === 'mysql' ? '\\\\' : '\\'}'`,
    params: [pattern],
  };
}

async function pageInPieces(
  driver: SqlDriver,
  { shape, sql }: { readonly shape: TableShape; readonly sql: Expressions },
  filter: Filter,
  { offset, limit }: RecordPageQuery,
  signal: AbortSignal | undefined,
): Promise<RowPage> {
  const clock = shape.clock === undefined ? 'NULL' : quoteName('sqlite', shape.clock.name);
  const most = offset + limit;
  let best: (readonly SqlValue[])[] = [];
  let total = 0;
  for await (const { from, to } of pieces(driver, shape.quoted, signal)) {
    const where = `rowid > ? AND rowid <= ? AND ${filter.sql}`;
    const params = [from, to, ...filter.params];
    const { rows } = await driver.run(
      `SELECT ${clock}, rowid FROM ${shape.quoted} WHERE ${where} ORDER BY 1 DESC, 2 LIMIT ${most}`,
      params,
    );
    total +=
      rows.length < most
        ? rows.length
        : Number((await driver.run(`SELECT count(*) FROM ${shape.quoted} WHERE ${where}`, params)).rows[0]?.[0] ?? 0);
    const last = best[most - 1]?.[0];
    const better = last === undefined ? rows : rows.filter((row) => compare(row[0], last) > 0);
    if (better.length > 0) best = [...best, ...better].sort((a, b) => compare(b[0], a[0])).slice(0, most);
  }
  const rows: (readonly SqlValue[])[] = [];
  for (const [, rowid] of best.slice(offset)) {
    const found = await driver.run(
      `SELECT ${sql.id}, ${sql.clock}, ${sql.length} FROM ${shape.quoted} WHERE rowid = ?`,
      [rowid ?? null],
    );
    if (found.rows[0] !== undefined) rows.push(found.rows[0]);
  }
  return { rows, total };
}

/** How many rows a table has. */
export async function countRows(
  driver: SqlDriver,
  { shape, sql }: { readonly shape: TableShape; readonly sql: Expressions },
  signal: AbortSignal | undefined,
): Promise<number> {
  if (!shape.rowid) {
    const { rows } = await driver.run(`SELECT count(*) FROM ${shape.quoted} WHERE ${sql.id} IS NOT NULL`);
    return Number(rows[0]?.[0] ?? 0);
  }
  let total = 0;
  for await (const { count } of pieces(driver, shape.quoted, signal)) total += count;
  return total;
}

interface Piece {
  /** Row numbers after the first, up to the second. */
  readonly from: SqlValue;
  readonly to: SqlValue;
  readonly count: number;
}

/** The table in ranges of row numbers, each with at most `CHUNK` rows. */
async function* pieces(driver: SqlDriver, table: string, signal: AbortSignal | undefined): AsyncGenerator<Piece> {
  let from: SqlValue = null;
  for (;;) {
    signal?.throwIfAborted();
    const after: string = from === null ? '' : ' WHERE rowid > ?';
    const { rows }: { rows: readonly (readonly SqlValue[])[] } = await driver.run(
      `SELECT count(*), max(r), min(r) FROM (SELECT rowid AS r FROM ${table}${after} ORDER BY rowid LIMIT ${CHUNK})`,
      from === null ? [] : [from],
    );
    const [count, to, first] = rows[0] ?? [];
    if (to === undefined || to === null || first === undefined || first === null) return;
    yield { from: from ?? BigInt(first as bigint) - 1n, to, count: Number(count) };
    from = to;
    await nextTurn();
  }
}

/** As SQLite orders values of one column: NULL, numbers, text, bytes. */
function compare(a: SqlValue | undefined, b: SqlValue | undefined): number {
  const rank = (value: SqlValue | undefined) =>
    value === null || value === undefined ? 0 : typeof value === 'object' ? 3 : typeof value === 'string' ? 2 : 1;
  const difference = rank(a) - rank(b);
  if (difference !== 0 || a === null || a === undefined || b === null || b === undefined) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}
