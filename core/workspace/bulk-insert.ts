import { diskRefuses } from './disk-refuses.ts';
import type { Statement } from './sqlite.ts';

/** Rows that one statement takes: beyond some ten the cost of calling it does not matter any more. */
const ROWS = 16;

export interface BulkInsertOptions {
  readonly prepare: (sql: string) => Statement;
  /** `INSERT INTO … (…)` */
  readonly into: string;
  readonly columns: number;
  /** Behind the values, e.g. what to do on a conflict. */
  readonly tail?: string;
  /** Called for each row that cannot be written when it stands alone either. May throw. */
  readonly onFailed: (error: unknown, row: readonly unknown[]) => void;
}

/** Inserts rows some at a time: calling SQLite costs as much as what it does for one short row. */
export class BulkInsert {
  readonly #options: BulkInsertOptions;
  readonly #many: Statement;
  readonly #one: Statement;
  #values: unknown[] = [];

  constructor(options: BulkInsertOptions) {
    this.#options = options;
    const { prepare, into, columns, tail = '' } = options;
    const row = `(${Array(columns).fill('?').join(',')})`;
    this.#many = prepare(`${into} VALUES ${Array(ROWS).fill(row).join(',')} ${tail}`);
    this.#one = prepare(`${into} VALUES ${row} ${tail}`);
  }

  add(...row: readonly unknown[]): void {
    for (const value of row) this.#values.push(value);
    if (this.#values.length === ROWS * this.#options.columns) this.#runMany();
  }

  /** Writes what was added and not written yet. */
  flush(): void {
    const values = this.#take();
    this.#oneByOne(values);
  }

  /** After a transaction that was rolled back. */
  forget(): void {
    this.#values = [];
  }

  #take(): unknown[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  #runMany(): void {
    const values = this.#take();
    try {
      this.#many.run(...values);
    } catch (error) {
      // All may have been rolled back, and what is written now would be no part of it.
      if (diskRefuses(error)) throw error;
      // Nothing of the statement was done. Which row it was shows when each stands alone.
      this.#oneByOne(values);
    }
  }

  #oneByOne(values: readonly unknown[]): void {
    const { columns, onFailed } = this.#options;
    for (let i = 0; i < values.length; i += columns) {
      const row = values.slice(i, i + columns);
      try {
        this.#one.run(...row);
      } catch (error) {
        onFailed(error, row);
      }
    }
  }
}
