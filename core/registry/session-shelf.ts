import { Recent } from '../model/recent.ts';
import type { Carrier, SessionSummary } from '../model/session.ts';
import { type CarrierState, carrierFrom, carrierId, holdsData, newCarrier } from './carrier-state.ts';
import { type LiveSession, type Surroundings, sessionFrom, summaryOf } from './live-session.ts';
import type { SavedSession, SessionArchive } from './ports.ts';

/**
 * Sessions and carriers: those of late in memory, the others in the archive. Every change goes to the archive at once
 * (which gathers its writes), so forgetting one here loses nothing.
 */
export class SessionShelf {
  readonly #archive: SessionArchive;
  readonly #around: () => Surroundings;
  readonly #sessions: Recent<string, LiveSession>;
  readonly #keys: Recent<string, string>;
  readonly #carriers: Recent<string, CarrierState>;

  constructor(archive: SessionArchive, around: () => Surroundings, hot: number) {
    this.#archive = archive;
    this.#around = around;
    this.#sessions = new Recent(hot);
    this.#keys = new Recent(hot * 2);
    this.#carriers = new Recent(hot);
  }

  session(key: string): LiveSession | undefined {
    return this.#sessions.get(key) ?? this.#wake(this.#archive.session(key)?.memo);
  }

  find(host: string, carrier: Carrier, id: string): LiveSession | undefined {
    const place = placeOf(host, carrier, id);
    const key = this.#keys.get(place);
    const known = key === undefined ? undefined : this.session(key);
    // A value that holds the data itself is replaced at each answer; the older ones still lead to the session.
    if (known !== undefined && (known.id === id || holdsData(known.raw))) return known;
    return this.#wake(this.#archive.findSession(host, carrier, id)?.memo);
  }

  /** The key of a session in memory; never asks the archive. */
  keyInMemory(host: string, carrier: Carrier, id: string): string | undefined {
    return this.#keys.get(placeOf(host, carrier, id));
  }

  put(session: LiveSession): void {
    const before = this.#sessions.get(session.key);
    this.#sessions.set(session.key, session);
    if (before?.id !== session.id) this.#keys.set(placeOf(session.host, session.carrier, session.id), session.key);
    this.#archive.putSession(new Saved(session, this.#around), session);
  }

  summary(session: LiveSession): SessionSummary {
    return summaryOf(session, this.#around());
  }

  carrier(host: string, carrier: Carrier): CarrierState {
    const place = `${host} ${carrierId(carrier)}`;
    const known = this.#carriers.get(place);
    if (known !== undefined) return known;
    const state = carrierFrom(this.#archive.carrier(host, carrier)) ?? newCarrier(host, carrier);
    this.#carriers.set(place, state);
    return state;
  }

  /** @param before the state it was made from, where it is known: the same one need not be kept again */
  putCarrier(state: CarrierState, at: number, before?: CarrierState): void {
    if (state === before) return;
    this.#carriers.set(`${state.host} ${carrierId(state.carrier)}`, state);
    this.#archive.putCarrier(state.host, state.carrier, at, state);
  }

  /** Sessions in memory, those unused for longest first. */
  hot(): IterableIterator<LiveSession> {
    return this.#sessions.values();
  }

  /** Every session of a record, also those not in memory. */
  ofRecord(storeId: string, recordId: string): LiveSession[] {
    return this.#archive
      .sessionsOfRecord(storeId, recordId)
      .flatMap(({ summary, memo }) => this.#sessions.get(summary.key) ?? this.#wake(memo) ?? []);
  }

  #wake(memo: unknown): LiveSession | undefined {
    const session = sessionFrom(memo);
    if (session === undefined) return undefined;
    const known = this.#sessions.get(session.key);
    if (known !== undefined) return known;
    this.#sessions.set(session.key, session);
    this.#keys.set(placeOf(session.host, session.carrier, session.id), session.key);
    return session;
  }
}

/** A session on its way to the archive. */
class Saved implements SavedSession {
  readonly shown: boolean;
  readonly memo: LiveSession;
  readonly #around: () => Surroundings;
  #summary: SessionSummary | undefined;

  constructor(session: LiveSession, around: () => Surroundings) {
    this.memo = session;
    this.shown = session.shown;
    this.#around = around;
  }

  get summary(): SessionSummary {
    this.#summary ??= summaryOf(this.memo, this.#around());
    return this.#summary;
  }
}

function placeOf(host: string, carrier: Carrier, id: string): string {
  return `${host} ${carrierId(carrier)} ${id}`;
}
