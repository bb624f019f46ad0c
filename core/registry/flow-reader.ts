import { hostOf } from '../capture/capture.ts';
import { transportDecoded } from '../capture/value-shape.ts';
import { tokenizeCookie } from '../cookies/tokenizer.ts';
import { sameCarrier } from '../model/carrier.ts';
import type { Flow } from '../model/flow.ts';
import { Recent } from '../model/recent.ts';
import type { Carrier, CookieView, ForeignCookie, Sighting } from '../model/session.ts';
import { type CarrierState, deletedValue, holdsData, type Occasion, sentValue, setValue } from './carrier-state.ts';
import type { CookieFinder, FoundCookie } from './cookie-finder.ts';
import type { Fates } from './fates.ts';
import { contextOf, serverTimeOf, topLevelSiteOf } from './flow-context.ts';
import type { LiveSession } from './live-session.ts';
import { occasionOf } from './occasion.ts';
import type { ReadSetCookie, RefusalsOf } from './ports.ts';
import type { SessionWriter } from './session-writer.ts';
import { attributesDiffer, isDeleting, setCookieValues } from './set-cookies.ts';

/** After so long without a request the next one is noted as "seen". */
const PAUSE_MS = 5 * 60_000;
/** Flows that never end (streams, lost ones) are forgotten when so many others are open. */
const MOST_OPEN = 5_000;
/** Logins and logouts that are remembered, for records that turn out to be gone after their flows. */
const OCCASIONS = 1_000;

/** A value that a request carried. */
interface Sent {
  readonly carrier: Carrier;
  readonly id: string;
  readonly raw: string;
  /** The session's. */
  readonly key: string;
}

/** A value in an answer. */
interface Seen {
  readonly flowId: string;
  readonly at: number;
  readonly host: string;
  readonly carrier: Carrier;
  readonly id: string;
  readonly raw: string;
  readonly direction: Sighting['direction'];
}

/**
 * What a flow has told so far. Flows are read when they begin, when they are answered and when they end. Lists, not
 * sets: a flow has few values, and there are thousands of flows a second.
 */
interface OpenFlow {
  readonly sent: Sent[];
  readonly keys: string[];
  /** Sessions that its request seems to carry, before the sightings say so. */
  readonly expected: string[];
  readonly occasion: Occasion;
  requestRead: boolean;
  answered: boolean;
}

export interface FlowReaderPorts {
  readonly readSetCookie: ReadSetCookie;
  readonly refusals: RefusalsOf;
  readonly finder: CookieFinder;
  readonly fates: Fates;
}

const NONE: readonly string[] = [];

/** Turns flows and sightings into what happened to sessions: created, seen, replaced, ended, changed attributes. */
export class FlowReader {
  readonly #writer: SessionWriter;
  readonly #ports: FlowReaderPorts;
  readonly #open = new Map<string, OpenFlow>();
  readonly #occasions = new Recent<string, Occasion>(OCCASIONS);

  constructor(writer: SessionWriter, ports: FlowReaderPorts) {
    this.#writer = writer;
    this.#ports = ports;
  }

