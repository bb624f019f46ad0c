import { frameworkOf } from '../frameworks/recognise.ts';
import type { Alarm, LossNote } from '../model/diagnosis.ts';
import type { ValueFinding } from '../model/finding.ts';
import type {
  Carrier,
  Clocks,
  CookieClash,
  CookieView,
  ForeignCookie,
  Score,
  SessionSummary,
  StateEvent,
} from '../model/session.ts';
import type { SignatureView } from '../model/signature.ts';
import { migratedSession } from './earlier-sessions.ts';

/** The record of a session as last read. */
export interface JoinedRecord {
  readonly storeId: string;
  readonly id: string;
  readonly bytes: number;
  readonly revision: string;
  readonly lastUsed: number | null;
  /** When it ends; null: never. Absent where the store keeps no such time. */
  readonly expires?: number | null;
  /** The state that was read, in the archive. */
  readonly snapshot: string;
  /** How the id led to it: "the id itself", "the id inside the signed value", … */
  readonly how: string;
  /** `session_id` inside the data, where it is another than the record's. */
  readonly innerId?: string;
  /** When it was found to be gone. */
  readonly goneAt?: number;
  /** The store in words, for the reasons of the score ("DiskStore practice/sessions"). */
  readonly store?: string;
  /** It could be decoded when it was read last with success. */
  readonly decoded?: boolean;
  /** How the store lays its records out, where that is known. */
  readonly layout?: { readonly framework: string; readonly title: string };
}

/** What happened to a session, where that left it in another state than alive. */
export type Fate = Exclude<StateEvent, { readonly state: 'anonymous' | 'live' | 'unknown' }>;

/** One session as the registry holds it. Immutable: a change makes a new one. */
export interface LiveSession {
  readonly key: string;
  readonly host: string;
  readonly carrier: Carrier;
  readonly id: string;
  readonly raw: string;
  readonly firstSeen: number;
  readonly lastActivity: number;
  /** The flow of the last activity. */
  readonly lastFlow?: string;
  /** Status of the last answer to a request that carried it. */
  readonly lastStatus?: number;
  readonly flows: number;
  /** A request has carried it. */
  readonly used: boolean;
  /** How surely this carrier of the host is the session, whatever the value: decides `shown`. */
  readonly score: Score;
  readonly shown: boolean;
  readonly cookie?: CookieView;
  /** How many answers have set it, and the flow of the last one. */
  readonly sets?: number;
  readonly setIn?: string;
  /** The host (with port) whose answer set the cookie; absent: no such answer was seen. */
  readonly issuer?: string;
  readonly foreign?: ForeignCookie;
  readonly clash?: CookieClash;
  /** What was seen of this very value at a login and a logout. */
  readonly setAtLogin?: true;
  readonly address?: string;
  readonly identity?: string;
  readonly record?: JoinedRecord;
  readonly label?: string;
  /** Who the data says the visitor is ("user=alice"); absent for an anonymous one. */
  readonly visitor?: string;
  readonly payload?: { readonly expires: number; readonly at: string };
  /** The value that holds the session's data itself, as last decoded. */
  readonly inside?: { readonly raw: string };
  /** The session whose place it took. */
  readonly follows?: string;
  readonly fate?: Fate;
  readonly loss?: LossNote;
  readonly alarms?: readonly Alarm[];
  readonly checked?: CheckedValue;
}

/** What was found out about the signatures of a session's value and record. */
export interface CheckedValue {
  /** Says of which bytes and which keys this is true. */
  readonly of: string;
  readonly signature?: SignatureView;
  readonly findings?: readonly ValueFinding[];
}

/** What the state depends on besides the session. */
export interface Surroundings {
  readonly now: number;
  /** Stores are attached, so that a missing record may say something. */
  readonly stores: boolean;
  /** Records of other sessions of this carrier were found in a store. */
  readonly othersHaveRecords: boolean;
  /** Seconds after the last use at which the application's cleanup may take a record; undefined when not known. */
  readonly timeoutSeconds?: number;
  /** The cookie as an edit in force makes it, where one does. */
  readonly held?: CookieView;
}

/** A session without a record that was not seen for so long may have ended unseen. */
export const SILENT_MS = 24 * 3_600_000;

