import { Recent } from '../model/recent.ts';
import type { Carrier, SessionSummary } from '../model/session.ts';
import { type CarrierState, carrierFrom, holdsData, newCarrier } from './carrier-state.ts';
import { type LiveSession, type Surroundings, sessionFrom, summaryOf } from './live-session.ts';
import type { SavedSession, SessionArchive } from './ports.ts';

/** What is in memory of one carrier of a host. */
interface Place {
  state: CarrierState | undefined;
  /** Keys of sessions by their ids. */
  readonly keys: Map<string, string>;
}

/** The carriers of one host, by their names. */
type HostPlaces = Readonly<Record<Carrier['kind'], Map<string, Place>>>;

/**
 * Sessions and carriers: those of late in memory, the others in the archive. Every change goes to the archive at once
 * (which gathers its writes), so forgetting one here loses nothing.
 */
export class SessionCache {
  readonly #archive: SessionArchive;
  readonly #around: () => Surroundings;
  readonly #sessions: Recent<string, LiveSession>;
  /** By host and then by name: joining the two would make a text for each value of each request. */
  readonly #hosts = new Map<string, HostPlaces>();
  readonly #mostPlaces: number;
  #places = 0;

  constructor(archive: SessionArchive, around: () => Surroundings, hot: number) {
    this.#archive = archive;
    this.#around = around;
    this.#sessions = new Recent(hot);
    this.#mostPlaces = hot * 4;
  }

  session(key: string): LiveSession | undefined {
    return this.#sessions.get(key) ?? this.#wake(this.#archive.session(key)?.memo);
  }

  find(host: string, carrier: Carrier, id: string): LiveSession | undefined {
    const key = this.keyInMemory(host, carrier, id);
    const known = key === undefined ? undefined : this.session(key);
    // A value that holds the data itself is replaced at each answer; the older ones still lead to the session.
    if (known !== undefined && (known.id === id || holdsData(known.raw))) return known;
    return this.#wake(this.#archive.findSession(host, carrier, id)?.memo);
  }

  /** The key of a session in memory; never asks the archive. */
  keyInMemory(host: string, carrier: Carrier, id: string): string | undefined {
    return this.#hosts.get(host)?.[carrier.kind].get(nameOf(carrier))?.keys.get(id);
  }

  put(session: LiveSession): void {
    this.keep(session);
    this.#archive.putSession(new Saved(session, this.#around), session);
  }

  /** In memory only, for one who will `put` it when its changes are complete. */
  keep(session: LiveSession): void {
    const before = this.#sessions.get(session.key);
    this.#sessions.set(session.key, session);
    if (before?.id !== session.id) this.#remember(session);
  }

  summary(session: LiveSession): SessionSummary {
    return summaryOf(session, this.#around());
  }

  carrier(host: string, carrier: Carrier): CarrierState {
    const place = this.#place(host, carrier);
    place.state ??= carrierFrom(this.#archive.carrier(host, carrier)) ?? newCarrier(host, carrier);
    return place.state;
  }

  /** @param before the state it was made from, where it is known: the same one need not be kept again */
  putCarrier(state: CarrierState, at: number, before?: CarrierState): void {
    if (state === before) return;
    this.#place(state.host, state.carrier).state = state;
    this.#archive.putCarrier(state.host, state.carrier, at, state);
  }

  #place(host: string, carrier: Carrier): Place {
    const name = nameOf(carrier);
    const known = this.#hosts.get(host)?.[carrier.kind].get(name);
    if (known !== undefined) return known;
    this.#makeRoom();
    let places = this.#hosts.get(host);
    if (places === undefined) {
      places = { cookie: new Map(), url: new Map(), header: new Map() };
      this.#hosts.set(host, places);
    }
    const place: Place = { state: undefined, keys: new Map() };
    places[carrier.kind].set(name, place);
    return place;
  }

  #remember({ host, carrier, id, key }: LiveSession): void {
    this.#makeRoom();
    this.#place(host, carrier).keys.set(id, key);
  }

  /** Names and values come from the network, so there may be any number of them. The archive knows what is forgotten. */
  #makeRoom(): void {
    this.#places += 1;
    if (this.#places <= this.#mostPlaces) return;
    this.#places = 0;
    this.#hosts.clear();
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
    this.#remember(session);
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

function nameOf(carrier: Carrier): string {
  return carrier.kind === 'url' ? carrier.parameter : carrier.name;
}
