import { ProblemError, problem } from '../../model/problem.ts';
import { comparedClock, type RecordStore, type StoredRecord } from '../../model/record.ts';
import { removeMany } from '../../stores/many.ts';
import { canaryIndex, type JournalEntry } from './journal.ts';
import { inReach, isAlike, isOurs, usedSince } from './ownership.ts';

export interface CarriedOut {
  /** What was put right, in words. */
  readonly done: readonly string[];
  /** What was left alone because it is another's or may be, in words. */
  readonly left: readonly string[];
}

/** How a record is to be. */
export type Wanted = Pick<StoredRecord, 'id' | 'bytes' | 'lastUsed' | 'expires' | 'extra'>;

/** So often a record that changes under our hands is looked at again. */
const MOST_ATTEMPTS = 6;

/**
 * Carries a journal out: canaries and the run's own records removed, the record as it was (bytes and last use). Doing it
 * twice changes nothing more. What somebody else wrote, removed or used meanwhile stays theirs.
 * @throws ProblemError of the store; everything that was not done can be done by another call
 */
export async function carryOut(
  entry: JournalEntry,
  store: RecordStore,
  expectWrite?: (id: string, bytes: Uint8Array) => void,
): Promise<CarriedOut> {
  const done: string[] = [];
  const left: string[] = [];
  await store.removeLeftovers?.(entry.pid);
  const { unwanted, doubtful } = await madeByRun(entry, store);
  const removed = await removeMany(
    store,
    [...unwanted].filter((id) => id !== entry.record?.id),
  );
  if (removed > 0) done.push(`${removed} records that the lab had made were removed`);
  if (doubtful.length > 0) {
    left.push(
      `one of ${doubtful.length} new records (${doubtful.map((id) => `${id.slice(0, 8)}…`).join(', ')}) may have been made by the lab; they are left, since the others are visitors'`,
    );
  }
  if (entry.record !== null) await restore(entry, entry.record, store, { done, left }, expectWrite);
  return { done, left };
}

/** Records that the run made for certain, and those of which one may be its own. */
async function madeByRun(
  entry: JournalEntry,
  store: RecordStore,
): Promise<{ unwanted: ReadonlySet<string>; doubtful: readonly string[] }> {
  const { record, canaries, created, asking, known, fresh } = entry;
  const unwanted = new Set(created);
  if (canaries === null && asking === null) return { unwanted, doubtful: [] };
  const before = new Set(known ?? []);
  const candidates: string[] = [];
  for await (const { id, lastUsed } of store.list()) {
    if (canaries !== null && canaryIndex(canaries.prefix, id) !== undefined) unwanted.add(id);
    else if (asking !== null && known !== null && !before.has(id) && id !== record?.id && !unwanted.has(id)) {
      if (inReach(entry, lastUsed)) candidates.push(id);
    }
  }
  const alike: string[] = [];
  for (const id of candidates) {
    const found = await store.read(id);
    if (found !== undefined && isAlike(fresh, found)) alike.push(id);
  }
  // A request makes one record at most: of several, the others are visitors'.
  if (alike.length > 1) return { unwanted, doubtful: alike };
  for (const id of alike) unwanted.add(id);
  return { unwanted, doubtful: [] };
}

async function restore(
  entry: JournalEntry,
  { id, base64, lastUsed, expires, extra }: NonNullable<JournalEntry['record']>,
  store: RecordStore,
  { done, left }: { done: string[]; left: string[] },
  expectWrite: ((id: string, bytes: Uint8Array) => void) | undefined,
): Promise<void> {
  const bytes = Buffer.from(base64, 'base64');
  const name = `${id.slice(0, 8)}…`;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const now = await store.read(id);
    if (now === undefined) {
      if (!entry.mayBeGone && entry.asking === null) {
        left.push(`the record ${name} was removed by somebody else meanwhile and stays removed`);
        return;
      }
    } else if (!isOurs(entry, now)) {
      left.push(`the record ${name} was written by somebody else meanwhile and stays as they wrote it`);
      return;
    }
    // Used since by a visitor: the later use is true, and the older one would let their session end too early.
    const use = now !== undefined && usedSince(entry, now.lastUsed) ? now.lastUsed : lastUsed;
    expectWrite?.(id, bytes);
    const wanted = {
      ...{ id, bytes, lastUsed: use },
      ...(expires === undefined ? {} : { expires }),
      ...(extra === undefined ? {} : { extra }),
    };
    const outcome = await step(store, wanted, now);
    if (outcome === 'again') continue;
    if (outcome === 'changed') done.push(`the record ${name} is as it was`);
    return;
  }
  throw busy(id);
}

/**
 * Gives a record these bytes and this last use (ms), whatever of the run's own is there now. Before each attempt
 * `mayWrite` is asked of what is there.
 * @returns false when it may not
 * @throws ProblemError `record-busy` when somebody writes it all the time, or of the store
 */
export async function putBack(
  store: RecordStore,
  wanted: Wanted,
  mayWrite: (now: StoredRecord | undefined) => Promise<boolean>,
): Promise<boolean> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const now = await store.read(wanted.id);
    if (!(await mayWrite(now))) return false;
    if ((await step(store, wanted, now)) !== 'again') return true;
  }
  throw busy(wanted.id);
}

async function step(
  store: RecordStore,
  { id, bytes, lastUsed, expires, extra }: Wanted,
  now: StoredRecord | undefined,
): Promise<'changed' | 'same' | 'again'> {
  if (now === undefined) {
    try {
      // With the clock that the application compares: with another one the record would be there and be worth nothing.
      const kept = { lastUsed, ...(expires === undefined ? {} : { expires }) };
      const never = store.traits.clock?.name === 'expires' && expires === null;
      await store.create(
        id,
        bytes,
        comparedClock(store, kept) ?? (never ? Number.POSITIVE_INFINITY : Date.now()),
        extra,
      );
      return 'changed';
    } catch (error) {
      // The application made it again in between.
      if (error instanceof ProblemError && error.problem.kind === 'exists') return 'again';
      throw error;
    }
  }
  const same = Buffer.compare(now.bytes, bytes) === 0;
  if (!same && (await store.replace(id, bytes, now.revision)) !== 'written') return 'again';
  if (lastUsed === null || !store.traits.canAge || now.lastUsed === lastUsed) return same ? 'same' : 'changed';
  return (await store.setLastUsed(id, lastUsed)) === 'gone' ? 'again' : 'changed';
}

function busy(id: string): ProblemError {
  return problem('record-busy', `The record ${id.slice(0, 8)}… is being written all the time`, {
    remedy: 'Let the application rest for a moment.',
  });
}
