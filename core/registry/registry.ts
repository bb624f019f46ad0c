import { toCookieView } from '../cookies/cookie-view.ts';
import type { Flow } from '../model/flow.ts';
import type { Carrier, CookieView, Score, SessionSummary, Sighting } from '../model/session.ts';
import { Announcer, type RegistryChange } from './announcer.ts';
import { FlowReader } from './flow-reader.ts';
import { type LiveSession, type Surroundings, stateOf } from './live-session.ts';
import { type InsideSeen, PayloadTracker } from './payload-tracker.ts';
import type { DecodeValue, NewEntry, ReadSetCookie, SessionArchive } from './ports.ts';
import { type RecordGone, type RecordNews, type RecordSeen, RecordTracker } from './record-tracker.ts';
import { SessionCache } from './session-cache.ts';
import { SessionWriter } from './session-writer.ts';

export type { RegistryChange } from './announcer.ts';
export type { JoinedRecord, LiveSession } from './live-session.ts';
export type { RecordGone, RecordNews, RecordSeen } from './record-tracker.ts';

/** So many sessions of a carrier change at once when the person overrules it; older ones when they are seen again. */
const MOST_OVERRULED = 20_000;

export interface RegistryOptions {
  readonly archive: SessionArchive;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly decode: DecodeValue;
  /** How a Set-Cookie is read; as browsers do when absent. */
  readonly readSetCookie?: ReadSetCookie;
  /** Whether any store is attached. */
  readonly hasStores?: () => boolean;
  /** Seconds after the last use at which the application's cleanup may take a record, where that is known. */
  readonly timeoutSeconds?: () => number | undefined;
  /** Changes are gathered for so long before they are told (default 50 ms). */
  readonly announceMs?: number;
  /** Sessions that are kept in memory (default 3,000). */
  readonly hot?: number;
}

/**
 * What is known now: every session as one live object, from flows, sightings and records. It decides nothing about
 * traffic and touches no store; it is told, keeps, and announces.
 */
export class Registry {
  readonly #writer: SessionWriter;
  readonly #flows: FlowReader;
  readonly #records: RecordTracker;
  readonly #inside: PayloadTracker;
  readonly #around: () => Surroundings;

  constructor(options: RegistryOptions) {
    const { archive, clock } = options;
    this.#around = () => {
      const timeoutSeconds = options.timeoutSeconds?.();
      const around = { now: clock(), stores: options.hasStores?.() ?? false };
      return timeoutSeconds === undefined ? around : { ...around, timeoutSeconds };
    };
    const cache = new SessionCache(archive, this.#around, options.hot ?? 3_000);
    const announcer = new Announcer((key) => {
      const session = cache.session(key);
      return session?.shown === true ? cache.summary(session) : undefined;
    }, options.announceMs ?? 50);
    this.#writer = new SessionWriter(archive, cache, announcer, clock);
    this.#flows = new FlowReader(this.#writer, options.readSetCookie ?? readAsBrowsers);
    this.#inside = new PayloadTracker(this.#writer);
    this.#records = new RecordTracker(this.#writer, options.decode);
  }

  /** Tells what changed, gathered. Returns how to stop. */
  onChange(listener: (change: RegistryChange) => void): () => void {
    return this.#writer.announcer.listen(listener);
  }

  /**
   * Reads a flow with the sightings in it: when it begins, when its answer's head is there, and when it ends; reading
   * the same thing twice changes nothing. The flow must be in the workspace already. Returns the keys of its sessions.
   * @param isLast the flow is over, and is not read again
   */
  saw(flow: Flow, sightings: readonly Sighting[], isLast = false): readonly string[] {
    return this.#flows.read(flow, sightings, isLast);
  }

  /** The latest flow with this session whose answer is still to come. */
  waitingFlow(key: string): string | undefined {
    return this.#flows.waiting(key);
  }

  get(key: string): LiveSession | undefined {
    return this.#writer.cache.session(key);
  }

