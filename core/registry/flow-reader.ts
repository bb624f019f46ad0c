import { hostOf } from '../capture/capture.ts';
import { transportDecoded } from '../capture/value-shape.ts';
import { tokenizeCookie } from '../cookies/tokenizer.ts';
import type { Flow } from '../model/flow.ts';
import type { Carrier, CookieView, Sighting } from '../model/session.ts';
import {
  type CarrierState,
  carrierId,
  deletedValue,
  holdsData,
  type Occasion,
  sentValue,
  setValue,
} from './carrier-state.ts';
import type { LiveSession } from './live-session.ts';
import { occasionOf } from './occasion.ts';
import type { ReadSetCookie } from './ports.ts';
import type { SessionWriter } from './session-writer.ts';
import { attributesDiffer, isDeleting, setCookieValues } from './set-cookies.ts';

/** After so long without a request the next one is noted as "seen". */
const PAUSE_MS = 5 * 60_000;
/** Flows that never end (streams, lost ones) are forgotten when so many others are open. */
const MOST_OPEN = 5_000;

/** A value that a request carried. */
interface Sent {
  readonly carrier: Carrier;
  readonly id: string;
  readonly raw: string;
  /** The session's. */
  readonly key: string;
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
  answered: boolean;
}

const NONE: readonly string[] = [];

/** Turns flows and sightings into what happened to sessions: created, seen, rotated, killed, changed attributes. */
export class FlowReader {
  readonly #writer: SessionWriter;
  readonly #readSetCookie: ReadSetCookie;
  readonly #open = new Map<string, OpenFlow>();

  constructor(writer: SessionWriter, readSetCookie: ReadSetCookie) {
    this.#writer = writer;
    this.#readSetCookie = readSetCookie;
  }

