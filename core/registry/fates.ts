import type { Flow } from '../model/flow.ts';
import type { StateEvent } from '../model/session.ts';
import type { Occasion } from './carrier-state.ts';
import { type Fate, idleMs, type LiveSession, mayHaveRunOut, ranOut } from './live-session.ts';
import type { SessionWriter } from './session-writer.ts';

/** Answers by which applications refuse a token; after its time has passed that is why. */
const REFUSALS = new Set([401, 403]);

export interface RecordLost {
  readonly at: number;
  /** The session's own flow in which the record went, where there was one, and what it looked like. */
  readonly flowId?: string;
  readonly occasion?: Occasion;
  /** It was removed from here. */
  readonly byUs: boolean;
}

/**
 * The one place where sessions enter and leave states other than alive: each by something that was seen to happen, which
 * goes into the timeline. Gives the session in its new state; saving it is the caller's part, except for sessions that
 * are affected besides.
 */
export class Fates {
  readonly #writer: SessionWriter;
  readonly #timeoutSeconds: (host: string) => number | undefined;
  readonly #cleanups = new Map<string, number>();

  constructor(writer: SessionWriter, timeoutSeconds: (host: string) => number | undefined) {
    this.#writer = writer;
    this.#timeoutSeconds = timeoutSeconds;
  }

  /** When a record of a store was last seen to go because it was old (milliseconds since 1970). */
  lastCleanup(storeId: string): number | undefined {
    return this.#cleanups.get(storeId);
  }

  /** A request carried it: what a later request carries, the browser still has. */
  carriedAgain(session: LiveSession, flow: Flow, at: number): LiveSession {
    const { fate } = session;
    if (fate === undefined) return session;
    switch (fate.state) {
      case 'refused':
        return this.#revive(session, flow.id, at);
      case 'continued':
      case 'replaced':
        return flow.startedAt > fate.at ? this.#revive(session, flow.id, at) : session;
      case 'expired':
        // By our clock only: the browser and the application may have others.
        return fate.because === 'cookie' || fate.because === 'payload' ? this.#revive(session, flow.id, at) : session;
      case 'ended':
      case 'unreadable':
        return session;
    }
  }

  /** Its request was answered. */
  answered(session: LiveSession, flow: Flow, at: number): LiveSession {
    const { payload, fate, foreign } = session;
    const isOver = payload !== undefined && payload.expires <= at;
    if (fate !== undefined || foreign !== undefined || !isOver) return session;
    if (!REFUSALS.has(flow.response?.status ?? 0)) return session;
    return this.#enter(session, { state: 'expired', because: 'payload', at, flowId: flow.id });
  }

  /** The data inside was read, which says when it ends: its last answer may have come after that. */
  insideRead(session: LiveSession, at: number): LiveSession {
    const { payload, fate, foreign, lastStatus = 0, lastFlow } = session;
    const isOver = payload !== undefined && payload.expires <= at;
    if (fate !== undefined || foreign !== undefined || !isOver || !REFUSALS.has(lastStatus)) return session;
    const flow = lastFlow === undefined ? {} : { flowId: lastFlow };
    return this.#enter(session, { state: 'expired', because: 'payload', at, ...flow });
  }

  /** The application set it itself. */
  setAgain(session: LiveSession, flow: Flow, at: number): LiveSession {
    const { fate } = session;
    return fate === undefined || fate.state === 'unreadable' ? session : this.#revive(session, flow.id, at);
  }

  /** The browser did not take it, by its rules or by its own word. */
  refused(session: LiveSession, flow: Flow, at: number, reasons: readonly string[]): LiveSession {
    return this.#enter(session, { state: 'refused', because: 'rules', reasons, at, flowId: flow.id });
  }

