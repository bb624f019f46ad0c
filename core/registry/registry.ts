import { toCookieView } from '../cookies/cookie-view.ts';
import type { Alarm, LossNote } from '../model/diagnosis.ts';
import type { Flow } from '../model/flow.ts';
import type { Carrier, CookieView, Score, SessionSummary, Sighting } from '../model/session.ts';
import { Announcer, type RegistryChange } from './announcer.ts';
import { scoreOf } from './carrier-state.ts';
import { type AreJoined, CookieFinder } from './cookie-finder.ts';
import { Fates } from './fates.ts';
import { asForeign, FlowReader, without } from './flow-reader.ts';
import { type CheckedValue, type LiveSession, SILENT_MS, type Surroundings, summaryOf } from './live-session.ts';
import { type InsideSeen, PayloadTracker } from './payload-tracker.ts';
import type { DecodeValue, NewEntry, ReadSetCookie, RefusalsOf, SessionArchive } from './ports.ts';
import { type RecordGone, type RecordNews, type RecordSeen, RecordTracker } from './record-tracker.ts';
import { refusalsByRules } from './refusals.ts';
import { SessionCache } from './session-cache.ts';
import { SessionWriter } from './session-writer.ts';

export type { RegistryChange } from './announcer.ts';
export type { LiveSession } from './live-session.ts';
export type { RecordGone, RecordNews, RecordSeen } from './record-tracker.ts';

/** So many sessions of a carrier change at once when the user overrules it; older ones when they are seen again. */
const MOST_OVERRULED = 20_000;
/** How often, and how many at a time, sessions that were not seen for long get another line in the list. */
const QUIET_EVERY_MS = 60_000;
const MOST_QUIET = 500;

