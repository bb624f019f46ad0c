import type { Problem } from './problem.ts';

/** Changes whenever the stored bytes change; opaque to everybody but the store that made it. */
export type Revision = string;

/** What a store holds for one session id. Bytes are kept as found; decoding happens elsewhere. */
export interface StoredRecord {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly revision: Revision;
  /** Last use as the application sees it, milliseconds since 1970 UTC; null when the store does not say. */
  readonly lastUsed: number | null;
  /** When the record ends, milliseconds since 1970 UTC; null: never. Absent where the store keeps no such time. */
  readonly expires?: number | null;
  /** The store's own text for the last use (`2026-11-23 16:02:11.5`), where it has one. */
  readonly lastUsedText?: string;
  /** Other columns of the row, or facts of the file (mode, mtime), as text. */
  readonly extra?: Readonly<Record<string, string | null>>;
}

/** One line of a listing. `problem` says why a record cannot be read; the listing goes on. */
export interface RecordListing {
  readonly id: string;
  readonly lastUsed: number | null;
  readonly expires?: number | null;
  readonly bytes: number;
  readonly problem?: Problem;
}

/** A listing line together with what was read, for lists that show the data. `record` is absent when unreadable. */
export interface ScannedRecord {
  readonly listing: RecordListing;
  readonly record?: StoredRecord;
}

export type WriteOutcome = 'written' | 'stale' | 'gone';

export interface RecordPageQuery {
  /** Part of the id, in any letter case; absent: all. */
  readonly filter?: string;
  readonly offset: number;
  readonly limit: number;
}

export interface RecordPage {
  readonly rows: readonly RecordListing[];
  readonly total: number;
}

/** A record to be made. */
export interface NewRecord {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** The clock that the application compares (`StoreTraits.clock`), milliseconds since 1970. */
  readonly lastUsed: number;
}

/** The two clocks that a record can have. */
export type ClockName = 'lastUsed' | 'expires';

/** The clock that the application compares when it decides whether a record still lives. */
export interface StoreClock {
  readonly name: ClockName;
  /** Where it stands: `column expire_date`, `file modification time`, `cookie.expires inside the data`, `TTL`. */
  readonly where: string;
}

/** How the application lays its records out in a store, as far as callers of the store need it. */
export interface StoreLayout {
  /** `webpy-disk`, `php-files`: `core/frameworks`. */
  readonly id: string;
  readonly title: string;
  /** Id of the framework. */
  readonly framework: string;
  /** The names that the record of an id from a cookie can have here; empty for an id that is never made. */
  recordNames(publicId: string): readonly string[];
}

/** State differences as data, so that no caller asks which class a store is. */
export interface StoreTraits {
  readonly kind: 'disk' | 'sqlite' | 'postgres' | 'mysql' | 'shelf' | 'memory' | 'redis';
  /** The last use is what the application compares, and it can be written (`setLastUsed`). */
  readonly canAge: boolean;
  /** Absent: the last use, as before; null: the application compares nothing that is kept in the store. */
  readonly clock?: StoreClock | null;
  /** Why a record cannot be aged, when `clock` is null. */
  readonly cannotAge?: string;
  readonly canWrite: boolean;
  /** How changes become known: pushed by the system, or asked for every `pollMs`. */
  readonly watch:
    | { readonly how: 'events' }
    | { readonly how: 'poll'; readonly pollMs: number }
    | { readonly how: 'none' };
  /**
   * Where the session's data stands in a record that holds more than it (`[1]` in a shelf's tuple of time and data).
   * Absent: the record is the data.
   */
  readonly dataAt?: string;
  /** Ids that differ only in letter case name the same record (MySQL's default collations). */
  readonly foldsCase: boolean;
}

/**
 * Where session bytes live, seen by the debugger. Nothing here counts as use: reading and listing leave access times
 * and `atime` columns as they were. Failures are ProblemErrors that say what to do.
 */
export interface RecordStore {
  /** The canonical store URL, password included; mask it before showing (`core/stores/url.ts`). */
  readonly url: string;
  readonly traits: StoreTraits;
  /** Undefined while nothing in the store shows how it is laid out. */
  readonly layout?: StoreLayout | undefined;
  list(signal?: AbortSignal): AsyncIterable<RecordListing>;
  /** `list` and `read` in one pass, much quicker than one after the other. */
  scan?(signal?: AbortSignal): AsyncIterable<ScannedRecord>;
  /**
   * A page of the listing, the compared clock latest first, and how many records there are in all that match. Much
   * quicker than `list` on a large store, and never long in this thread.
   */
  page?(query: RecordPageQuery, signal?: AbortSignal): Promise<RecordPage>;
  /** How many records there are; quicker than listing them. */
  count?(signal?: AbortSignal): Promise<number>;
  read(id: string): Promise<StoredRecord | undefined>;
  /** Writes only if `expected` is still the current revision. Keeps last use, mode and every other column. */
  replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome>;
  /**
   * Creates a record that does not exist; `lastUsed` is the clock that the application compares, in ms. Refused with kind `exists` when it does. `extra`, as `read`
   * gave it, brings a removed record back with mode and owner of its file or the other columns of its row, as far as
   * they can be written.
   */
  create(id: string, bytes: Uint8Array, lastUsed: number, extra?: StoredRecord['extra']): Promise<void>;
  /** Sets the last use (milliseconds since 1970) and nothing else. */
  setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome>;
  /** Sets the moment of the end and its copies inside the data, where `traits.clock` is `expires`. */
  setExpires?(id: string, expires: number): Promise<WriteOutcome>;
  remove(id: string, expected?: Revision): Promise<WriteOutcome>;
  /**
   * As `create` for many, much quicker: the disk is not waited for, so they may be lost with the power, and when one is
   * refused others may be there already. For records of our own that are removed again; call `createMany` of
   * `core/stores/many.ts`.
   */
  createMany?(records: readonly NewRecord[]): Promise<void>;
  /** As `remove` for many; gives how many were there. Call `removeMany` of `core/stores/many.ts`. */
  removeMany?(ids: readonly string[]): Promise<number>;
  /** Removes what writes of a process that was killed left half done beside the records. Gives how much that was. */
  removeLeftovers?(pid: number): Promise<number>;
  /** Calls back with ids that changed (created, written, removed), or undefined for "look at everything". */
  watch(onChange: (ids: readonly string[] | undefined) => void): () => void;
  close(): Promise<void>;
}

/** The clock that the application compares, of one record; null when it is not known. */
export function comparedClock(
  store: Pick<RecordStore, 'traits'>,
  record: Pick<StoredRecord, 'lastUsed' | 'expires'>,
): number | null {
  const { clock } = store.traits;
  if (clock === null) return null;
  return clock?.name === 'expires' ? (record.expires ?? null) : record.lastUsed;
}