/** Pure: what happened to a session last, and the state in which it is by that. */
function eventOf(session: LiveSession, around: Surroundings): StateEvent {
  const { foreign, fate, lastActivity: at, lastFlow } = session;
  const seen = lastFlow === undefined ? { at } : { at, flowId: lastFlow };
  if (foreign !== undefined) {
    return { ...seen, state: 'unknown', because: foreign.sure ? 'other-application' : 'issuer-not-seen' };
  }
  if (fate !== undefined) return fate;
  const over = ranOut(session, around.now);
  if (over !== undefined) return over;
  const { record } = session;
  if (record !== undefined && record.goneAt === undefined) return { ...seen, state: 'live', because: 'record' };
  // Its records are known to be in a store, and this one's is not there: nobody has made it a session yet.
  if (around.stores && around.othersHaveRecords && !holdsItself(session)) {
    return { ...seen, state: 'anonymous', because: 'no-record' };
  }
  if (around.now - at > SILENT_MS) return { ...seen, state: 'unknown', because: 'not-seen-lately' };
  return session.used
    ? { ...seen, state: 'live', because: 'used' }
    : { ...seen, state: 'anonymous', because: 'not-sent-back' };
}

/** The clock of the cookie or of its data has passed, and no request carried it since. */
export function ranOut(session: LiveSession, now: number): Fate | undefined {
  const { cookie, payload, lastActivity } = session;
  const passed = (clock: number | undefined): clock is number =>
    clock !== undefined && clock <= now && lastActivity < clock;
  if (passed(cookie?.expires)) return { state: 'expired', because: 'cookie', at: cookie?.expires ?? now };
  if (passed(payload?.expires)) return { state: 'expired', because: 'payload', at: payload?.expires ?? now };
  return undefined;
}

function holdsItself(session: LiveSession): boolean {
  return session.inside !== undefined || session.payload !== undefined || session.carrier.kind === 'header';
}

/** How long a session's record had not been used at a moment (ms); undefined where that is not known. */
export function idleMs({ record }: LiveSession, at: number): number | undefined {
  const idle = record?.lastUsed == null ? undefined : at - record.lastUsed;
  // A clock that goes ahead of ours says nothing.
  return idle === undefined || idle < 0 ? undefined : idle;
}

/** Frameworks keep an unused session for 20 minutes or longer: what ended sooner did not run out. */
const SHORTEST_TIMEOUT_S = 20 * 60;

/** Whether a record unused for so long may have run out; undefined where it cannot be told. */
export function mayHaveRunOut(idle: number | undefined, timeoutSeconds: number | undefined): boolean | undefined {
  return idle === undefined ? undefined : idle >= (timeoutSeconds ?? SHORTEST_TIMEOUT_S) * 1_000;
}

function clocksOf(session: LiveSession, around: Surroundings): Clocks {
  const { record, payload } = session;
  const cookie = around.held ?? session.cookie;
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

/** The line in the window's list. `score`: of this session, with its reasons. */
export function summaryOf(session: LiveSession, around: Surroundings, score: Score): SessionSummary {
  const { record, label, identity, foreign, clash } = session;
  const cookie = around.held ?? session.cookie;
  const event = eventOf(session, around);
  return {
    key: session.key,
    host: session.host,
    carrier: session.carrier,
    id: session.id,
    state: event.state,
    event,
    score,
    firstSeen: session.firstSeen,
    lastActivity: session.lastActivity,
    flows: session.flows,
    clocks: clocksOf(session, around),
    flags: {
      httpOnly: cookie?.httpOnly ?? false,
      secure: cookie?.secure ?? false,
      ...(cookie?.sameSite === undefined ? {} : { sameSite: cookie.sameSite }),
    },
    ...(foreign === undefined ? {} : { foreign }),
    ...(clash === undefined ? {} : { clash }),
    ...(record === undefined || record.goneAt !== undefined
      ? {}
      : { record: { storeId: record.storeId, id: record.id, bytes: record.bytes } }),
    ...(label === undefined ? {} : { label }),
    ...(identity === undefined ? {} : { identity }),
    ...(session.loss === undefined ? {} : { loss: session.loss }),
    ...(session.alarms === undefined ? {} : { alarms: session.alarms }),
    ...(session.checked?.signature === undefined ? {} : { signature: session.checked.signature }),
    ...(session.checked?.findings === undefined ? {} : { findings: session.checked.findings }),
    ...frameworkIn(session),
  };
}

/** A kept memo as a session again, also one of an earlier form; undefined when it is none. */
export function sessionFrom(memo: unknown): LiveSession | undefined {
  if (typeof memo !== 'object' || memo === null) return undefined;
  const session = memo as Partial<LiveSession>;
  return typeof session.key === 'string' && typeof session.host === 'string' && typeof session.id === 'string'
    ? migratedSession(memo as LiveSession)
    : undefined;
}

function frameworkIn({ carrier, id, record }: LiveSession): Pick<SessionSummary, 'framework'> {
  const layout = record?.layout;
  const framework = frameworkOf({
    name: carrier.kind === 'url' ? carrier.parameter : carrier.name,
    value: id,
    ...(layout === undefined ? {} : { layout }),
  });
  return framework === undefined ? {} : { framework };
}