/** What the engine gives: everything but the tunings and what has a default by the rules. A port that is forgotten does not compile. */
export type RegistryPorts = Required<Omit<RegistryOptions, 'readSetCookie' | 'refusals' | 'announceMs' | 'hot'>>;

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
  readonly timeoutSeconds?: (host: string) => number | undefined;
  /** Why a browser does not take a Set-Cookie; by the rules of RFC 6265bis when absent. */
  readonly refusals?: RefusalsOf;
  /** Whether the user said that two applications of one host share their sessions; none do when absent. */
  readonly joined?: AreJoined;
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
  #nextQuiet = 0;
  #held: ((session: LiveSession) => CookieView | undefined) | undefined;
  readonly #fates: Fates;
  readonly #finder: CookieFinder;

  constructor(options: RegistryOptions) {
    const { archive, clock } = options;
    const timeoutSeconds = options.timeoutSeconds ?? (() => undefined);
    const summary = (session: LiveSession): SessionSummary => {
      const carrier = cache.carrier(session.host, session.carrier);
      const timeout = timeoutSeconds(session.host);
      const around: Surroundings = {
        now: clock(),
        stores: options.hasStores?.() ?? false,
        othersHaveRecords: carrier.foundInStore !== undefined,
        ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
        ...held(this.#held?.(session)),
      };
      return summaryOf(session, around, scoreOf(carrier, this.#writer.verdict(carrier), session));
    };
    const cache: SessionCache = new SessionCache(archive, summary, options.hot ?? 3_000);
    const announcer = new Announcer((key) => {
      const session = cache.session(key);
      return session?.shown === true ? cache.summary(session) : undefined;
    }, options.announceMs ?? 50);
    this.#writer = new SessionWriter(archive, cache, announcer, clock);
    this.#fates = new Fates(this.#writer, timeoutSeconds);
    this.#finder = new CookieFinder(cache, options.joined ?? (() => false));
    this.#flows = new FlowReader(this.#writer, {
      readSetCookie: options.readSetCookie ?? readAsBrowsers,
      refusals: options.refusals ?? refusalsByRules(),
      finder: this.#finder,
      fates: this.#fates,
    });
    this.#inside = new PayloadTracker(this.#writer, this.#fates);
    this.#records = new RecordTracker(this.#writer, {
      decode: options.decode,
      fates: this.#fates,
      occasion: (flowId) => this.#flows.occasion(flowId),
    });
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

  /** A cookie without a path is looked for at every path: a request does not say which one it is. */
  find(host: string, carrier: Carrier, id: string): LiveSession | undefined {
    const { cache } = this.#writer;
    const found = cache.find(host, carrier, id);
    if (found !== undefined || carrier.kind !== 'cookie' || carrier.path !== undefined) return found;
    const key = cache.keyOfCookie(host, carrier.name, id);
    if (key !== undefined) return cache.session(key);
    return cache.ofCookie(carrier.name, id).find((session) => session.host === host);
  }

  /** From now on, cookies are shown as edits in force make them. */
  showEdits(held: (session: LiveSession) => CookieView | undefined): void {
    this.#held = held;
  }

  /** Something outside of traffic and stores changed how a session is to be shown. */
  shownAnew(key: string): void {
    const session = this.get(key);
    if (session !== undefined) this.#writer.save(session);
  }

  /** The browser's jar says which application issued a cookie whose Set-Cookie did not pass here. */
  issuedBy(key: string, issuer: string): void {
    const session = this.get(key);
    if (session === undefined || session.issuer === session.host || session.issuer === issuer) return;
    const foreign = this.#finder.foreign(session.host, issuer, true);
    if (foreign !== undefined) this.#writer.save(asForeign(session, foreign));
    else this.#writer.save({ ...without(session, 'foreign'), issuer });
  }

  /** The user said (or took back) that two applications of one host share their sessions; see `RegistryOptions.joined`. */
  joinedChanged(host: string): readonly string[] {
    const changed: string[] = [];
    for (const key of this.#writer.archive.recentKeys(MOST_OVERRULED)) {
      const session = this.get(key);
      if (session === undefined || session.host !== host) continue;
      const issuer = session.issuer ?? session.foreign?.issuer;
      if (issuer === undefined || issuer === host) continue;
      const foreign = this.#finder.foreign(host, issuer, session.foreign?.sure ?? true);
      if ((foreign === undefined) === (session.foreign === undefined)) continue;
      this.#writer.save(foreign === undefined ? without(session, 'foreign') : asForeign(session, foreign));
      changed.push(key);
    }
    return changed;
  }

  /**
   * Keeps how a session was lost (undefined: it goes on) and what is wrong with it, with an entry of its timeline for
   * what is new. Returns whether it is lost now and was not before.
   */
  noteLoss(key: string, loss: LossNote | undefined, alarms: readonly Alarm[]): boolean {
    const session = this.get(key);
    if (session === undefined) return false;
    const before = session.loss;
    const known = new Set((session.alarms ?? []).map(({ sentence }) => sentence));
    const fresh = alarms.filter(({ sentence }) => !known.has(sentence));
    const same = JSON.stringify(before) === JSON.stringify(loss);
    if (same && fresh.length === 0 && known.size === alarms.length) return false;
    this.#writer.save({
      ...without(session, 'loss', 'alarms'),
      ...(loss === undefined ? {} : { loss }),
      ...(alarms.length === 0 ? {} : { alarms }),
    });
    const isNew = loss !== undefined && before?.at !== loss.at;
    if (isNew) this.#writer.note(key, { kind: 'lost', at: loss.at, loss, ...inFlow(loss) });
    for (const alarm of fresh) this.#writer.note(key, { kind: 'alarm', at: alarm.at, alarm, ...inFlow(alarm) });
    return isNew && before === undefined;
  }

  /** Keeps what was found out about the signatures of a session's value. */
  noteChecked(key: string, checked: CheckedValue): void {
    const session = this.get(key);
    if (session === undefined || JSON.stringify(session.checked) === JSON.stringify(checked)) return;
    this.#writer.save({ ...session, checked });
  }

  /** The line for the list, also of what does not count as a session. */
  summary(key: string): SessionSummary | undefined {
    const session = this.get(key);
    return session === undefined ? undefined : this.#writer.cache.summary(session);
  }

  /** Sessions in memory, least recently used first. */
  hot(): LiveSession[] {
    return [...this.#writer.cache.hot()];
  }

  /** Loads recent sessions into memory again: after a start none is there, and a store may have news of them. */
  wake(limit: number): void {
    for (const key of [...this.#writer.archive.recentKeys(limit)].reverse()) this.#writer.cache.session(key);
  }

  ofRecord(storeId: string, recordId: string): LiveSession[] {
    return this.#writer.cache.ofRecord(storeId, recordId);
  }

  /** Sessions in memory whose record it was before it went. */
  lostRecord(storeId: string, recordId: string): LiveSession[] {
    return this.hot().filter(
      ({ record }) => record?.goneAt !== undefined && record.storeId === storeId && record.id === recordId,
    );
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

  /** A run of the lab on this session begins: what it does to the record becomes one entry of the timeline. */
  beginRun(key: string, runId: string): void {
    this.#writer.beginRun(key, runId);
  }

  inRun(key: string): boolean {
    return this.#writer.inRun(key);
  }

  /** The run is over, and what it changed was read. */
  endRun(key: string): void {
    this.#writer.endRun(key);
  }

  /** When a record of a store was last seen to be cleaned up; undefined when that was not seen. */
  lastCleanup(storeId: string): number | undefined {
    return this.#fates.lastCleanup(storeId);
  }

  /** Somebody was given a state of the session that is not the one known here: they are to look again. */
  touch(key: string): void {
    this.#writer.announcer.touched(key);
  }

  /** The user's word: what this carrier of this host is. Kept for the site; null takes it back. */
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

  /** Notes what has run out by the clock, and what was not seen for long. Call every second or so. */
  tick(): void {
    const now = this.#writer.clock();
    for (const session of this.hot()) this.#fates.tick(session, now);
    if (now < this.#nextQuiet) return;
    this.#nextQuiet = now + QUIET_EVERY_MS;
    // Only their lines in the archive are old: saved again, they say what is known now.
    for (const key of this.#writer.archive.quietKeys(now - SILENT_MS, MOST_QUIET)) {
      const session = this.get(key);
      if (session !== undefined) this.#writer.save(session);
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

function held(cookie: CookieView | undefined): Pick<Surroundings, 'held'> {
  return cookie === undefined ? {} : { held: cookie };
}

/** Null for what is no cookie: without a name. */
function readAsBrowsers(setCookie: string, url: string, at: number, serverTime?: number): CookieView | null {
  const view = toCookieView(setCookie, url, at, serverTime);
  return view.name === '' ? null : view;
}

function inFlow({ flowId }: { readonly flowId?: string }): { readonly flowId?: string } {
  return flowId === undefined ? {} : { flowId };
}