  /**
   * An answer gave the browser another id in place of `old`. Saves the old session; gives its key where the new one
   * follows it.
   */
  replaced(
    old: LiveSession,
    next: LiveSession,
    isNew: boolean,
    flow: Flow,
    at: number,
    { login, logout }: Occasion,
  ): string | undefined {
    if (old.foreign !== undefined) {
      this.#replacedElsewhere(old, next, flow, at);
      return undefined;
    }
    const { fate } = old;
    const isOver =
      fate?.state === 'ended' ||
      fate?.state === 'expired' ||
      old.record?.goneAt !== undefined ||
      (old.cookie?.expires !== undefined && old.cookie.expires <= at);
    if (isOver && !login) return undefined;
    const how = { at, flowId: flow.id, as: next.key, id: next.id };
    const event: Fate = logout
      ? { ...how, state: 'replaced', because: 'logged-out' }
      : !isNew && isAnothers(old, next)
        ? { ...how, state: 'replaced', because: 'other-visitor' }
        : login
          ? { ...how, state: 'continued', because: 'login' }
          : { ...how, state: 'replaced', because: 'another-id' };
    this.#writer.save(this.#enter(old, event));
    this.#noteFollows(next.key, old, event);
    return old.key;
  }

  /** Another application of this host gave the browser its own id in place of one that it had not issued. */
  #replacedElsewhere(old: LiveSession, next: LiveSession, flow: Flow, at: number): void {
    const { foreign } = old;
    if (foreign === undefined) return;
    this.#writer.save({ ...old, foreign: { ...foreign, notAccepted: flow.id } });
    const issued = this.#issued(old);
    if (issued === undefined || issued.fate !== undefined) return;
    const how = { at, flowId: flow.id, as: next.key, id: next.id, host: old.host };
    this.#writer.save(this.#enter(issued, { ...how, state: 'replaced', because: 'other-application' }));
  }

  /** The session of the application that issued a cookie which goes along to another. */
  #issued({ foreign, carrier, id }: LiveSession): LiveSession | undefined {
    return foreign === undefined ? undefined : this.#writer.cache.find(foreign.issuer, carrier, id);
  }

  /** What was read of both records tells whether the new session is the old one under another id. */
  followed(next: LiveSession, sameData: boolean): void {
    const old = next.follows === undefined ? undefined : this.#writer.cache.session(next.follows);
    const fate = old?.fate;
    if (old === undefined || fate?.state !== 'replaced' || fate.because !== 'another-id' || fate.as !== next.key)
      return;
    const { at, as, id, flowId } = fate;
    const how = { at, as, id, ...(flowId === undefined ? {} : { flowId }) };
    const event = verdictOf(old, next, sameData, how);
    if (event === undefined) return;
    this.#writer.save(this.#enter(old, event));
    if (event.state === 'continued') this.#noteFollows(next.key, old, event);
  }

  #noteFollows(key: string, old: LiveSession, event: Fate): void {
    if (event.state !== 'continued' && event.state !== 'replaced') return;
    const flow = event.flowId === undefined ? {} : { flowId: event.flowId };
    this.#writer.note(key, { kind: 'follows', at: event.at, ...flow, from: old.id, key: old.key, how: event.state });
  }

  /** An answer deleted the cookie. */
  deleted(session: LiveSession, flow: Flow, at: number, { logout }: Occasion, host: string): LiveSession {
    if (session.foreign !== undefined) {
      const issued = this.#issued(session);
      if (issued !== undefined && issued.fate === undefined) {
        const because = { because: 'other-application', host } as const;
        this.#writer.save(this.#enter(issued, { state: 'ended', ...because, at, flowId: flow.id }));
      }
      return { ...session, foreign: { ...session.foreign, notAccepted: flow.id } };
    }
    if (session.fate?.state === 'ended' || session.fate?.state === 'expired') return session;
    return this.#enter(session, this.#end(session, at, flow.id, logout));
  }

  /** Its record is no longer there. Gives the session as it is then; `session.record.goneAt` is the caller's part. */
  recordGone(session: LiveSession, { at, flowId, occasion, byUs }: RecordLost): LiveSession {
    const { fate } = session;
    if (byUs) {
      const isOver = fate?.state === 'ended' || fate?.state === 'expired';
      return isOver ? session : this.#enter(session, { state: 'ended', because: 'killed-here', at });
    }
    // Replaced in the very flow in which the record went: the application may not have found it any more.
    const lapsed = fate?.state === 'replaced' && fate.because === 'another-id' && fate.flowId === flowId;
    if (fate !== undefined && fate.state !== 'unreadable' && fate.state !== 'refused' && !lapsed) return session;
    if (flowId === undefined) return this.#enter(session, this.#goneUnseen(session, at));
    if (lapsed && mayHaveRunOut(idleMs(session, at), this.#timeoutSeconds(session.host)) === undefined) {
      return this.#enter(session, { state: 'expired', because: 'record', at, flowId });
    }
    return this.#enter(session, this.#end(session, at, flowId, occasion?.logout === true));
  }

  /** Nobody's request of this session took the record away: a cleanup did, or somebody else. */
  #goneUnseen(session: LiveSession, at: number): Fate {
    const idle = idleMs(session, at);
    return mayHaveRunOut(idle, this.#timeoutSeconds(session.host)) === false
      ? { state: 'ended', because: 'record-removed', at }
      : { state: 'expired', because: 'record', at, ...(idle === undefined ? {} : { idleMs: idle }) };
  }

  /** The application ended it in a flow: at a logout, because it was too old, or for a reason that was not seen. */
  #end(session: LiveSession, at: number, flowId: string, logout: boolean): Fate {
    if (logout) return { state: 'ended', because: 'logout', at, flowId };
    const idle = idleMs(session, at);
    return mayHaveRunOut(idle, this.#timeoutSeconds(session.host)) === true
      ? { state: 'expired', because: 'idle', at, flowId, ...(idle === undefined ? {} : { idleMs: idle }) }
      : { state: 'ended', because: 'application', at, flowId };
  }

  /** Its record is there (again). Whatever said that it is over did not hold. */
  recordThere(session: LiveSession, at: number, flowId: string | undefined): LiveSession {
    const { fate } = session;
    if (fate === undefined) return session;
    const wasGone = session.record?.goneAt !== undefined;
    const lostRecord = fate.state === 'ended' || (fate.state === 'expired' && fate.because !== 'cookie');
    if (fate.state === 'unreadable' || (lostRecord && wasGone)) return this.#revive(session, flowId, at);
    return session;
  }

  /** Its record is there, and can no longer be decoded. */
  unreadable(session: LiveSession, at: number, flowId: string | undefined, message: string): LiveSession {
    const { fate } = session;
    if (fate !== undefined && fate.state !== 'unreadable') return session;
    if (fate?.state === 'unreadable') return session;
    const flow = flowId === undefined ? {} : { flowId };
    return this.#enter(session, { state: 'unreadable', because: 'record', at, message, ...flow });
  }

  /** Notes what has run out by the clock, and what was not seen for long. */
  tick(session: LiveSession, now: number): void {
    if (session.fate !== undefined || session.foreign !== undefined) return;
    const over = ranOut(session, now);
    if (over !== undefined) this.#writer.save(this.#enter(session, over));
  }

  #enter(session: LiveSession, event: Fate): LiveSession {
    const flow = event.flowId === undefined ? {} : { flowId: event.flowId };
    const wasOld = event.state === 'expired' && (event.because === 'record' || event.because === 'idle');
    if (wasOld && session.record !== undefined) this.#cleanups.set(session.record.storeId, event.at);
    this.#writer.note(session.key, { kind: 'state', at: event.at, ...flow, event });
    return { ...session, fate: event };
  }

  #revive(session: LiveSession, flowId: string | undefined, at: number): LiveSession {
    const { fate, ...alive } = session;
    const from: StateEvent['state'] = fate?.state ?? 'live';
    const flow = flowId === undefined ? {} : { flowId };
    this.#writer.note(session.key, { kind: 'revived', at, ...flow, from });
    return alive;
  }
}

/** A session that was there before, and that another visitor or browser had. */
function isAnothers(old: LiveSession, next: LiveSession): boolean {
  if (old.visitor !== undefined && next.visitor !== undefined && old.visitor !== next.visitor) return true;
  return old.identity !== undefined && next.identity !== undefined && old.identity !== next.identity;
}

/** Continued or replaced, as the data of both says; undefined where it does not say. */
function verdictOf(
  old: LiveSession,
  next: LiveSession,
  sameData: boolean,
  how: { readonly at: number; readonly as: string; readonly id: string; readonly flowId?: string },
): Fate | undefined {
  const [was, is] = [old.visitor, next.visitor];
  if (was !== undefined && is === undefined) return { ...how, state: 'replaced', because: 'anonymous' };
  if (was !== undefined && is !== undefined && was !== is)
    return { ...how, state: 'replaced', because: 'other-visitor' };
  if (was === undefined && is !== undefined) return { ...how, state: 'continued', because: 'login' };
  return was !== undefined || sameData ? { ...how, state: 'continued', because: 'same-data' } : undefined;
}
