import { carrierName, sameCarrier } from '../model/carrier.ts';
import { Recent } from '../model/recent.ts';
import type { Carrier, SessionSummary } from '../model/session.ts';
import { type CarrierState, carrierFrom, holdsData, newCarrier } from './carrier-state.ts';
import { type LiveSession, sessionFrom } from './live-session.ts';
import type { SavedSession, SessionArchive } from './ports.ts';

/** What is in memory of one carrier of a host. */
interface Place {
  readonly carrier: Carrier;
  state: CarrierState | undefined;
  /** Keys of sessions by their ids. */
  readonly keys: Map<string, string>;
}

/** All carriers of one name: of a cookie there may be several, at other paths and domains. */
interface Namesakes {
  readonly places: Place[];
  readonly carriers: Carrier[];
  /** The archive was asked which ones there are. */
  isComplete: boolean;
}

/** The carriers of one host, by their names. */
type HostPlaces = Readonly<Record<Carrier['kind'], Map<string, Namesakes>>>;

/**
 * Sessions and carriers: recent ones in memory, the others in the archive. Every change goes to the archive at once
 * (which gathers its writes), so forgetting one here loses nothing.
 */
export class SessionCache {
  readonly #archive: SessionArchive;
  readonly #summaryOf: (session: LiveSession) => SessionSummary;
  readonly #sessions: Recent<string, LiveSession>;
  /** By host and then by name: joining the two would make a text for each value of each request. */
  readonly #hosts = new Map<string, HostPlaces>();
  readonly #mostPlaces: number;
  #places = 0;

  /** @param summaryOf makes the line for the list */
  constructor(archive: SessionArchive, summaryOf: (session: LiveSession) => SessionSummary, hot: number) {
    this.#archive = archive;
    this.#summaryOf = summaryOf;
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
    return this.#known(host, carrier)?.keys.get(id);
  }

  /** The key of a session in memory whose id a cookie of this name carries, at whatever path; never asks the archive. */
  keyOfCookie(host: string, name: string, id: string): string | undefined {
    for (const { keys } of this.#hosts.get(host)?.cookie.get(name)?.places ?? []) {
      const key = keys.get(id);
      if (key !== undefined) return key;
    }
    return undefined;
  }

  /** Every cookie of one name that is known of a host. */
  cookies(host: string, name: string): readonly Carrier[] {
    return this.#namesakes(host, 'cookie', name).carriers;
  }

  /** Every session that a cookie of this name with this value makes, on whatever host, path and domain. */
  ofCookie(name: string, id: string): LiveSession[] {
    return this.#archive
      .sessionsOfCookie(name, id)
      .flatMap(({ summary, memo }) => this.#sessions.get(summary.key) ?? this.#wake(memo) ?? []);
  }

  put(session: LiveSession): void {
    this.keep(session);
    this.#archive.putSession(new Saved(session, this.#summaryOf), session);
  }

  /** In memory only, for one who will `put` it when its changes are complete. */
  keep(session: LiveSession): void {
    const before = this.#sessions.get(session.key);
    this.#sessions.set(session.key, session);
    if (before?.id !== session.id || before.carrier !== session.carrier) this.#remember(session);
  }

  summary(session: LiveSession): SessionSummary {
    return this.#summaryOf(session);
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

  #known(host: string, carrier: Carrier): Place | undefined {
    const places = this.#hosts.get(host)?.[carrier.kind].get(carrierName(carrier))?.places ?? [];
    for (const place of places) if (sameCarrier(place.carrier, carrier)) return place;
    return undefined;
  }

  #place(host: string, carrier: Carrier): Place {
    const known = this.#known(host, carrier);
    if (known !== undefined) return known;
    this.#makeRoom();
    const { places, carriers } = this.#namesakes(host, carrier.kind, carrierName(carrier));
    const listed = places.find((one) => sameCarrier(one.carrier, carrier));
    if (listed !== undefined) return listed;
    const place: Place = { carrier, state: undefined, keys: new Map() };
    places.push(place);
    carriers.push(carrier);
    return place;
  }

  #namesakes(host: string, kind: Carrier['kind'], name: string): Namesakes {
    let places = this.#hosts.get(host);
    if (places === undefined) {
      places = { cookie: new Map(), url: new Map(), header: new Map() };
      this.#hosts.set(host, places);
    }
    let namesakes = places[kind].get(name);
    if (namesakes === undefined) {
      namesakes = { places: [], carriers: [], isComplete: kind !== 'cookie' };
      places[kind].set(name, namesakes);
    }
    if (namesakes.isComplete) return namesakes;
    namesakes.isComplete = true;
    for (const memo of this.#archive.cookieCarriers(host, name)) {
      const state = carrierFrom(memo);
      if (state === undefined || namesakes.places.some(({ carrier }) => sameCarrier(carrier, state.carrier))) continue;
      namesakes.places.push({ carrier: state.carrier, state, keys: new Map() });
      namesakes.carriers.push(state.carrier);
    }
    return namesakes;
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
  readonly #summaryOf: (session: LiveSession) => SessionSummary;
  #summary: SessionSummary | undefined;

  constructor(session: LiveSession, summaryOf: (session: LiveSession) => SessionSummary) {
    this.memo = session;
    this.shown = session.shown;
    this.#summaryOf = summaryOf;
  }

  get summary(): SessionSummary {
    this.#summary ??= this.#summaryOf(this.memo);
    return this.#summary;
  }
}
