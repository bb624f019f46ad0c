import type { Alarm, LossNote } from './diagnosis.ts';
import type { ValueFinding } from './finding.ts';
import type { Difference } from './path.ts';
import type { Problem } from './problem.ts';
import type { SignatureView } from './signature.ts';
import type { TypedNode } from './typed.ts';

/**
 * Where a session id was carried. A cookie is named by more than its name (RFC 6265bis section 5.7): two cookies of one
 * name with other paths or domains are two cookies.
 */
export type Carrier =
  | {
      readonly kind: 'cookie';
      readonly name: string;
      /** Absent: `/`, or not known because no answer was seen that set it. */
      readonly path?: string;
      /** The `Domain` that it was set for; absent: the host alone. */
      readonly domain?: string;
      /** The top-level site under which a partitioned cookie lies; empty where that is not known. */
      readonly partition?: string;
    }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'url'; readonly parameter: string };

/** A session id seen in a flow. */
export interface Sighting {
  readonly flowId: string;
  readonly at: number;
  readonly host: string;
  readonly carrier: Carrier;
  /** The id after the carrier's own decoding (percent). */
  readonly id: string;
  /** The value byte for byte (Latin-1) as it stood in the header. */
  readonly raw: string;
  readonly direction: 'request' | 'response';
  /** The whole Set-Cookie value (Latin-1), when one set or deleted it. */
  readonly setCookie?: string;
}

/** One reason for or against a cookie being the session cookie. Points add up to a score from 0 to 100. */
export interface ScoreReason {
  readonly code: string;
  /** `session`: a fact of this very session; `name`: of the cookie (header, parameter) with all its values. */
  readonly about: 'session' | 'name';
  readonly points: number;
  /** In words, for display: "Its value is 40 hex digits, as web.py makes them". */
  readonly text: string;
}

export interface Score {
  readonly value: number;
  readonly reasons: readonly ScoreReason[];
  /** The user's word, when they overruled the guess. */
  readonly verdict?: 'session' | 'not-session';
}

/** What an edit changed. */
export type EditKind = 'record-data' | 'record-removed' | 'record-age' | 'record-restored' | 'cookie';

/** A cookie as the browser holds it, every attribute as last sent by the server (or edited by us). */
export interface CookieView {
  readonly name: string;
  /** Raw value as in the header. */
  readonly value: string;
  readonly domain?: string;
  readonly hostOnly: boolean;
  readonly path: string;
  /** Milliseconds since 1970; absent for a cookie that lives until the browser closes. */
  readonly expires?: number;
  readonly expiresText?: string;
  readonly maxAge?: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: string;
  readonly partitioned: boolean;
  readonly priority?: string;
  /** Attributes that are none of the above, as written. */
  readonly others: readonly string[];
  /** The whole Set-Cookie value, byte for byte (Latin-1), when one was seen. */
  readonly setCookie?: string;
  readonly setAt?: number;
  /** The origin that set the cookie, as a launched Chromium reports it; absent where no browser says so. */
  readonly sourceScheme?: 'http' | 'https';
  readonly sourcePort?: number;
  /** The top-level site to which a partitioned cookie belongs, as the browser's jar holds it. */
  readonly partition?: CookiePartition;
}

/** The partition of a cookie in a browser's jar (CHIPS). */
export interface CookiePartition {
  /** Scheme and registrable domain of the page in the tab, e.g. `https://example.com`. */
  readonly topLevelSite: string;
  /** The cookie was set in a frame that has a frame of another site above it. */
  readonly hasCrossSiteAncestor: boolean;
}

/**
 * What was last seen to happen to a session, and the state that it entered by that. A closed union: each state has its
 * own events, and none is entered without one.
 *
 * * `anonymous`: set but never sent back, or known to have no record where others have one
 * * `live`: it is being sent, or its record exists
 * * `continued`: it goes on under another id (`as`)
 * * `replaced`: the browser holds another id in its place, an anonymous one or another visitor's
 * * `refused`: the browser did not take the cookie
 * * `expired`: its cookie, its data or its record ran out
 * * `ended`: by a logout, by the application, or by a kill from here
 * * `unreadable`: its record can no longer be decoded
 * * `unknown`: nothing is known of it, because it was not seen lately or because another application issued it
 */
