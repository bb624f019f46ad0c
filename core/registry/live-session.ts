import type { Carrier, Clocks, CookieView, Score, SessionState, SessionSummary } from '../model/session.ts';

/** The record of a session as last read. */
export interface JoinedRecord {
  readonly storeId: string;
  readonly id: string;
  readonly bytes: number;
  readonly revision: string;
  readonly lastUsed: number | null;
  /** The state that was read, in the archive. */
  readonly snapshot: string;
  /** How the id led to it: "the id itself", "the id inside the signed value", … */
  readonly how: string;
  /** `session_id` inside the data, where it is another than the record's. */
  readonly innerId?: string;
  /** When it was found to be gone. */
  readonly goneAt?: number;
}

/** One session as the registry holds it. Immutable: a change makes a new one. */
export interface LiveSession {
  readonly key: string;
  readonly host: string;
  readonly carrier: Carrier;
  readonly id: string;
  readonly raw: string;
  readonly firstSeen: number;
  readonly lastActivity: number;
  readonly flows: number;
  /** A request has carried it. */
  readonly used: boolean;
  readonly score: Score;
  readonly shown: boolean;
  readonly cookie?: CookieView;
  readonly address?: string;
  readonly identity?: string;
  readonly record?: JoinedRecord;
  readonly label?: string;
  readonly payload?: { readonly expires: number; readonly at: string };
  /** The value that holds the session's data itself, as last decoded. */
  readonly inside?: { readonly raw: string };
  readonly rotatedFrom?: string;
  readonly rotatedTo?: string;
  /** The flow that replaced its id, and whether it looked like a login. */
  readonly rotatedBy?: { readonly flowId: string; readonly login: boolean };
  readonly killedAt?: number;
  readonly expiredAt?: number;
}

/** What the state depends on besides the session. */
export interface Surroundings {
  readonly now: number;
  /** Stores are attached, so that a missing record may say something. */
  readonly stores: boolean;
  /** Seconds after the last use at which the application's cleanup may take a record; undefined when not known. */
  readonly timeoutSeconds?: number;
}

/** Pure: the state in which a session is. What happened last and weighs most comes first. */
export function stateOf(session: LiveSession, around: Surroundings): SessionState {
  if (session.rotatedTo !== undefined) return 'rotated';
  if (session.killedAt !== undefined) return 'killed';
  if (session.expiredAt !== undefined) return 'expired';
  const { cookie, record } = session;
  if (cookie?.expires !== undefined && cookie.expires <= around.now) return 'expired';
  if (session.payload !== undefined && session.payload.expires <= around.now) return 'expired';
  if (record !== undefined) return record.goneAt === undefined ? 'live' : 'expired';
  // Its records are known to be in a store, and this one's is not there: nobody has made it a session yet.
  if (around.stores && foundInStore(session) && !holdsItself(session)) return 'anonymous';
  return session.used ? 'live' : 'anonymous';
}

function foundInStore({ score }: LiveSession): boolean {
  return score.reasons.some(({ code }) => code === 'store');
}

function holdsItself(session: LiveSession): boolean {
  return session.inside !== undefined || session.payload !== undefined || session.carrier.kind === 'header';
}

export function clocksOf(session: LiveSession, around: Surroundings): Clocks {
  const { record, cookie, payload } = session;
  const due =
    record?.lastUsed != null && around.timeoutSeconds !== undefined
      ? { cleanupDue: record.lastUsed + around.timeoutSeconds * 1000 }
      : {};
  return {
    cookie: { expires: cookie?.expires ?? null },
    ...(record === undefined || record.goneAt !== undefined ? {} : { store: { lastUsed: record.lastUsed, ...due } }),
    ...(payload === undefined ? {} : { payload }),
  };
}

/** The line in the window's list. */
export function summaryOf(session: LiveSession, around: Surroundings): SessionSummary {
  const { cookie, record, label, identity } = session;
  return {
    key: session.key,
    host: session.host,
    carrier: session.carrier,
    id: session.id,
    state: stateOf(session, around),
    score: session.score,
    firstSeen: session.firstSeen,
    lastActivity: session.lastActivity,
    flows: session.flows,
    clocks: clocksOf(session, around),
    flags: {
      httpOnly: cookie?.httpOnly ?? false,
      secure: cookie?.secure ?? false,
      ...(cookie?.sameSite === undefined ? {} : { sameSite: cookie.sameSite }),
    },
    ...(record === undefined || record.goneAt !== undefined
      ? {}
      : { record: { storeId: record.storeId, id: record.id, bytes: record.bytes } }),
    ...(label === undefined ? {} : { label }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** A kept memo as a session again; undefined when it is none. */
export function sessionFrom(memo: unknown): LiveSession | undefined {
  if (typeof memo !== 'object' || memo === null) return undefined;
  const session = memo as Partial<LiveSession>;
  return typeof session.key === 'string' && typeof session.host === 'string' && typeof session.id === 'string'
    ? (memo as LiveSession)
    : undefined;
}
