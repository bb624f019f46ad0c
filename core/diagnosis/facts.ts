import type { Judgement } from '../cookies/judge.ts';
import type { WebAddress } from '../model/web-address.ts';

/*
 * What the causes reason about: plain data, oldest first, without I/O. It is read from flows (`read-exchanges.ts`),
 * from what stores were seen to hold, and from what a launched browser says. Every fact names the evidence it is from.
 */

/** A header list that is asked by name. */
export interface Headers {
  /** The first value, or undefined. Names in any letter case. */
  get(name: string): string | undefined;
  all(name: string): readonly string[];
}

export interface SentCookie {
  readonly name: string;
  /** Byte for byte as in the Cookie header (Latin-1). */
  readonly value: string;
}

/** One Set-Cookie of an answer, and what a browser makes of it. */
export interface AnsweredCookie {
  readonly text: string;
  readonly name: string;
  readonly value: string;
  readonly judgement: Judgement;
}

/**
 * What an answer is to the user. `login`: asks to log in (a form with a password, a redirect to a login page);
 * `denied`: 401 or 403; `content`: anything else with a 2xx or 304; `redirect`: a redirect that leads to no login;
 * `error`: 4xx and 5xx besides; `none`: no answer.
 */
export type PageKind = 'login' | 'denied' | 'content' | 'redirect' | 'error' | 'none';

/** One request of the visitor with its answer. Times in milliseconds since 1970. */
export interface Exchange {
  readonly flowId: string;
  readonly at: number;
  /** When the answer was complete; undefined while it is under way or where there was none. */
  readonly answeredAt: number | undefined;
  readonly method: string;
  readonly address: WebAddress;
  /** 0 without an answer. */
  readonly status: number;
  readonly page: PageKind;
  readonly location: WebAddress | undefined;
  readonly request: Headers;
  readonly response: Headers;
  readonly cookies: readonly SentCookie[];
  /** Bytes of the Cookie header. */
  readonly cookieBytes: number;
  readonly set: readonly AnsweredCookie[];
  /** The beginning of the decoded text of the answer; empty where it was not kept. */
  readonly body: string;
  readonly error: string | undefined;
  /** One browser profile, as far as it can be told from others. */
  readonly visitor: string;
  /** The visitor's address as the application sees it. */
  readonly client: string;
  /** The browser did not want the page for a user yet: `prefetch` or `prerender`. */
  readonly speculative: boolean;
  /** The request goes to another site than the page it belongs to, by the browser's own word (Sec-Fetch-Site). */
  readonly crossSite: boolean;
  /** A navigation of the whole tab, by the browser's own word (Sec-Fetch-Mode, Sec-Fetch-Dest); true where it says nothing. */
  readonly navigation: boolean;
}

/** What was seen of the session's record. */
export type RecordFact = {
  readonly at: number;
  readonly flowId?: string;
  readonly storeId: string;
  readonly recordId: string;
} & (
  | { readonly kind: 'found'; readonly lastUsed: number | null }
  | { readonly kind: 'changed'; readonly lostKeys: readonly string[]; readonly gainedKeys: readonly string[] }
  | {
      readonly kind: 'gone';
      readonly lastUsed: number | null;
      readonly removedHere: boolean;
      /** When it would have ended, where the store keeps that; null: never. */
      readonly expires?: number | null;
      /** `redis`, `disk`, … */
      readonly storeKind?: string;
    }
  | { readonly kind: 'unreadable'; readonly message: string }
);

/** What is known of the application's own rules. */
export interface Rules {
  /** Title of the framework, where one is recognised. */
  readonly framework?: string;
  /** Seconds of disuse after which records are removed, where it is known, and the name of the setting. */
  readonly idleSeconds?: number;
  readonly idleSetting?: string;
  /** The limit is the framework's default: the application may have set another. */
  readonly idleIsDefault?: boolean;
}

/** What a launched browser itself says about a cookie in a request or an answer (CDP). */
export interface BrowserFact {
  readonly flowId: string;
  readonly cookie: string;
  readonly when: 'storing' | 'sending';
  /** `SameSiteLax`, `NotOnPath`, `SecureOnly`, … */
  readonly reasons: readonly string[];
}

/** The cookie that carries the session. */
export interface Subject {
  readonly name: string;
  /** Authority of the application: `shop.test:8080`. */
  readonly host: string;
  /** The Domain that the cookie was set for; absent: the host alone. */
  readonly domain?: string;
  /** The value whose end is asked about (Latin-1). */
  readonly value: string;
  /** When the value itself says that it ends, milliseconds since 1970. */
  readonly payloadExpires?: number;
  /** The signature with the known key. */
  readonly signature?: 'valid' | 'invalid' | 'unchecked';
  /** The value carries the data of the session itself. */
  readonly selfContained?: boolean;
}

export interface Facts {
  readonly subject: Subject;
  /** All that the visitor exchanged with the hosts of the subject's site, oldest first. */
  readonly exchanges: readonly Exchange[];
  /** The same of other visitors with the subject's host. */
  readonly others: readonly Exchange[];
  readonly records: readonly RecordFact[];
  readonly browser: readonly BrowserFact[];
  readonly rules: Rules;
  /** When records of other sessions in the same store were found to be gone; how many of them are still there. */
  readonly othersGone?: readonly number[];
  readonly othersKept?: number;
  /** Some store is attached, so that a missing record may say something. */
  readonly storesAttached?: boolean;
}