export type StateEvent = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The flow in which it happened, where it was one. */
  readonly flowId?: string;
} & (
  | { readonly state: 'anonymous'; readonly because: 'not-sent-back' | 'no-record' }
  | { readonly state: 'live'; readonly because: 'used' | 'record' }
  | {
      readonly state: 'continued';
      readonly because: 'login' | 'same-data';
      /** Key and id of the session that it goes on as. */
      readonly as: string;
      readonly id: string;
    }
  | {
      readonly state: 'replaced';
      readonly because: 'logged-out' | 'anonymous' | 'other-visitor' | 'other-application' | 'another-id';
      readonly as: string;
      readonly id: string;
      /** The host whose answer replaced it, where it was not its own. */
      readonly host?: string;
    }
  | { readonly state: 'refused'; readonly because: 'rules' | 'browser'; readonly reasons: readonly string[] }
  | {
      readonly state: 'expired';
      readonly because: 'cookie' | 'payload' | 'record' | 'idle';
      /** How long it had not been used (ms), where that is why it is taken to have run out. */
      readonly idleMs?: number;
    }
  | {
      readonly state: 'ended';
      readonly because: 'logout' | 'application' | 'other-application' | 'killed-here' | 'record-removed';
      /** The host whose answer deleted the cookie, where it was not its own. */
      readonly host?: string;
    }
  | { readonly state: 'unreadable'; readonly because: 'record'; readonly message: string }
  | { readonly state: 'unknown'; readonly because: 'not-seen-lately' | 'other-application' | 'issuer-not-seen' }
);

export type SessionState = StateEvent['state'];

/** Every state, for filters and tests. */
export const SESSION_STATES = [
  'anonymous',
  'live',
  'continued',
  'replaced',
  'refused',
  'expired',
  'ended',
  'unreadable',
  'unknown',
] as const satisfies readonly SessionState[];

/** A cookie that the browser sends along although another application of the same host issued it. */
export interface ForeignCookie {
  /** Host (with port) of the application that issued it; of one that it is also sent to, where no answer set it here. */
  readonly issuer: string;
  /** Whether an answer of the issuer that set it was seen, or the browser said so. */
  readonly sure: boolean;
  /** The flow in whose answer this application gave the browser another value instead; absent: not seen. */
  readonly notAccepted?: string;
}

/** Other cookies of the same name that went with the same request. */
export interface CookieClash {
  readonly at: number;
  readonly flowId: string;
  /** All of them in the order of the Cookie header; `mine` is this session's. */
  readonly cookies: readonly { readonly path: string; readonly domain?: string; readonly mine: boolean }[];
}

/** Three clocks side by side. All in milliseconds since 1970. */
export interface Clocks {
  readonly cookie: { readonly expires: number } | { readonly expires: null };
  readonly store?: { readonly lastUsed: number | null; readonly cleanupDue?: number };
  readonly payload?: { readonly expires: number; readonly at: string };
}

/** A line in the list of sessions. */
export interface SessionSummary {
  /** Stable within the workspace: names the session for every request over the bridge. */
  readonly key: string;
  readonly host: string;
  readonly carrier: Carrier;
  readonly id: string;
  readonly state: SessionState;
  /** What the state was entered by. */
  readonly event: StateEvent;
  /** Set for a cookie that another application of the same host issued: nothing of it is this application's. */
  readonly foreign?: ForeignCookie;
  readonly clash?: CookieClash;
  readonly score: Score;
  readonly firstSeen: number;
  readonly lastActivity: number;
  readonly flows: number;
  readonly clocks: Clocks;
  readonly flags: { readonly httpOnly: boolean; readonly secure: boolean; readonly sameSite?: string };
  /** The store and id where its record was found. */
  readonly record?: { readonly storeId: string; readonly id: string; readonly bytes: number };
  /** How it was seen to be lost; absent while it goes on and where it ended as it should. */
  readonly loss?: LossNote;
  /** What is wrong with it although it goes on. */
  readonly alarms?: readonly Alarm[];
  /** Of the cookie's value, else of its record; absent: nothing of it is signed, or it was not looked at yet. */
  readonly signature?: SignatureView;
  /** What is wrong with the value by itself: a public key, a token that anybody can write. */
  readonly findings?: readonly ValueFinding[];
  /** A short text from the data that helps a user to recognise it (`user=alice`, `count 41`). */
  readonly label?: string;
  readonly identity?: string;
  /** The framework that made the session, with the reason as a sentence; absent where nothing names one. */
  readonly framework?: SessionFramework;
}