  /**
   * Reads what is new in a flow; may be called as often as wanted. Returns the keys of its sessions.
   * @param isLast the flow is over, and is not read again
   */
  read(flow: Flow, sightings: readonly Sighting[], isLast = false): readonly string[] {
    const open = this.#openFlow(flow, isLast);
    this.#writer.together(() => {
      for (const sighting of sightings) if (sighting.direction === 'request') this.#sent(flow, open, sighting);
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

  #openFlow(flow: Flow, isLast: boolean): OpenFlow {
    let open = this.#open.get(flow.id);
    if (open !== undefined) {
      if (isLast) this.#open.delete(flow.id);
      return open;
    }
    open = { sent: [], keys: [], expected: [], occasion: occasionOf(flow), answered: false };
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
        const key = this.#writer.cache.keyInMemory(host, { kind: 'cookie', name }, transportDecoded(value));
        if (key !== undefined) open.expected.push(key);
      }
    }
  }

  #sent(flow: Flow, open: OpenFlow, sighting: Sighting): void {
    const { carrier: by, id, raw, at } = sighting;
    if (id === '' || wasSent(open, by, id)) return;
    const known = this.#writer.cache.carrier(sighting.host, by);
    const carrier = sentValue(known, raw);
    this.#writer.cache.putCarrier(carrier, at, known);
    const { session, isNew } = this.#sessionFor(carrier, sighting);
    open.sent.push({ carrier: by, id, raw, key: session.key });
    if (isNew || at - session.lastActivity > PAUSE_MS) {
      this.#writer.note(session.key, { kind: 'seen', at, flowId: flow.id });
    }
    // A session that was replaced and is sent again by a later request lives on (somebody kept its id).
    const back = session.rotatedTo !== undefined && flow.startedAt > session.lastActivity;
    const alive = back ? without(session, 'rotatedTo', 'rotatedBy') : session;
    this.#touch(flow, open, alive.used ? alive : { ...alive, used: true }, sighting, isNew);
  }

  #answered(flow: Flow, open: OpenFlow, sightings: readonly Sighting[]): void {
    const first = firstOfResponse(sightings);
    const at = first?.at ?? this.#writer.clock();
    const host = first?.host ?? this.#hostOf(flow, open);
    for (const view of this.#lastCookies(flow, at)) {
      const seen = responseSighting(sightings, view) ?? {
        flowId: flow.id,
        at,
        host,
        carrier: { kind: 'cookie', name: view.name },
        id: transportDecoded(view.value),
        raw: view.value,
        direction: 'response',
      };
      if (isDeleting(view, at)) this.#deleted(flow, open, seen);
      else this.#set(flow, open, seen, view);
    }
    for (const sighting of sightings) {
      const { carrier, id, direction } = sighting;
      if (direction === 'response' && carrier.kind !== 'cookie' && id !== '') this.#set(flow, open, sighting, null);
    }
  }

  /** Several Set-Cookies of one name: a browser obeys all in order, so the last one counts. */
  #lastCookies(flow: Flow, at: number): readonly CookieView[] {
    const views: CookieView[] = [];
    for (const text of setCookieValues(flow.response?.rawHeaders ?? NONE)) {
      const view = this.#readSetCookie(text, flow.request.url, at);
      if (view === null) continue;
      putLast(views, view);
    }
    return views;
  }

  #set(flow: Flow, open: OpenFlow, sighting: Sighting, view: CookieView | null): void {
    const { host, raw, at } = sighting;
    const sent = sentBy(open, sighting.carrier);
    const known = this.#writer.cache.carrier(host, sighting.carrier);
    const carrier = setValue(known, view, raw, sent?.raw, open.occasion);
    this.#writer.cache.putCarrier(carrier, at, known);
    const old = sent === undefined ? undefined : this.#writer.cache.session(sent.key);
    if (old !== undefined && sent?.id !== sighting.id && old.shown && holdsData(raw)) {
      this.#renewed(flow, open, old, sighting, view);
      return;
    }
    const { session, isNew } = this.#sessionFor(carrier, sighting, sent?.id === sighting.id ? old : undefined);
    const replaced = old !== undefined && old.key !== session.key && old.shown;
    if (isNew) this.#writer.note(session.key, { kind: 'created', at, flowId: flow.id });
    const rotated = replaced && old !== undefined && this.#rotate(flow, open, old, session, at);
    // The server sets it again: it is no longer killed or run out.
    const alive = running(session);
    const next: LiveSession = rotated ? { ...alive, rotatedFrom: old.key } : alive;
    this.#touch(flow, open, this.#withCookie(flow, next, view, at), sighting, isNew);
  }

  /** True when it was a rotation; a session that was over before is only followed by a new one. */
  #rotate(flow: Flow, open: OpenFlow, old: LiveSession, session: LiveSession, at: number): boolean {
    const over =
      old.killedAt !== undefined ||
      old.expiredAt !== undefined ||
      old.record?.goneAt !== undefined ||
      (old.cookie?.expires !== undefined && old.cookie.expires <= at);
    if (over && !open.occasion.login) return false;
    const entry = { kind: 'rotated', at, flowId: flow.id, from: old.id, to: session.id } as const;
    this.#writer.save({
      ...old,
      rotatedTo: session.key,
      rotatedBy: { flowId: flow.id, login: open.occasion.login },
    });
    this.#writer.note(old.key, entry);
    this.#writer.note(session.key, entry);
    return true;
  }

  /** A value that holds the data itself was replaced: the same session, with another value. */
  #renewed(flow: Flow, open: OpenFlow, old: LiveSession, sighting: Sighting, view: CookieView | null): void {
    const next = this.#withCookie(flow, { ...running(old), id: sighting.id, raw: sighting.raw }, view, sighting.at);
    this.#touch(flow, open, next, sighting, false);
  }

  #withCookie(flow: Flow, session: LiveSession, view: CookieView | null, at: number): LiveSession {
    if (view === null) return session;
    const { cookie } = session;
    if (cookie !== undefined && cookie.setCookie !== view.setCookie && attributesDiffer(cookie, view)) {
      const before = cookie.setCookie ?? '';
      const after = view.setCookie ?? '';
      this.#writer.note(session.key, { kind: 'attributes-changed', at, flowId: flow.id, before, after });
    }
    const set = view.setAt === undefined ? { ...view, setAt: at } : view;
    if (!this.#writer.isDraft(session)) return { ...session, cookie: set };
    (session as Mutable<LiveSession>).cookie = set;
    return session;
  }

  #deleted(flow: Flow, open: OpenFlow, sighting: Sighting): void {
    const { host, carrier, at } = sighting;
    const known = this.#writer.cache.carrier(host, carrier);
    const sent = sentBy(open, carrier);
    const session =
      sent === undefined ? this.#writer.cache.find(host, carrier, sighting.id) : this.#writer.cache.session(sent.key);
    if (session === undefined) return;
    this.#writer.cache.putCarrier(deletedValue(known, open.occasion), at);
    if (session.killedAt === undefined) this.#writer.note(session.key, { kind: 'killed', at, flowId: flow.id });
    this.#touch(flow, open, { ...session, killedAt: at }, sighting, false);
  }

  /** The session of an id: known, or new. What does not count as a session shares one line for each carrier. */
  #sessionFor(
    carrier: CarrierState,
    sighting: Sighting,
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

  /** Counts the flow, notes a new address, and keeps the session. */
  #touch(flow: Flow, open: OpenFlow, session: LiveSession, sighting: Sighting, isNew: boolean): void {
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

/** In the place of the one with its name, or at the end. */
function putLast(views: CookieView[], view: CookieView): void {
  for (let i = 0; i < views.length; i += 1) {
    if (views[i]?.name !== view.name) continue;
    views[i] = view;
    return;
  }
  views.push(view);
}

function wasSent({ sent }: OpenFlow, carrier: Carrier, id: string): boolean {
  for (const one of sent) if (one.id === id && same(one.carrier, carrier)) return true;
  return false;
}

function sentBy({ sent }: OpenFlow, carrier: Carrier): Sent | undefined {
  for (let i = sent.length - 1; i >= 0; i -= 1) {
    const one = sent[i] as Sent;
    if (same(one.carrier, carrier)) return one;
  }
  return undefined;
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

/** The session without what says that it is over. */
function running(session: LiveSession): LiveSession {
  const over = session.killedAt !== undefined || session.expiredAt !== undefined;
  return over ? without(session, 'killedAt', 'expiredAt') : session;
}

/** Taking fields away makes a slow object, so it is done only where there is something to take. */
function without<K extends keyof LiveSession>(
  session: LiveSession,
  ...fields: K[]
): Omit<LiveSession, K> & LiveSession {
  const kept = { ...session };
  for (const field of fields) delete kept[field];
  return kept;
}

function same(a: Carrier, b: Carrier): boolean {
  if (a === b) return true;
  if (a.kind === 'url' || b.kind === 'url') return a.kind === b.kind && carrierId(a) === carrierId(b);
  return a.kind === b.kind && a.name === b.name;
}