  find(host: string, carrier: Carrier, id: string): LiveSession | undefined {
    return this.#writer.cache.find(host, carrier, id);
  }

  /** The line for the list, also of what does not count as a session. */
  summary(key: string): SessionSummary | undefined {
    const session = this.get(key);
    return session === undefined ? undefined : this.#writer.cache.summary(session);
  }

  /** Sessions in memory, those of late last. */
  hot(): LiveSession[] {
    return [...this.#writer.cache.hot()];
  }

  /** Takes sessions of late into memory again: after a start none is there, and a store may have news of them. */
  wake(limit: number): void {
    for (const key of [...this.#writer.archive.recentKeys(limit)].reverse()) this.#writer.cache.session(key);
  }

  ofRecord(storeId: string, recordId: string): LiveSession[] {
    return this.#writer.cache.ofRecord(storeId, recordId);
  }

  /** A record was read. The join, the difference and the label follow from it. */
  recordSeen(seen: RecordSeen): RecordNews {
    return this.#records.seen(seen);
  }

  /** Bytes of the session's record as last seen, when it is large: to be decoded elsewhere for `recordSeen`. */
  largeBefore(key: string): Uint8Array | undefined {
    return this.#records.largeBefore(key);
  }

  recordGone(gone: RecordGone): void {
    this.#records.gone(gone);
  }

  /** To be called before bytes are written into a store from here. */
  expectWrite(storeId: string, recordId: string, bytes: Uint8Array): void {
    this.#records.expect(storeId, recordId, bytes);
  }

  /** Puts a line of others (an edit, an overwritten edit) into the session's timeline. */
  note(key: string, entry: NewEntry): void {
    if (this.get(key) !== undefined) this.#writer.note(key, entry);
  }

  /** The person's word: what this carrier of this host is. Kept for the site; null takes it back. */
  overrule(key: string, verdict: Score['verdict'] | null): void {
    const session = this.get(key);
    if (session === undefined) return;
    this.#writer.archive.setOverrule(session.host, session.carrier, verdict);
    const scored = this.#writer.score(this.#writer.cache.carrier(session.host, session.carrier));
    for (const same of this.#writer.archive.carrierKeys(session.host, session.carrier, MOST_OVERRULED)) {
      const other = this.#writer.cache.session(same);
      if (other !== undefined) this.#writer.save({ ...other, ...scored });
    }
  }

  /** What *Prove it* found out: whether the login is lost without this carrier. */
  proved(key: string, needed: boolean): void {
    const session = this.get(key);
    if (session === undefined) return;
    const carrier = { ...this.#writer.cache.carrier(session.host, session.carrier), neededForLogin: needed };
    this.#writer.cache.putCarrier(carrier, this.#writer.clock());
    this.#writer.save({ ...session, ...this.#writer.score(carrier) });
  }

  /** The value of a session that keeps its data in the cookie itself was decoded. */
  insideSeen(seen: InsideSeen): void {
    this.#inside.seen(seen);
  }

  /** Notes cookies and payloads that have run out by the clock. Call every second or so. */
  tick(): void {
    const around = this.#around();
    for (const session of this.hot()) {
      const ended = session.expiredAt ?? session.killedAt ?? session.rotatedTo;
      const clock = Math.min(session.cookie?.expires ?? Infinity, session.payload?.expires ?? Infinity);
      if (ended !== undefined || clock > around.now || stateOf(session, around) !== 'expired') continue;
      this.#writer.note(session.key, { kind: 'expired', at: clock });
      this.#writer.save({ ...session, expiredAt: clock });
    }
  }

  /** Tells at once what has gathered. */
  announce(): void {
    this.#writer.announcer.flush();
  }

  close(): void {
    this.#writer.announcer.stop();
  }
}

/** Null for what is no cookie: without a name. */
function readAsBrowsers(setCookie: string, url: string, at: number): CookieView | null {
  const view = toCookieView(setCookie, url, at);
  return view.name === '' ? null : view;
}
