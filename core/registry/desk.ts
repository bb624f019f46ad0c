import type { Score, TimelineEntry } from '../model/session.ts';
import type { Announcer } from './announcer.ts';
import { type CarrierState, isSession, scoreOf } from './carrier-state.ts';
import type { LiveSession } from './live-session.ts';
import type { NewEntry, SessionArchive } from './ports.ts';
import type { SessionShelf } from './session-shelf.ts';

/** What the parts of the registry share: where sessions are kept, and how a change becomes known. */
export class Desk {
  readonly archive: SessionArchive;
  readonly shelf: SessionShelf;
  readonly announcer: Announcer;
  readonly clock: () => number;
  readonly #scores = new WeakMap<CarrierState, { readonly score: Score; readonly shown: boolean }>();

  constructor(archive: SessionArchive, shelf: SessionShelf, announcer: Announcer, clock: () => number) {
    this.archive = archive;
    this.shelf = shelf;
    this.announcer = announcer;
    this.clock = clock;
  }

  /** Keeps the new state of a session and tells of it. */
  save(session: LiveSession, isNew = false): LiveSession {
    const before = isNew ? undefined : this.shelf.session(session.key);
    this.shelf.put(session);
    if (!session.shown) {
      if (before?.shown === true) this.announcer.removed(session.key);
      else this.announcer.touched(session.key);
    } else if (isNew || before?.shown === false) this.announcer.added(session.key);
    else this.announcer.updated(session.key);
    return session;
  }

  note(key: string, entry: NewEntry): TimelineEntry {
    this.announcer.touched(key);
    return this.archive.appendTimeline(key, entry);
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
