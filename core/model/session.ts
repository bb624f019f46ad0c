import type { Difference } from './path.ts';
import type { Problem } from './problem.ts';
import type { TypedNode } from './typed.ts';

/** Where a session id was carried. */
export type Carrier =
  | { readonly kind: 'cookie'; readonly name: string }
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
  readonly points: number;
  /** In words, for people: "Its value is 40 hex digits, as web.py makes them". */
  readonly text: string;
}

export interface Score {
  readonly value: number;
  readonly reasons: readonly ScoreReason[];
  /** The person's word, when they overruled the guess. */
  readonly verdict?: 'session' | 'not-session';
}

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
 * anonymous: seen, no record and never authenticated; live: its record exists (or, unattached, it is being used);
 * killed: the server deleted cookie or record; expired: its record was cleaned up or its cookie ran out.
 */
export type SessionState = 'anonymous' | 'live' | 'killed' | 'expired' | 'rotated';

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
  readonly score: Score;
  readonly firstSeen: number;
  readonly lastActivity: number;
  readonly flows: number;
  readonly clocks: Clocks;
  readonly flags: { readonly httpOnly: boolean; readonly secure: boolean; readonly sameSite?: string };
  /** The store and id where its record was found. */
  readonly record?: { readonly storeId: string; readonly id: string; readonly bytes: number };
  /** A short text from the data that helps a person to recognise it (`user=alice`, `count 41`). */
  readonly label?: string;
  readonly identity?: string;
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
}

export type TimelineEntry = {
  readonly seq: number;
  readonly at: number;
  readonly flowId?: string;
} /** `snapshot`: the record as it was found, or as it was before it went. */ & (
  | {
      readonly kind: 'created' | 'seen' | 'killed' | 'expired' | 'record-found' | 'record-gone';
      readonly snapshot?: string;
    }
  | { readonly kind: 'rotated'; readonly from: string; readonly to: string }
  /** `snapshot` is the record after the change, `before` the one before it. */
  | {
      readonly kind: 'data-changed';
      readonly differences: readonly Difference[];
      readonly snapshot: string;
      readonly before?: string;
    }
  | { readonly kind: 'attributes-changed'; readonly before: string; readonly after: string }
  | { readonly kind: 'address-changed'; readonly before: string; readonly after: string }
  | { readonly kind: 'edited'; readonly editId: string; readonly what: string; readonly undone: boolean }
  | { readonly kind: 'overwritten'; readonly editId: string; readonly by: string }
);
