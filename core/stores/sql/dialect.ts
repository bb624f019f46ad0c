import type { ColumnClass, TimeForm } from '../layout.ts';
import type { SqlDialectName, SqlDriver } from './sql-driver.ts';

/** A column as the database describes it. */
export interface TableColumn {
  readonly name: string;
  /** The declared type as the database prints it, in lower case: `char(128)`, `timestamp with time zone`, `bytea`. */
  readonly type: string;
  /** Undefined where the type says nothing (SQLite takes any word, and none). */
  readonly is: ColumnClass | undefined;
  /** Holds bytes, not text. */
  readonly bytes: boolean;
  /** Digits of the fraction of a second, where the database has such a limit. */
  readonly precision?: number;
  /** Most bytes it takes, and most characters, where it has such limits. */
  readonly limit?: number;
  readonly characters?: number;
  /** MySQL sets it again on every change of the row, unless the statement says otherwise. */
  readonly onUpdate: boolean;
  /** Values come padded with spaces (`char(n)` of PostgreSQL). */
  readonly padded: boolean;
  /** Texts that differ only in letter case are equal. */
  readonly foldsCase: boolean;
}

/** A table as it was found. Names are as the database has them. */
export interface FoundTable {
  /** Quoted, schema included: ready for a statement. */
  readonly quoted: string;
  readonly columns: readonly TableColumn[];
  /** SQLite: rows have a number to page by, and text is kept as UTF-8. */
  readonly rowid: boolean;
  readonly utf8: boolean;
}

/** The name of a table and its columns, for recognising layouts. */
export interface ListedTable {
  /** As it stands in a store URL. */
  readonly table: string;
  readonly columns: readonly Pick<TableColumn, 'name' | 'is'>[];
}

/** How one database spells what the record store needs of the data column. */
export interface DataExpressions {
  /** Stored bytes of the data. */
  readonly bytes: string;
  readonly length: string;
  /** A digest of the data made by the server; absent where it has none. */
  readonly digest?: string;
  /** Condition: the stored bytes are exactly the parameter. */
  readonly unchanged: string;
}

/** What is different between databases, apart from the connection (`SqlDriver`). */
export interface SqlDialect {
  readonly name: SqlDialectName;
  quote(name: string): string;
  /** Undefined when there is no such table. */
  table(driver: SqlDriver, name: string): Promise<FoundTable | undefined>;
  /** All tables and views that this login sees, with their columns. */
  tables(driver: SqlDriver): Promise<readonly ListedTable[]>;
  /** The column as text or bytes, so that no driver turns it into something else on the way. */
  text(column: TableColumn, quoted: string): string;
  data(column: TableColumn, quoted: string, table: FoundTable): DataExpressions;
  /** Condition: the id is one of so many parameters, in whichever type the application stored it. */
  isOneOf(column: TableColumn, quoted: string, count: number): string;
  /** A clock's column as text, and the expression for a parameter that is to be written there. */
  clock(column: TableColumn, quoted: string, form: TimeForm): { readonly read: string; readonly write: string };
}
