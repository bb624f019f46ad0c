import type { RecordStore, StoredRecord } from '../../model/record.ts';

/**
 * What has to be undone, written down before it is done: a run that is killed in the middle is put right at the next
 * start. Plain JSON.
 */
export interface JournalEntry {
  readonly version: 1;
  readonly runId: string;
  /** The store's URL, password included, as the settings keep it for attached stores. */
  readonly storeUrl: string;
  /** The session's record as it was before the run. */
  readonly record: { readonly id: string; readonly base64: string; readonly lastUsed: number | null } | null;
  /** Canaries have ids that begin so; null: none were planted. */
  readonly canaries: { readonly prefix: string; readonly count: number } | null;
  /** Records that the run's own requests made or may make under a known id. */
  readonly created: readonly string[];
  /** A request is under way since then (ms) whose answer may make a record of an id not known yet. */
  readonly asking: number | null;
  /** Ids that were there before the run; null where they are too many to remember. */
  readonly known: readonly string[] | null;
  /** Sizes of the records that the run's own requests made: another visitor's is hardly as large. */
  readonly freshBytes: readonly number[];
}

/** Where the journal lies. `write` resolves when it would survive `kill -9`; null: nothing is left to undo. */
export interface Journal {
  write(entry: JournalEntry | null): Promise<void>;
}

/** From so many records on it is not remembered which ones were there. */
export const MOST_KNOWN = 2_000;
/** So long after a request was sent its record may have been made. */
const ASKING_MS = 30_000;
const SIZE_SLACK = 64;

export const canaryId = (prefix: string, index: number): string => prefix + index.toString(16).padStart(8, '0');

/** The canary's number, or undefined for the id of any other record. */
export function canaryIndex(prefix: string, id: string): number | undefined {
  const name = id.trimEnd().toLowerCase();
  return name.startsWith(prefix) && name.length === prefix.length + 8
    ? Number.parseInt(name.slice(prefix.length), 16)
    : undefined;
}

/**
 * Carries a journal out: the record as it was (bytes and last use), canaries and the run's own records removed. Doing it
 * twice changes nothing more.
 * @returns what was done, in words
 * @throws ProblemError of the store
 */
export async function carryOut(entry: JournalEntry, store: RecordStore): Promise<string[]> {
  const done: string[] = [];
  const { record, canaries, created, asking, known, freshBytes } = entry;
  const unwanted = new Set(created);
  if (canaries !== null || (asking !== null && known !== null)) {
    const before = new Set(known ?? []);
    for await (const { id, bytes, lastUsed } of store.list()) {
      if (canaries !== null && canaryIndex(canaries.prefix, id) !== undefined) unwanted.add(id);
      else if (asking !== null && known !== null && !before.has(id) && id !== record?.id) {
        const inTime = lastUsed !== null && lastUsed >= asking - 1_000 && lastUsed <= asking + ASKING_MS;
        const alike = freshBytes.length === 0 || freshBytes.some((size) => Math.abs(size - bytes) <= SIZE_SLACK);
        if (inTime && alike) unwanted.add(id);
      }
    }
  }
  let removed = 0;
  for (const id of unwanted) if (id !== record?.id && (await store.remove(id)) === 'written') removed += 1;
  if (removed > 0) done.push(`${removed} records that the lab had made were removed`);
  if (record !== null && (await putBack(store, record.id, Buffer.from(record.base64, 'base64'), record.lastUsed))) {
    done.push(`the record ${record.id.slice(0, 8)}… is as it was`);
  }
  return done;
}

/** Gives a record these bytes and this last use, whatever is there now. False when it had both already. */
export async function putBack(
  store: RecordStore,
  id: string,
  bytes: Uint8Array,
  lastUsed: number | null,
): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    const now: StoredRecord | undefined = await store.read(id);
    if (now === undefined) {
      await store.create(id, bytes, lastUsed ?? Date.now());
      return true;
    }
    const same = Buffer.compare(now.bytes, bytes) === 0;
    if (!same && (await store.replace(id, bytes, now.revision)) !== 'written') {
      // The application wrote in between: look again.
      if (attempt < 5) continue;
      return false;
    }
    if (lastUsed === null || !store.traits.canAge || (same && now.lastUsed === lastUsed)) return !same;
    await store.setLastUsed(id, lastUsed);
    return true;
  }
}
