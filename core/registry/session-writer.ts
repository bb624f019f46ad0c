import type { Score } from '../model/session.ts';
import type { Announcer } from './announcer.ts';
import { type CarrierState, isSession, scoreOf } from './carrier-state.ts';
import type { LiveSession } from './live-session.ts';
import type { NewEntry, SessionArchive } from './ports.ts';
import type { SessionCache } from './session-cache.ts';

/** A session that was saved while saving is put off. */
interface Draft {
  session: LiveSession;
  readonly wasShown: boolean | undefined;
  readonly isNew: boolean;
}

/** Kinds of entries that a run of the lab causes by itself. */
const OF_RUNS = new Set<NewEntry['kind']>(['data-changed', 'record-found', 'record-gone', 'state', 'revived']);

function snapshotOf(record: LiveSession['record']): string | undefined {
  return record === undefined || record.goneAt !== undefined ? undefined : record.snapshot;
}

/** What the parts of the registry share: where sessions are kept, and how a change becomes known. */
export class SessionWriter {
  readonly archive: SessionArchive;
  readonly cache: SessionCache;
  readonly announcer: Announcer;
  readonly clock: () => number;
  #held: Draft[] | undefined;
  readonly #runs = new Map<string, { runId: string; began: number; changes: number; snapshot: string | undefined }>();
  readonly #scores = new WeakMap<CarrierState, { readonly score: Score; readonly shown: boolean }>();

  constructor(archive: SessionArchive, cache: SessionCache, announcer: Announcer, clock: () => number) {
    this.archive = archive;
    this.cache = cache;
    this.announcer = announcer;
    this.clock = clock;
  }

  /** Keeps the new state of a session and tells of it. */
  save(session: LiveSession, isNew = false): LiveSession {
    const before = isNew ? undefined : this.cache.session(session.key);
    if (this.#held === undefined) {
      this.cache.put(session);
      this.#notify(session, before?.shown, isNew);
      return session;
    }
    this.cache.keep(session);
    for (const draft of this.#held) {
      if (draft.session.key !== session.key) continue;
      draft.session = session;
      return session;
    }
    this.#held.push({ session, wasShown: before?.shown, isNew });
    return session;
  }

  /**
   * What is saved meanwhile is kept and told at the end, each session once: a flow touches one with each value that it
   * carries.
   */
  together(work: () => void): void {
    if (this.#held !== undefined) {
      work();
      return;
    }
    const held: Draft[] = [];
    this.#held = held;
    try {
      work();
    } finally {
      this.#held = undefined;
      for (const { session, wasShown, isNew } of held) {
        this.cache.put(session);
        this.#notify(session, wasShown, isNew);
      }
    }
  }

  /** Whether nobody else has got this state of a session yet, so that it may be changed where it is. */
  isDraft(session: LiveSession): boolean {
    if (this.#held !== undefined) for (const draft of this.#held) if (draft.session === session) return true;
    return false;
  }

  #notify({ key, shown }: LiveSession, wasShown: boolean | undefined, isNew: boolean): void {
    if (!shown) {
      if (wasShown === true) this.announcer.removed(key);
      else this.announcer.touched(key);
    } else if (isNew || wasShown === false) this.announcer.added(key);
    else this.announcer.updated(key);
  }

  note(key: string, entry: NewEntry): void {
    this.announcer.touched(key);
    const run = this.#runs.get(key);
    // What happens in a flow of the visitor is the application's own; the rest is the run's doing and undoing.
    if (run !== undefined && entry.flowId === undefined && OF_RUNS.has(entry.kind)) run.changes += 1;
    else this.archive.appendTimeline(key, entry);
  }

  /** From now on, changes of the session's record are a run's of the lab: they become one entry when it ends. */
  beginRun(key: string, runId: string): void {
    const { record } = this.cache.session(key) ?? {};
    this.#runs.set(key, { runId, began: this.clock(), changes: 0, snapshot: snapshotOf(record) });
  }

  inRun(key: string): boolean {
    return this.#runs.has(key);
  }

  endRun(key: string): void {
    const run = this.#runs.get(key);
    if (run === undefined) return;
    this.#runs.delete(key);
    const { runId, began: at, changes } = run;
    if (changes === 0) return;
    const same = snapshotOf(this.cache.session(key)?.record) === run.snapshot;
    this.note(key, { kind: 'lab-run', at, runId, changes, until: this.clock(), same });
  }

  verdict(carrier: CarrierState): Score['verdict'] {
    return this.archive.overrule(carrier.host, carrier.carrier);
  }

  score(carrier: CarrierState): { score: Score; shown: boolean } {
    const verdict = this.verdict(carrier);
    const known = this.#scores.get(carrier);
    if (known !== undefined && known.score.verdict === verdict) return known;
    const score = scoreOf(carrier, verdict);
    const scored = { score, shown: isSession(score) };
    this.#scores.set(carrier, scored);
    return scored;
  }
}
