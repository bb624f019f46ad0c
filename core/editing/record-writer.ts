import { createHash } from 'node:crypto';
import { problem } from '../model/problem.ts';
import { comparedClock, type RecordStore, type StoredRecord } from '../model/record.ts';
import type { EditEntry, KeptState } from './edit-entry.ts';
import type { EditorOptions, LoggedEdit } from './ports.ts';

/** What a step came to. `changed`: the record is no longer in the state from which the step was to start. */
export type StepOutcome = 'done' | { readonly changed: StoredRecord | undefined };

/** A step from one state of a record to another, as the log knows it. */
export interface Step {
  readonly from: KeptState | null;
  readonly to: KeptState | null;
  /** Only the last use changes. */
  readonly onlyLastUsed: boolean;
  /** The revision that must still be there; the content of `from` when absent. */
  readonly revision?: string;
}

/** A store writes the last use with its own precision: seconds on some databases. */
const LAST_USED_SLACK_MS = 2_000;

/** Carries steps out, each guarded, and with the intent in the log before the store is touched. */
export class RecordWriter {
  readonly #options: EditorOptions;

  constructor(options: EditorOptions) {
    this.#options = options;
  }

  storeOf(storeId: string | undefined): RecordStore {
    const store = storeId === undefined ? undefined : this.#options.store(storeId);
    if (store !== undefined) return store;
    throw problem('store-not-attached', 'The store of this record is not attached', {
      remedy: 'Attach the store again, then repeat',
      ...(storeId === undefined ? {} : { where: storeId }),
    });
  }

  /** Keeps a record's bytes, with the clock that the application compares. */
  keep(storeId: string, record: StoredRecord): KeptState {
    const store = this.#options.store(storeId);
    const { extra } = record;
    return {
      // A clock that the application only writes is put back as well.
      ...this.keepAt(storeId, record, (store && comparedClock(store, record)) ?? record.lastUsed),
      ...(extra === undefined ? {} : { extra }),
    };
  }

  keepAt(storeId: string, record: { id: string; bytes: Uint8Array }, lastUsed: number | null): KeptState {
    const { id: recordId, bytes } = record;
    const at = this.#options.clock();
    return { snapshot: this.#options.snapshots.putSnapshot({ storeId, recordId, at, lastUsed, bytes }), lastUsed };
  }

  bytesOf(state: KeptState): Uint8Array {
    const kept = this.#options.snapshots.snapshot(state.snapshot);
    if (kept === undefined) throw problem('snapshot-gone', 'That state of the record is no longer kept');
    return kept.bytes;
  }

  /** Logs the intent, takes the step, logs how it ended. The log's line keeps its `entry` unless the step was done. */
  async run(logged: LoggedEdit, step: Step, then: EditEntry): Promise<StepOutcome> {
    const { log } = this.#options;
    const before = log.get(logged.id);
    log.put({ ...logged, phase: 'intent' });
    let outcome: StepOutcome;
    try {
      outcome = await this.#take(logged, step);
    } catch (error) {
      log.put(before ?? { ...logged, phase: 'failed' });
      throw error;
    }
    log.put(
      outcome === 'done' ? { ...logged, phase: 'done', entry: then } : (before ?? { ...logged, phase: 'failed' }),
    );
    return outcome;
  }

  async #take(logged: LoggedEdit, { from, to, onlyLastUsed, revision }: Step): Promise<StepOutcome> {
    const store = this.storeOf(logged.storeId);
    const id = logged.recordId ?? '';
    const current = await store.read(id);
    if (onlyLastUsed) return await this.#setLastUsed(store, id, current, from, to);
    if (!this.#isAt(current, from, revision)) return { changed: current };
    if (to === null) {
      if (current === undefined) return 'done';
      this.#options.expectWrite?.(logged.storeId ?? '', id, new Uint8Array());
      return this.#said(await store.remove(id, current.revision), store, id);
    }
    const bytes = this.bytesOf(to);
    this.#options.expectWrite?.(logged.storeId ?? '', id, bytes);
    if (current !== undefined) return this.#said(await store.replace(id, bytes, current.revision), store, id);
    await store.create(id, bytes, to.lastUsed ?? this.#options.clock(), to.extra);
    return 'done';
  }

  async #setLastUsed(
    store: RecordStore,
    id: string,
    current: StoredRecord | undefined,
    from: KeptState | null,
    to: KeptState | null,
  ): Promise<StepOutcome> {
    if (to?.lastUsed == null) throw problem('no-last-use', 'The last use before that edit is not known');
    if (current === undefined) {
      // Stores that remove what has ended: an aged record is gone, and comes back as it was before.
      if (store.traits.clock?.name !== 'expires' || to.lastUsed < this.#options.clock()) return { changed: current };
      await store.create(id, this.bytesOf(to), to.lastUsed, to.extra);
      return 'done';
    }
    if (!sameMoment(comparedClock(store, current), from?.lastUsed ?? null)) return { changed: current };
    const ends = store.traits.clock?.name === 'expires' && store.setExpires !== undefined;
    const done = ends ? await store.setExpires?.(id, to.lastUsed) : await store.setLastUsed(id, to.lastUsed);
    return this.#said(done ?? 'gone', store, id);
  }

  async #said(outcome: 'written' | 'stale' | 'gone', store: RecordStore, id: string): Promise<StepOutcome> {
    return outcome === 'written' ? 'done' : { changed: await store.read(id) };
  }

  #isAt(current: StoredRecord | undefined, state: KeptState | null, revision: string | undefined): boolean {
    if (state === null || current === undefined) return state === null && current === undefined;
    return revision === undefined ? this.holds(current, state) : current.revision === revision;
  }

  /** Whether the record holds exactly the bytes of that state. */
  holds(current: StoredRecord, state: KeptState): boolean {
    return sha256(current.bytes) === sha256(this.bytesOf(state));
  }

  /** Where the record stands between the two ends of a step; for what a crash left half done. */
  whereIs(store: RecordStore, current: StoredRecord | undefined, step: Step): 'from' | 'to' | 'elsewhere' {
    if (step.onlyLastUsed) {
      if (current === undefined) return 'elsewhere';
      const clock = comparedClock(store, current);
      if (sameMoment(clock, step.to?.lastUsed ?? null)) return 'to';
      return sameMoment(clock, step.from?.lastUsed ?? null) ? 'from' : 'elsewhere';
    }
    if (this.#isAt(current, step.to, undefined)) return 'to';
    return this.#isAt(current, step.from, undefined) ? 'from' : 'elsewhere';
  }
}

function sameMoment(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && Math.abs(a - b) <= LAST_USED_SLACK_MS;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
