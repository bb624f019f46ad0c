/**
 * What has to be undone, written down before it is done: a run that is killed in the middle is put right at the next
 * start. Plain JSON.
 */
export interface JournalEntry {
  readonly version: 2;
  readonly runId: string;
  /** The process that ran: files it was writing when it died are known by that number. */
  readonly pid: number;
  /** The store's URL, password included, as the settings keep it for attached stores. */
  readonly storeUrl: string;
  /** The session's record as it was before the run, or as somebody else wrote it meanwhile. */
  readonly record: {
    readonly id: string;
    readonly base64: string;
    readonly lastUsed: number | null;
    /** When it ends (ms since 1970), null: never. Absent where the store keeps no such time, and in older journals. */
    readonly expires?: number | null;
    /** Mode and owner of a file, other columns of a row: for a record that has to be made again. */
    readonly extra?: Readonly<Record<string, string | null>>;
  } | null;
  /** Digests of every content of that record which the run itself brought about: anything else is another's write. */
  readonly states: readonly string[];
  /** The record may be absent by the run's doing: removed by it, or made so old that the application may remove it. */
  readonly mayBeGone: boolean;
  /** The application saves after it has answered: a content first seen between two requests is the run's doing too. */
  readonly late: boolean;
  /** Canaries have ids that begin so; null: none were planted. */
  readonly canaries: { readonly prefix: string; readonly count: number } | null;
  /** Records that the run's own requests made or may make under a known id. */
  readonly created: readonly string[];
  /** A request is under way since then (ms): it may make a record of an id not known yet, or change the session's own. */
  readonly asking: number | null;
  /** The latest moment (ms) at which the run did something. */
  readonly at: number;
  /** So long (ms) after `at` the application may still be at work on a request that is under way. */
  readonly patienceMs: number;
  /** How far (ms) the application's clock is ahead of what the store gives for it; null: not known, whole quarters of an hour. */
  readonly skewMs: number | null;
  /** Ids that were there before the run; null where they are too many to remember. */
  readonly known: readonly string[] | null;
  /** Records that the run's own requests made, to know another of that make by. */
  readonly fresh: readonly FreshRecord[];
}

/** What a record that the application made for the run looked like. */
export interface FreshRecord {
  readonly bytes: number;
  /** Digest of its data without ids, times and numbers; null where it could not be decoded. */
  readonly shape: string | null;
}

/** Where the journal lies. `write` resolves when it would survive `kill -9`; null: nothing is left to undo. */
export interface Journal {
  /** @throws ProblemError when it could not be made durable: then nothing may be done that it announces */
  write(entry: JournalEntry | null): Promise<void>;
}

/** From so many records on it is not remembered which ones were there. */
export const MOST_KNOWN = 2_000;

export const canaryId = (prefix: string, index: number): string => prefix + index.toString(16).padStart(8, '0');

/** The canary's number, or undefined for the id of any other record. */
export function canaryIndex(prefix: string, id: string): number | undefined {
  const name = id.trimEnd().toLowerCase();
  return name.startsWith(prefix) && name.length === prefix.length + 8
    ? Number.parseInt(name.slice(prefix.length), 16)
    : undefined;
}
