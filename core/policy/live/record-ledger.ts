import type { RecordStore, StoredRecord } from '../../model/record.ts';
import { type CarriedOut, carryOut, putBack } from './carry-out.ts';
import type { FreshRecord, Journal, JournalEntry } from './journal.ts';
import { LateSaves } from './late-saves.ts';
import { digestOf, freshOf, isAlike } from './ownership.ts';

export interface LedgerPorts {
  readonly runId: string;
  readonly record: { readonly store: RecordStore; readonly id: string };
  readonly journal: Journal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Before a write into the store. */
  readonly expectWrite?: (id: string, bytes: Uint8Array) => void;
}

/** Before any answer was timed: as long as a request may take at most. */
const FIRST_PATIENCE_MS = 15_000;
const LEAST_PATIENCE_MS = 2_000;
const SLOWER = 4;
const MOST_UNEXPLAINED = 100;

/**
 * A run's writes into one record, each noted in the journal before it is made, so that whatever happens the record can
 * be put back, and so that what somebody else does to it meanwhile is told apart from what the run did.
 */
export class RecordLedger {
  readonly #ports: LedgerPorts;
  #entry: JournalEntry;
  /** Baseline: whose the contents are that come between two requests is decided at its end. */
  #learning = true;
  readonly #lateSaves = new LateSaves();
  /** The record as it was before the run; what is put back when nobody else wrote it. */
  readonly #original: JournalEntry['record'];
  /** The content as it was last seen or put. */
  #last: Uint8Array | undefined;
  #slowest = 0;

  private constructor(ports: LedgerPorts, entry: JournalEntry) {
    this.#ports = ports;
    this.#entry = entry;
    this.#original = entry.record;
    this.#last = entry.record === null ? undefined : Buffer.from(entry.record.base64, 'base64');
  }

  /** Begins with the record as it is. @throws ProblemError when the journal cannot be made durable */
  static async open(
    ports: LedgerPorts,
    original: StoredRecord | undefined,
    plan: Pick<JournalEntry, 'canaries' | 'known'>,
  ): Promise<RecordLedger> {
    const entry: JournalEntry = {
      version: 2,
      runId: ports.runId,
      pid: process.pid,
      storeUrl: ports.record.store.url,
      record: original === undefined ? null : kept(original),
      states: original === undefined ? [] : [digestOf(original.bytes)],
      mayBeGone: original === undefined,
      late: false,
      ...plan,
      created: [],
      asking: null,
      at: ports.clock(),
      patienceMs: FIRST_PATIENCE_MS,
      skewMs: null,
      fresh: [],
    };
    await ports.journal.write(entry);
    return new RecordLedger(ports, entry);
  }

  /** Id of the record in the store; undefined where there was none. */
  get recordId(): string | undefined {
    return this.#entry.record?.id;
  }

  wasKnown(id: string): boolean {
    return this.#entry.known?.includes(id) === true;
  }

  set skewMs(skewMs: number) {
    this.#entry = { ...this.#entry, skewMs };
  }