  /**
   * Reads what is new in a flow; may be called as often as wanted. Returns the keys of its sessions.
   * @param isLast the flow is over, and is not read again
   */
  read(flow: Flow, sightings: readonly Sighting[], isLast = false): readonly string[] {
    const open = this.#openFlow(flow, isLast);
    this.#writer.together(() => {
      this.#readRequest(flow, open, sightings);
      if (flow.response !== undefined && !open.answered) {
        open.answered = true;
        this.#answered(flow, open, sightings);
      }
    });
    return open.keys;
  }

  /** The latest flow with this session whose answer is still to come. */
  waiting(key: string): string | undefined {
    let found: string | undefined;
    for (const [flowId, open] of this.#open)
      if (!open.answered && (open.keys.includes(key) || open.expected.includes(key))) found = flowId;
    return found;
  }

  /** What a flow looked like; undefined for one that was neither login nor logout, or long ago. */
  occasion(flowId: string): Occasion | undefined {
    return this.#occasions.get(flowId);
  }

  #openFlow(flow: Flow, isLast: boolean): OpenFlow {
    let open = this.#open.get(flow.id);
    if (open !== undefined) {
      if (isLast) this.#open.delete(flow.id);
      return open;
    }
    const occasion = occasionOf(flow);
    if (occasion.login || occasion.logout) this.#occasions.set(flow.id, occasion);
    open = { sent: [], keys: [], expected: [], occasion, requestRead: false, answered: false };
    if (!isLast) {
      this.#open.set(flow.id, open);
      if (flow.response === undefined) this.#expect(flow, open);
      if (this.#open.size > MOST_OPEN) this.#open.delete(this.#open.keys().next().value as string);
    }
    return open;
  }

  /**
   * Sightings of a request come only when it is known what was really sent on. Until then its own Cookie header tells
   * which sessions may be changed by it.
   */
  #expect(flow: Flow, open: OpenFlow): void {
    const host = hostOf(flow.request.url);
    const { rawHeaders } = flow.request;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (rawHeaders[i]?.toLowerCase() !== 'cookie') continue;
      for (const { name, value } of tokenizeCookie(rawHeaders[i + 1] ?? '')) {
        const key = this.#writer.cache.keyOfCookie(host, name, transportDecoded(value));
        if (key !== undefined) open.expected.push(key);
      }
    }
  }

  /** The sightings of a request come in one go. */
  #readRequest(flow: Flow, open: OpenFlow, sightings: readonly Sighting[]): void {
    if (open.requestRead) return;
    for (let i = 0; i < sightings.length; i += 1) {
      const sighting = sightings[i] as Sighting;
      if (sighting.direction !== 'request') continue;
      open.requestRead = true;
      const { carrier } = sighting;
      if (carrier.kind !== 'cookie') this.#sent(flow, open, sighting, { carrier });
      else {
        const { host, id } = sighting;
        if (id === '') continue;
        const only = this.#ports.finder.theOnly(host, carrier.name, id);
        const isUsual = only !== undefined && !isSent(open, only.key);
        this.#sent(
          flow,
          open,
          sighting,
          isUsual ? { carrier: only.carrier, session: only } : this.#find(flow, open, sightings, i),
        );
      }
    }
    if (open.sent.length > 1) this.#noteClashes(flow, open);
  }

  #find(flow: Flow, open: OpenFlow, sightings: readonly Sighting[], at: number): FoundCookie {
    const { host, id, carrier } = sightings[at] as Sighting;
    const name = carrier.kind === 'cookie' ? carrier.name : '';
    const url = flow.request.sent?.url ?? flow.request.url;
    const taken = (key: string): boolean => isSent(open, key);
    return this.#ports.finder.inRequest({ host, url, name, id, ...placeAmong(sightings, at, name), taken });
  }

  #sent(flow: Flow, open: OpenFlow, sighting: Sighting, found: FoundCookie): void {
    const { host, id, raw, at } = sighting;
    if (id === '') return;
    const known = this.#writer.cache.carrier(host, found.carrier);
    // A header's value has a scheme before the token: `Bearer …`.
    const carrier = sentValue(known, found.carrier.kind === 'header' ? id : raw);
    this.#writer.cache.putCarrier(carrier, at, known);
    const { session: plain, isNew } = this.#sessionFor(carrier, sighting, found.session);
    const session = isNew && found.known !== undefined ? { ...plain, ...found.known } : plain;
    open.sent.push({ carrier: session.carrier, id, raw, key: session.key });
    if (isNew || at - session.lastActivity > PAUSE_MS) {
      this.#writer.note(session.key, { kind: 'seen', at, flowId: flow.id });
    }
    const alive = this.#ports.fates.carriedAgain(session, flow, at);
    this.#touch(flow, open, alive.used ? alive : { ...alive, used: true }, sighting, isNew);
  }

  /** Several cookies of one name in a request: which one an application reads is its own affair. */
  #noteClashes(flow: Flow, open: OpenFlow): void {
    for (const one of open.sent) {
      if (one.carrier.kind !== 'cookie') continue;
      const { name } = one.carrier;
      const namesakes = open.sent.filter(({ carrier }) => carrier.kind === 'cookie' && carrier.name === name);
      if (namesakes.length < 2) continue;
      const session = this.#writer.cache.session(one.key);
      if (session === undefined) continue;
      const cookies = namesakes.map(({ carrier, key }) => ({
        path: carrier.kind === 'cookie' ? (carrier.path ?? '/') : '/',
        ...(carrier.kind === 'cookie' && carrier.domain !== undefined ? { domain: carrier.domain } : {}),
        mine: key === one.key,
      }));
      const clash = { at: session.lastActivity, flowId: flow.id, cookies };
      if (JSON.stringify(session.clash?.cookies) !== JSON.stringify(cookies)) this.#writer.save({ ...session, clash });
    }
  }

  #answered(flow: Flow, open: OpenFlow, sightings: readonly Sighting[]): void {
    const first = firstOfResponse(sightings);
    const at = first?.at ?? this.#writer.clock();
    const host = first?.host ?? this.#hostOf(flow, open);
    this.#noteStatus(flow, open, at);
    const set = this.#lastCookies(flow, at, host);
    const context = set.length === 0 ? undefined : contextOf(flow, at);
    for (const { view, carrier } of set) {
      const named = responseSighting(sightings, view);
      const seen: Seen = {
        flowId: flow.id,
        at: named?.at ?? at,
        host: named?.host ?? host,
        carrier,
        id: named?.id ?? transportDecoded(view.value),
        raw: view.value,
        direction: 'response',
      };
      const refused = context === undefined ? NONE : this.#ports.refusals(view.setCookie ?? '', context);
      if (isDeleting(view, at)) this.#deleted(flow, open, seen, view, refused);
      else if (refused.length > 0) this.#refused(flow, open, seen, view, refused);
      else this.#set(flow, open, seen, view);
    }
    for (const sighting of sightings) {
      const { carrier, id, direction } = sighting;
      if (direction === 'response' && carrier.kind !== 'cookie' && id !== '') this.#set(flow, open, sighting, null);
    }
  }

  #noteStatus(flow: Flow, open: OpenFlow, at: number): void {
    const status = flow.response?.status;
    if (status === undefined) return;
    for (const { key } of open.sent) {
      const session = this.#writer.cache.session(key);
      if (session === undefined) continue;
      const next = this.#ports.fates.answered(session, flow, at);
      if (next !== session || next.lastStatus !== status) this.#writer.save({ ...next, lastStatus: status });
    }
  }

  /** Several Set-Cookies of one cookie: a browser obeys all in order, so the last one counts. */
  #lastCookies(flow: Flow, at: number, host: string): readonly { view: CookieView; carrier: Carrier }[] {
    const found: { view: CookieView; carrier: Carrier }[] = [];
    const texts = setCookieValues(flow.response?.rawHeaders ?? NONE);
    if (texts.length === 0) return found;
    for (const text of texts) {
      // Few cookies have a date or a partition: only they need the clock of the answer or the site of the page.
      const serverTime = /expires/i.test(text) ? serverTimeOf(flow) : undefined;
      const view = this.#ports.readSetCookie(text, flow.request.url, at, serverTime);
      if (view === null) continue;
      const carrier = this.#ports.finder.ofAnswer(view, host, view.partitioned ? topLevelSiteOf(flow) : '');
      const same = found.findIndex((one) => sameCarrier(one.carrier, carrier));
      if (same < 0) found.push({ view, carrier });
      else found[same] = { view, carrier };
    }
    return found;
  }

  #set(flow: Flow, open: OpenFlow, seen: Seen, view: CookieView | null): void {
    const { host, raw, at } = seen;
    const sent = this.#sentBy(open, seen.carrier);
    const known = this.#writer.cache.carrier(host, seen.carrier);
    const old = sent === undefined ? undefined : this.#writer.cache.session(sent.key);
    const carrier = setValue(known, view, raw, sent?.raw, open.occasion);
    this.#writer.cache.putCarrier(carrier, at, known);
    if (old !== undefined && sent?.id !== seen.id && old.shown && old.foreign === undefined && holdsData(raw)) {
      this.#renewed(flow, open, old, seen, view);
      return;
    }
    const same = sent?.id === seen.id ? old : this.#adoptable(seen);
    const { session, isNew } = this.#sessionFor(carrier, seen, same);
    const replaced = old !== undefined && old.key !== session.key && old.shown;
    if (isNew) this.#writer.note(session.key, { kind: 'created', at, flowId: flow.id });
    const follows = replaced ? this.#ports.fates.replaced(old, session, isNew, flow, at, open.occasion) : undefined;
    // The application sets it itself: whatever ended it, it is alive again, and it is this application's.
    const alive = this.#ports.fates.setAgain(session, flow, at);
    const owned: LiveSession = {
      ...alive,
      ...(follows === undefined ? {} : { follows }),
      ...(open.occasion.login && sent?.id !== seen.id ? { setAtLogin: true } : {}),
    };
    this.#touch(flow, open, this.#withCookie(flow, owned, view, seen), seen, isNew);
  }

  /** A session that was seen in requests only, so that its path was not known: this answer tells it. */
  #adoptable(seen: Seen): LiveSession | undefined {
    const { carrier, host, id } = seen;
    if (carrier.kind !== 'cookie') return undefined;
    const key = this.#writer.cache.keyOfCookie(host, carrier.name, id);
    const session = key === undefined ? undefined : this.#writer.cache.session(key);
    const isUnplaced = session !== undefined && (session.cookie === undefined || session.foreign !== undefined);
    return isUnplaced && session.id === id ? session : undefined;
  }

  /** The browser does not take this cookie. What it holds stays as it is. */
  #refused(flow: Flow, open: OpenFlow, seen: Seen, view: CookieView, reasons: readonly string[]): void {
    const { host, raw, at, id } = seen;
    const sent = this.#sentBy(open, seen.carrier);
    const known = this.#writer.cache.carrier(host, seen.carrier);
    this.#writer.cache.putCarrier(setValue(known, view, raw, undefined, open.occasion), at, known);
    const carrier = this.#writer.cache.carrier(host, seen.carrier);
    const carried = sent?.id === id ? this.#writer.cache.session(sent.key) : undefined;
    const { session, isNew } = this.#sessionFor(carrier, seen, carried ?? this.#adoptable(seen));
    const setCookie = view.setCookie ?? '';
    if (isNew) this.#writer.note(session.key, { kind: 'created', at, flowId: flow.id });
    else if (session.fate?.state !== 'refused') {
      this.#writer.note(session.key, { kind: 'set-refused', at, flowId: flow.id, setCookie, reasons });
    }
    const next = isNew
      ? this.#ports.fates.refused({ ...session, cookie: view, issuer: host }, flow, at, reasons)
      : session;
    this.#touch(flow, open, next, seen, isNew);
  }

  /** A value that holds the data itself was replaced: the same session, with another value. */
  #renewed(flow: Flow, open: OpenFlow, old: LiveSession, seen: Seen, view: CookieView | null): void {
    const alive = this.#ports.fates.setAgain(old, flow, seen.at);
    const next = this.#withCookie(flow, { ...alive, id: seen.id, raw: seen.raw }, view, seen);
    this.#touch(flow, open, next, seen, false);
  }

  #withCookie(flow: Flow, session: LiveSession, view: CookieView | null, { host, carrier, at }: Seen): LiveSession {
    if (view === null) return session;
    const { cookie } = session;
    if (cookie !== undefined && cookie.setCookie !== view.setCookie && attributesDiffer(cookie, view)) {
      const before = cookie.setCookie ?? '';
      const after = view.setCookie ?? '';
      this.#writer.note(session.key, { kind: 'attributes-changed', at, flowId: flow.id, before, after });
    }
    if (session.issuer !== host || !sameCarrier(session.carrier, carrier)) {
      this.#issuedHere(session, host);
      session = { ...without(session, 'foreign'), issuer: host, carrier };
    }
    const set = view.setAt === undefined ? { ...view, setAt: at } : view;
    const sets = (session.sets ?? 0) + 1;
    if (!this.#writer.isDraft(session)) return { ...session, cookie: set, sets, setIn: flow.id };
    const draft = session as Mutable<LiveSession>;
    draft.cookie = set;
    draft.sets = sets;
    draft.setIn = flow.id;
    return session;
  }

  /** Where other applications of this host were sent the same cookie, it is now known whose it is. */
  #issuedHere(session: LiveSession, host: string): void {
    if (session.carrier.kind !== 'cookie') return;
    for (const other of this.#writer.cache.ofCookie(session.carrier.name, session.id)) {
      if (other.host === host || other.cookie !== undefined) continue;
      const foreign = this.#ports.finder.foreign(other.host, host, true);
      if (foreign !== undefined) this.#writer.save(asForeign(other, foreign));
    }
  }

  /**
   * A browser removes the cookie of this name, path and domain, and no other: a deletion that names another path than
   * the cookie has leaves it where it is.
   */
  #deleted(flow: Flow, open: OpenFlow, seen: Seen, view: CookieView, refused: readonly string[]): void {
    const { host, carrier, at } = seen;
    const known = this.#writer.cache.carrier(host, carrier);
    const sent = this.#sentBy(open, carrier);
    const session =
      sent === undefined ? this.#writer.cache.find(host, carrier, seen.id) : this.#writer.cache.session(sent.key);
    if (session === undefined || refused.length > 0) {
      this.#missed(flow, open, seen, view, refused);
      return;
    }
    this.#writer.cache.putCarrier(deletedValue(known, open.occasion), at);
    const next = this.#ports.fates.deleted(session, flow, at, open.occasion, host);
    this.#touch(flow, open, next, seen, false);
  }

  #missed(flow: Flow, open: OpenFlow, seen: Seen, view: CookieView, reasons: readonly string[]): void {
    if (seen.carrier.kind !== 'cookie') return;
    const setCookie = view.setCookie ?? '';
    for (const { carrier, key } of open.sent) {
      if (carrier.kind !== 'cookie' || carrier.name !== seen.carrier.name) continue;
      const session = this.#writer.cache.session(key);
      if (session === undefined) continue;
      const base = { at: seen.at, flowId: flow.id, setCookie } as const;
      if (reasons.length > 0) this.#writer.note(key, { kind: 'set-refused', ...base, reasons });
      else if (session.cookie !== undefined) {
        this.#writer.note(key, { kind: 'not-deleted', ...base, cookie: session.cookie.setCookie ?? '' });
      }
      this.#touch(flow, open, session, seen, false);
    }
  }

  /** The session of an id: known, or new. What does not count as a session shares one line for each carrier. */
  #sessionFor(
    carrier: CarrierState,
    sighting: Pick<Seen, 'id' | 'raw' | 'at'>,
    known?: LiveSession,
  ): { session: LiveSession; isNew: boolean } {
    const { cache } = this.#writer;
    const scored = this.#writer.score(carrier);
    const found = known?.id === sighting.id ? known : cache.find(carrier.host, carrier.carrier, sighting.id);
    if (found !== undefined) {
      const asBefore = found.score === scored.score && found.shown === scored.shown;
      return { session: asBefore ? found : { ...found, ...scored }, isNew: false };
    }
    const candidate = carrier.candidateKey === undefined ? undefined : cache.session(carrier.candidateKey);
    if (!scored.shown && candidate !== undefined) {
      return { session: { ...candidate, ...scored, id: sighting.id, raw: sighting.raw }, isNew: false };
    }
    const key = this.#writer.archive.newKey();
    if (!scored.shown) cache.putCarrier({ ...carrier, candidateKey: key }, sighting.at);
    const session: LiveSession = {
      key,
      host: carrier.host,
      carrier: carrier.carrier,
      id: sighting.id,
      raw: sighting.raw,
      firstSeen: sighting.at,
      lastActivity: sighting.at,
      flows: 0,
      used: false,
      ...scored,
    };
    return { session, isNew: true };
  }

  /**
   * The value that an answer's cookie takes the place of: that of the same cookie. A value whose path is not known,
   * because no answer was seen that set it, is taken for the same cookie when it was the only one of its name.
   */
  #sentBy({ sent }: OpenFlow, carrier: Carrier): Sent | undefined {
    let alone: Sent | undefined;
    let namesakes = 0;
    for (let i = sent.length - 1; i >= 0; i -= 1) {
      const one = sent[i] as Sent;
      if (sameCarrier(one.carrier, carrier)) return one;
      if (one.carrier.kind !== 'cookie' || carrier.kind !== 'cookie' || one.carrier.name !== carrier.name) continue;
      namesakes += 1;
      alone = one;
    }
    if (alone === undefined || namesakes > 1) return undefined;
    return this.#writer.cache.session(alone.key)?.cookie === undefined ? alone : undefined;
  }

  /** Counts the flow, notes a new address, and keeps the session. */
  #touch(flow: Flow, open: OpenFlow, session: LiveSession, sighting: Seen, isNew: boolean): void {
    const { key } = session;
    const first = !open.keys.includes(key);
    if (first) open.keys.push(key);
    this.#writer.archive.putSighting(key, sighting);
    const { address, identity } = flow.client;
    if (session.address !== undefined && session.address !== address) {
      const entry = { kind: 'address-changed', at: sighting.at, flowId: flow.id } as const;
      this.#writer.note(key, { ...entry, before: session.address, after: address });
    }
    const touched: Mutable<LiveSession> = this.#writer.isDraft(session) ? session : { ...session };
    touched.address = address;
    touched.lastFlow = flow.id;
    if (first) touched.flows += 1;
    if (sighting.at > touched.lastActivity) touched.lastActivity = sighting.at;
    if (identity !== undefined) touched.identity = identity;
    this.#writer.save(touched, isNew);
  }

  #hostOf(flow: Flow, open: OpenFlow): string {
    for (const { key } of open.sent) {
      const host = this.#writer.cache.session(key)?.host;
      if (host !== undefined) return host;
    }
    return hostOf(flow.request.url);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function isSent({ sent }: OpenFlow, key: string): boolean {
  for (const one of sent) if (one.key === key) return true;
  return false;
}