/** A framework and why a session is taken for its: "Its record lies as in PHP session files". */
export interface SessionFramework {
  /** Of the catalog: `core/frameworks`. */
  readonly id: string;
  readonly title: string;
  readonly why: string;
}

/** The decoded record of a session. */
export interface RecordView {
  readonly storeId: string;
  readonly id: string;
  readonly revision: string;
  readonly bytes: number;
  /** Base64 of the stored bytes (the first `rawKept` of them). */
  readonly rawBase64: string;
  readonly rawKept: number;
  readonly lastUsed: number | null;
  /** When the record ends; null: never. Absent where the store keeps no such time. */
  readonly expires?: number | null;
  readonly lastUsedText?: string;
  readonly extra?: Readonly<Record<string, string | null>>;
  readonly layers: readonly string[];
  readonly value: TypedNode | null;
  readonly lossless: boolean;
  readonly warnings: readonly {
    readonly code: string;
    readonly message: string;
    readonly severity: 'info' | 'warning' | 'danger';
    readonly at?: number;
    /** The layer that warns. */
    readonly layer?: string;
  }[];
  readonly error?: Problem;
  readonly signature?: SignatureView;
}

export type TimelineEntry = {
  readonly seq: number;
  readonly at: number;
  readonly flowId?: string;
} /** `snapshot`: the record as it was found, or as it was before it went. */ & (
  | {
      readonly kind: 'created' | 'seen' | 'record-found' | 'record-gone';
      readonly snapshot?: string;
    }
  /** The session entered another state; never for `anonymous` and `live`, which other lines refer to. */
  | { readonly kind: 'state'; readonly event: StateEvent }
  /** It came back to life: its record is there again, or a request carried it again. */
  | { readonly kind: 'revived'; readonly from: SessionState; readonly snapshot?: string }
  /** This session took the place of another: the other side of its `continued` or `replaced`. */
  | { readonly kind: 'follows'; readonly from: string; readonly key: string; readonly how: 'continued' | 'replaced' }
  /** A Set-Cookie for it that the browser did not take. */
  | { readonly kind: 'set-refused'; readonly setCookie: string; readonly reasons: readonly string[] }
  /** It was noticed to be lost, with the cause that was named first. */
  | { readonly kind: 'lost'; readonly loss: LossNote }
  | { readonly kind: 'alarm'; readonly alarm: Alarm }
  /** A deletion that named another path or domain than the cookie has, so that the browser kept it. */
  | { readonly kind: 'not-deleted'; readonly setCookie: string; readonly cookie: string }
  /** `snapshot` is the record after the change, `before` the one before it. */
  | {
      readonly kind: 'data-changed';
      readonly differences: readonly Difference[];
      readonly snapshot: string;
      readonly before?: string;
    }
  | { readonly kind: 'attributes-changed'; readonly before: string; readonly after: string }
  | { readonly kind: 'address-changed'; readonly before: string; readonly after: string }
  /** `what` is for reading; `edit` says what kind it was (absent in workspaces of earlier versions). */
  | {
      readonly kind: 'edited';
      readonly editId: string;
      readonly edit?: EditKind;
      readonly what: string;
      readonly undone: boolean;
    }
  | { readonly kind: 'overwritten'; readonly editId: string; readonly by: string }
  /** All that one run of the lab did to the session: its changes are not the application's own. */
  | {
      readonly kind: 'lab-run';
      readonly runId: string;
      readonly changes: number;
      /** When it was over; `at` is when it began. */
      readonly until: number;
      /** The record is as it was before the run. */
      readonly same: boolean;
    }
);