  /**
   * The baseline is over. Contents that came between its requests by the application's habit of saving late are the run's
   * doing; any other is somebody else's, and is what will be put back.
   * @returns `written` when somebody else wrote the record meanwhile
   * @throws ProblemError when the journal cannot be made durable
   */
  async learnt(): Promise<'written' | undefined> {
    this.#learning = false;
    const { late, theirs } = this.#lateSaves.decide();
    if (!late && theirs === undefined) return undefined;
    if (this.#entry.record === null) return undefined;
    await this.#note({ late, record: theirs === undefined ? this.#original : kept(theirs) });
    return theirs === undefined ? undefined : 'written';
  }

  /**
   * Looks whether the record is as the run left it. When somebody else wrote or removed it, theirs is what will be put
   * back from now on.
   * @returns what they did, or undefined
   */
  async meet(now: StoredRecord | undefined): Promise<'written' | 'removed' | undefined> {
    if (this.#entry.record === null) return undefined;
    if (now === undefined) {
      if (this.#entry.mayBeGone) return undefined;
      await this.#note({ record: null });
      return 'removed';
    }
    const digest = digestOf(now.bytes);
    if (this.#entry.states.includes(digest)) return undefined;
    const states = [...this.#entry.states, digest];
    const before = this.#last;
    this.#last = now.bytes;
    if (!this.#learning && this.#entry.late && this.#lateSaves.isHabit(before, now.bytes)) {
      await this.#note({ states });
      return undefined;
    }
    // While the baseline is learnt it is put back too, as long as it may be somebody else's.
    if (this.#learning) this.#lateSaves.unclaimed(before, now);
    await this.#note({ states, record: kept(now) });
    return 'written';
  }

  /** A request is about to be sent. */
  async asking(): Promise<void> {
    // One that was never answered may still be at work.
    await this.#note({ asking: this.#entry.asking ?? this.#ports.clock() });
  }

  /** A request was answered, or was not (`answered` false): what it left behind is the run's doing. */
  async answered(answered: boolean, after: StoredRecord | undefined, made: readonly StoredRecord[]): Promise<void> {
    const { states, created, fresh, asking, record, mayBeGone } = this.#entry;
    const digest = after === undefined ? undefined : digestOf(after.bytes);
    if (after !== undefined && digest !== undefined && !states.includes(digest)) {
      if (this.#learning) this.#lateSaves.claimed(this.#last, after.bytes);
      this.#last = after.bytes;
    }
    if (answered && asking !== null) this.#slowest = Math.max(this.#slowest, this.#ports.clock() - asking);
    await this.#note({
      asking: answered ? null : asking,
      states: digest === undefined || states.includes(digest) ? states : [...states, digest],
      mayBeGone: mayBeGone || (record !== null && after === undefined),
      created: [...created, ...made.map(({ id }) => id)],
      fresh: distinct([...fresh, ...made.map(freshOf)]),
      ...(answered ? { patienceMs: Math.max(LEAST_PATIENCE_MS, SLOWER * this.#slowest) } : {}),
    });
  }

  /**
   * Gives the record these bytes and a last use so many seconds ago, unless somebody else has been at it.
   * @returns what they did, or undefined
   */
  async put(bytes: Uint8Array, secondsAgo: number): Promise<'written' | 'removed' | undefined> {
    const { record, clock, expectWrite } = this.#ports;
    const { states, mayBeGone } = this.#entry;
    const digest = digestOf(bytes);
    await this.#note({
      states: states.includes(digest) ? states : [...states, digest],
      // The application may remove what is old at any visitor's request.
      mayBeGone: mayBeGone || secondsAgo > 0,
    });
    expectWrite?.(record.id, bytes);
    const { extra, expires } = this.#entry.record ?? {};
    const wanted = {
      id: record.id,
      bytes,
      lastUsed: clock() - secondsAgo * 1000,
      ...(expires === undefined ? {} : { expires }),
      ...(extra === undefined ? {} : { extra }),
    };
    let met: 'written' | 'removed' | undefined;
    const isPut = await putBack(record.store, wanted, async (now) => {
      met = await this.meet(now);
      return met === undefined;
    });
    if (!isPut) return met;
    this.#last = bytes;
    // Noted with the next step: as long as the journal says more than is so, nothing is lost.
    if (secondsAgo <= 0) this.#entry = { ...this.#entry, mayBeGone: false };
    return undefined;
  }

  /** Removes the record, unless somebody else has been at it. @returns what they did, or undefined */
  async remove(): Promise<'written' | 'removed' | undefined> {
    const { store, id } = this.#ports.record;
    await this.#note({ mayBeGone: true });
    for (;;) {
      const now = await store.read(id);
      const met = await this.meet(now);
      if (met !== undefined || now === undefined) return met;
      if ((await store.remove(id, now.revision)) === 'written') return undefined;
    }
  }

  /** Removes the records that the run's own requests made. One that cannot be removed now is removed at the end. */
  async removeCreated(): Promise<void> {
    if (this.#entry.created.length === 0) return;
    const left: string[] = [];
    for (const id of this.#entry.created) await this.#ports.record.store.remove(id).catch(() => left.push(id));
    await this.#note({ created: left });
  }

  /**
   * After the undoing: records that were not there before the run and that look like those which its requests made, but
   * under names that are not known to be its. They may be visitors', so they stay; the user is told of them.
   * @throws ProblemError of the store
   */
  async unexplained(): Promise<readonly string[]> {
    const { known, fresh, record } = this.#entry;
    if (known === null || fresh.length === 0) return [];
    const before = new Set(known);
    const found: string[] = [];
    const { store } = this.#ports.record;
    for await (const { id } of store.list()) {
      if (before.has(id) || id === record?.id || id === this.#original?.id || found.length >= MOST_UNEXPLAINED)
        continue;
      const stored = await store.read(id);
      if (stored !== undefined && isAlike(fresh, stored)) found.push(id);
    }
    return found;
  }

  /** Everything as it was before the run. The journal is not cleared by that. @throws ProblemError of the store */
  async undo(): Promise<CarriedOut> {
    return await carryOut(this.#entry, this.#ports.record.store, this.#ports.expectWrite);
  }

  async #note(change: Partial<JournalEntry>): Promise<void> {
    this.#entry = { ...this.#entry, ...change, at: this.#ports.clock() };
    await this.#ports.journal.write(this.#entry);
  }
}

function kept({ id, bytes, lastUsed, expires, extra }: StoredRecord): NonNullable<JournalEntry['record']> {
  return {
    id,
    base64: Buffer.from(bytes).toString('base64'),
    lastUsed,
    ...(expires === undefined ? {} : { expires }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function distinct(fresh: readonly FreshRecord[]): readonly FreshRecord[] {
  return [...new Map(fresh.map((one) => [`${one.bytes} ${one.shape}`, one])).values()];
}
