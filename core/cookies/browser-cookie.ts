/** A cookie as a browser stores it (RFC 6265bis section 5.7), and the circumstances in which it is set or sent. */

import type { CookiePartition } from '../model/session.ts';

export type SameSite = 'Strict' | 'Lax' | 'None' | 'Default';

export interface BrowserCookie {
  readonly name: string;
  readonly value: string;
  /** Canonical: lower case, no leading dot. */
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  /** Milliseconds since 1970; absent for a cookie that lives until the browser closes. */
  readonly expires?: number;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** `Default`: none was given, or one that is not known; browsers then treat it like Lax. */
  readonly sameSite: SameSite;
  readonly partitioned: boolean;
  readonly priority?: 'Low' | 'Medium' | 'High';
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The partition of a partitioned cookie; absent: that of its own site. */
  readonly partition?: CookiePartition;
  /** Origin that set it: `http` or `https`, and the port. */
  readonly sourceScheme?: 'http' | 'https';
  readonly sourcePort?: number;
  /** It was set in a cross-site frame, where a browser that partitions third parties keeps it apart. */
  readonly thirdParty?: boolean;
}

/** How a request stands to the page it belongs to. */
export interface SiteContext {
  /** Absolute URL of the request. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Default `same-site`. */
  readonly site?: 'same-site' | 'cross-site';
  /** A navigation of the whole tab (a link, a typed address, a form). Default true. */
  readonly topLevel?: boolean;
  /** Default GET. */
  readonly method?: string;
  /** False for `document.cookie`. Default true. */
  readonly http?: boolean;
  /** The page is of the same site, but came by the other of http and https. */
  readonly otherScheme?: boolean;
  /** Of a script's request: whether it takes cookies along (Fetch, "credentials mode"). Default `include`. */
  readonly credentials?: 'include' | 'same-origin' | 'omit';
  /** The page is of the same origin; only looked at for `same-origin` credentials. Default true. */
  readonly sameOrigin?: boolean;
  /** The site in the tab, and whether a frame of another site lies between; default: the request's own site. */
  readonly partition?: CookiePartition;
}

/** Whether a request has cookies at all: a script's request can do without. */
export function hasCredentials({ credentials = 'include', sameOrigin = true }: SiteContext): boolean {
  return credentials === 'include' || (credentials === 'same-origin' && sameOrigin);
}

/**
 * One reason why a cookie is refused or not sent (`no`), or something worth knowing about one that is (`note`). `source`
 * is the rule: a section of RFC 6265bis, or the browser that has it.
 */
export interface CookieReason {
  readonly code: string;
  readonly verdict: 'no' | 'note';
  readonly text: string;
  readonly source: string;
}
