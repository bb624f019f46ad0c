import { driverFor } from '../../../stores/sql/dialects/driver-for.ts';
import { SqliteDriver } from '../../../stores/sql/dialects/sqlite/sqlite-driver.ts';
import { type SqlDriver, textOf } from '../../../stores/sql/sql-driver.ts';
import { quoteName, tableShape } from '../../../stores/sql/table-shape.ts';
import type { ServerAddress } from '../../../stores/url.ts';
import { webpyTable } from '../layouts.ts';
import { forgetScratchName } from './scratch-names.ts';

/** A new SQLite file with an empty table like the one in `from`. The driver is the caller's to close. */
export async function makeSqliteTable(
  from: string,
  table: string,
  to: string,
): Promise<{ driver: SqlDriver; quoted: string }> {
  const source = new SqliteDriver(from);
  const driver = new SqliteDriver(to, { create: true });
  try {
    const { quoted } = await tableShape(source, table, [webpyTable]);
    const made = await source.run("SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(?)", [
      table,
    ]);
    const schema = textOf(made.rows[0]?.[0]);
    await driver.run('PRAGMA journal_mode = WAL', [], { write: true });
    if (schema !== null) await driver.run(schema, [], { write: true });
    else {
      await source.withReadableFile(async (file) => {
        await driver.run('ATTACH DATABASE ? AS source', [file], { write: true });
        await driver.run(`CREATE TABLE ${quoted} AS SELECT * FROM source.${quoted} LIMIT 0`, [], { write: true });
        await driver.run('DETACH DATABASE source', [], { write: true });
      });
    }
    return { driver, quoted };
  } catch (error) {
    await driver.close();
    throw error;
  } finally {
    await source.close();
  }
}

/** Copies rows of the table of the same name in `from`: all, or those with the ids. */
export async function fillSqliteTable(
  driver: SqlDriver,
  quoted: string,
  from: string,
  ids?: readonly string[],
): Promise<void> {
  const source = new SqliteDriver(from);
  try {
    await source.withReadableFile((file) => fill(driver, quoted, file, ids));
  } finally {
    await source.close();
  }
}

async function fill(driver: SqlDriver, quoted: string, from: string, ids?: readonly string[]): Promise<void> {
  await driver.run('ATTACH DATABASE ? AS source', [from], { write: true });
  try {
    const where = ids === undefined ? '' : ` WHERE ${isOneOf(ids)}`;
    await driver.run(`INSERT INTO main.${quoted} SELECT * FROM source.${quoted}${where}`, ids ?? [], { write: true });
  } finally {
    await driver.run('DETACH DATABASE source', [], { write: true });
  }
}

/** A condition with a placeholder for each id. */
export function isOneOf(ids: readonly string[]): string {
  return ids.length === 0 ? '1 = 0' : `session_id IN (${ids.map(() => '?').join(', ')})`;
}

/** An empty table like an address's, beside it; both names quoted. `drop` removes it and ends the connections. */
export async function makeServerTable(
  address: ServerAddress,
  name: string,
): Promise<{ driver: SqlDriver; original: string; copy: string; drop(): Promise<void> }> {
  const driver = driverFor(address);
  const copy = quoteName(address.kind, name);
  const drop = async () => {
    // What cannot be dropped now (the server is down) is found by its name at the next attach.
    forgetScratchName(name);
    try {
      await driver.run(`DROP TABLE IF EXISTS ${copy}`);
    } finally {
      await driver.close();
    }
  };
  try {
    const { quoted: original } = await tableShape(driver, address.table, [webpyTable]);
    await driver.run(`CREATE TABLE ${copy} ${likeTable(driver, original)}`, [], { once: true });
    return { driver, original, copy, drop };
  } catch (error) {
    await drop().catch(() => {});
    throw error;
  }
}

function likeTable(driver: SqlDriver, quoted: string): string {
  return driver.dialect === 'postgres' ? `(LIKE ${quoted} INCLUDING DEFAULTS INCLUDING INDEXES)` : `LIKE ${quoted}`;
}
