import type { Problem } from '../model/problem.ts';
import type { ClockName } from '../model/record.ts';

export type { ClockName } from '../model/record.ts';

/*
 * How an application lays its records out in a table, a folder or a key-value server, as data. Frameworks declare
 * layouts; the stores receive them and know no framework.
 */

/**
 * How a column states a moment. `naive` is the wall clock of the application without a zone (or that of the URL's
 * `zone`), `utc` a wall clock in UTC, `server` one in the zone of the database's session, `iso` the text of ISO 8601.
 */
export type TimeForm = 'seconds' | 'milliseconds' | 'iso' | 'utc' | 'naive' | 'server';

/** A copy of a clock inside a record's data, which has to move with the clock itself. */
export interface InsideClock {
  readonly clock: ClockName;
  /** For display: `cookie.expires inside the data`, `the first 4 bytes`. */
  readonly where: string;
  /** Milliseconds since 1970; null: never, or not said. Never throws. */
  read(bytes: Uint8Array): number | null;
  /**
   * The same bytes with the clock at `ms`; the bytes themselves where the data has no such clock.
   * @throws ProblemError where the data cannot be read or written
   */
  write(bytes: Uint8Array, ms: number): Uint8Array;
}

/** What all layouts have in common. */
export interface Layout {
  /** In kebab-case, unique over all layouts, usable as `?as=` in a store URL: `webpy`, `django`, `php-files`. */
  readonly id: string;
  readonly title: string;
  /** Id of the framework that lays records out so; `generic` for a mapping that the user wrote. */
  readonly framework: string;
  /**
   * From an id that a cookie carries to the names under which its record can stand, likeliest first; empty for an id
   * that this application never makes. Pure; the id comes from outside and may be anything.
   */
  recordNames(publicId: string): readonly string[];
  /** The id that a cookie would carry for a record of this name; undefined where it cannot be known (a digest). */
  publicId?(recordName: string): string | undefined;
  /** The clock that the application compares when it decides whether a session still lives. */
  readonly compares: ClockName | undefined;
  /** Why a record cannot be aged, when `compares` is undefined: one sentence. */
  readonly comparesNothing?: string;
  /** Seconds after the last use at which a record ends, where the layout itself says so. */
  readonly lifetimeSeconds?: number;
  /** Copies of the clocks inside the data. */
  readonly inside?: readonly InsideClock[];
  /** The bytes of a session without data, for records of our own. `expires` in milliseconds since 1970. */
  fresh?(publicId: string, expires: number): Uint8Array;
  /** Layers of the data, outermost first, as `decode` takes them in `as`; guessed when absent. */
  readonly layers?: readonly string[];
}

/** Kinds of column types, the same in all dialects. */
export type ColumnClass = 'text' | 'bytes' | 'integer' | 'number' | 'time' | 'json';

export interface ColumnPattern {
  /** Lower case. */
  readonly name: string;
  readonly is: readonly ColumnClass[];
}

export interface ClockColumn extends ColumnPattern {
  readonly form: TimeForm;
}

/** A table with one row (or, with `attributes`, several rows) for each session. */
export interface TableLayout extends Layout {
  readonly kind: 'table';
  /** The usual name, tried first. Never enough to recognise the table. */
  readonly table: string;
  readonly columnId: ColumnPattern;
  readonly data: ColumnPattern;
  readonly lastUsed?: ClockColumn;
  readonly expires?: ClockColumn;
  /** Seconds that are added to `lastUsed` to give the end. */
  readonly lifetime?: ColumnPattern;
  /** Other columns that tell this layout from another with the same names. */
  readonly requires?: readonly ColumnPattern[];
  /** Names of columns with which it is not this layout. */
  readonly excludes?: readonly string[];
  /** Why the application cannot read a row with this text in the clock's column of this declared type (SQLite). */
  clockProblem?(text: string | null, declared: string | undefined): Problem | undefined;
  /** The forms of the clocks are found by looking at the columns: for a mapping that the user wrote. */
  readonly guessesForm?: true;
  /** The application also reads a table without its clock column (it is optional). */
  readonly clockOptional?: true;
  /** Columns that repeat the clock and move by as much when it is set. Integers in the clock's own unit. */
  readonly copies?: readonly ColumnPattern[];
  /**
   * Data in a second table: one row for each attribute of a session. A record's bytes are then these values with their
   * names (`core/model/named-values.ts`), and `data` names any column of the first table that is always there.
   */
  readonly attributes?: {
    /** What follows the name of the first table in that of the second, in lower case: `_attributes`. */
    readonly suffix: string;
    /** The column of the first table to which `key` refers. */
    readonly parent: string;
    readonly key: string;
    readonly name: string;
    readonly value: string;
    /** What the first table's other columns hold for a record of our own, by name. */
    fresh(publicId: string, clock: number): Readonly<Record<string, string>>;
  };
}

/** A folder with a file for each session. */
export interface FileLayout extends Layout {
  readonly kind: 'file';
  /** Whether a file of this name (without its folders) is a record. */
  belongs(name: string): boolean;
  /** Enough of a file's beginning and name to say that it is this layout's: for recognising a folder. */
  looksLike(name: string, head: Uint8Array): boolean;
  /** Folders between the root and a record, outermost first: PHP's `2;path` puts `sess_ab…` into `a/b`. */
  folders?(name: string, depth: number): readonly string[];
  /** What such a folder is called; one or two letters or digits unless the layout says otherwise. */
  readonly folderNames?: RegExp;
  /** Where `lastUsed` stands; `inside` in the data (`inside` clocks). */
  readonly lastUsedIn: 'atime' | 'mtime' | 'inside' | undefined;
  /** What is odd about a file that is no record, where the layout knows (a temporary file that a crash left). */
  odd?(name: string): Problem | undefined;
  /**
   * A file in which the application counts its records. `adjusted` gives its content with the count changed; undefined
   * where it is no count.
   */
  readonly counter?: { readonly name: string; adjusted(bytes: Uint8Array, by: number): Uint8Array | undefined };
  /** What to do about what the application stumbles over. */
  readonly remedies?: { readonly danglingLink?: string };
}

/** Keys of a key-value server, such as Redis. The clock is the key's time to live. */
export interface KeyLayout extends Layout {
  readonly kind: 'key';
  /** What the keys begin with by default: `sess:`. */
  readonly prefixes: readonly string[];
  /** Whether the rest after the prefix can be a session's. */
  belongs(rest: string): boolean;
  readonly type: 'string' | 'hash' | 'json';
}

/** The layouts that a store is opened with, in order of preference. */
export interface Layouts {
  readonly tables: readonly TableLayout[];
  readonly files: readonly FileLayout[];
  readonly keys: readonly KeyLayout[];
}