/** Which of the cookies of its name in the request a sighting is, and how many they are. */
function placeAmong(sightings: readonly Sighting[], at: number, name: string): { place: number; of: number } {
  let place = 0;
  let of = 0;
  for (let i = 0; i < sightings.length; i += 1) {
    const { carrier, direction } = sightings[i] as Sighting;
    if (direction !== 'request' || carrier.kind !== 'cookie' || carrier.name !== name) continue;
    if (i < at) place += 1;
    of += 1;
  }
  return { place, of };
}

function firstOfResponse(sightings: readonly Sighting[]): Sighting | undefined {
  for (const sighting of sightings) if (sighting.direction === 'response') return sighting;
  return undefined;
}

/** The last sighting of this cookie with this value in a response. */
function responseSighting(sightings: readonly Sighting[], { name, value }: CookieView): Sighting | undefined {
  for (let i = sightings.length - 1; i >= 0; i -= 1) {
    const one = sightings[i] as Sighting;
    const { carrier, raw, direction } = one;
    if (direction === 'response' && raw === value && carrier.kind === 'cookie' && carrier.name === name) return one;
  }
  return undefined;
}

/** The session as another application's: nothing that was joined with it or happened to it is its own. */
export function asForeign(session: LiveSession, foreign: ForeignCookie): LiveSession {
  return {
    ...without(session, 'record', 'label', 'visitor', 'payload', 'inside', 'fate'),
    foreign,
    issuer: foreign.issuer,
  };
}

/** Taking fields away makes a slow object, so it is done only where there is something to take. */
export function without<K extends keyof LiveSession>(
  session: LiveSession,
  ...fields: K[]
): Omit<LiveSession, K> & LiveSession {
  if (!fields.some((field) => session[field] !== undefined)) return session;
  const kept = { ...session };
  for (const field of fields) delete kept[field];
  return kept;
}
