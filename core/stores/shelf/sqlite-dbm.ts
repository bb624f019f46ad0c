import { SqliteDriver } from '../sql/dialects/sqlite/sqlite-driver.ts';
import { bytesOf, textOf } from '../sql/sql-driver.ts';
import { type Dbm, keyText, sameValue } from './dbm.ts';

/** Python 3.13's `dbm.sqlite3`: a table `Dict` of keys and values, both BLOBs. */
export class SqliteDbm implements Dbm {
  readonly kind = 'sqlite';
  readonly files: readonly string[];
  readonly canWrite = true;
  readonly #driver: SqliteDriver;

  constructor(file: string) {
    this.files = [file, `${file}-wal`];
    this.#driver = new SqliteDriver(file);
  }

  async *entries(): AsyncIterable<readonly [string, Uint8Array]> {
    let last = '0';
    for (;;) {
      const { rows } = await this.#driver.run(
        'SELECT CAST(key AS BLOB), CAST(value AS BLOB), rowid FROM Dict WHERE rowid > CAST(? AS INTEGER) ORDER BY rowid LIMIT 500',
        [last],
      );
      for (const row of rows) yield [keyText(bytesOf(row[0])), bytesOf(row[1])];
      if (rows.length < 500) return;
      last = textOf(rows.at(-1)?.[2]) ?? last;
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const found = await this.#driver.run('SELECT CAST(value AS BLOB) FROM Dict WHERE key = CAST(? AS BLOB)', [key]);
    const row = found.rows[0];
    return row === undefined ? undefined : bytesOf(row[0]);
  }

  async set(key: string, value: Uint8Array, guard?: { readonly before: Uint8Array | undefined }): Promise<boolean> {
    if (guard === undefined) {
      await this.#driver.run('REPLACE INTO Dict (key, value) VALUES (CAST(? AS BLOB), ?)', [key, value], {
        write: true,
      });
      return true;
    }
    const result =
      guard.before === undefined
        ? await this.#driver.run(
            'INSERT INTO Dict (key, value) VALUES (CAST(? AS BLOB), ?) ON CONFLICT DO NOTHING',
            [key, value],
            { write: true },
          )
        : await this.#driver.run(
            'UPDATE Dict SET value = ? WHERE key = CAST(? AS BLOB) AND CAST(value AS BLOB) = ?',
            [value, key, guard.before],
            { write: true },
          );
    return result.changes > 0;
  }

  async delete(key: string, guard?: { readonly before: Uint8Array | undefined }): Promise<boolean> {
    if (guard !== undefined && !sameValue(await this.get(key), guard.before)) return false;
    const result = await this.#driver.run('DELETE FROM Dict WHERE key = CAST(? AS BLOB)', [key], { write: true });
    return result.changes > 0;
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}
