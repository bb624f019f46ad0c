import type { CookiePartition, CookieView } from '../model/session.ts';

import type { CookieFact, UnsentCookie } from './cookie-facts.ts';

export type BrowserKind = 'chrome' | 'chromium' | 'edge' | 'brave' | 'firefox';

/** A browser that is installed on this machine. */
export interface FoundBrowser {
  /** Stable name for settings: `chromium`, `firefox:snap`, `chrome:beta`. Unique within one search. */
  readonly id: string;
  readonly kind: BrowserKind;
  /** How it is driven. */
  readonly family: 'chromium' | 'firefox';
  /** For display: "Google Chrome (beta)". */
  readonly name: string;
  readonly path: string;
  readonly packaging: 'system' | 'snap' | 'flatpak';
  /**
   * The only folder that a packaged browser (snap, flatpak) may write to and we may read; its profile has to lie there.
   * Absent: any folder will do.
   */
  readonly profileRoot?: string;
}

/** A coloured, isolated profile. */
export interface BrowserIdentity {
  readonly name: string;
  /** CSS colour as `#rrggbb`. */
  readonly color?: string;
}

export interface LaunchOptions {
  readonly proxyPort: number;
  /** Host of the proxy; `127.0.0.1` when absent. */
  readonly proxyHost?: string;
  /** SHA-256 of the CA's public key (base64), one or more: Chromium trusts these and no store is touched. */
  readonly spki: string | readonly string[];
  /** The CA's certificate, for Firefox's profile. */
  readonly caPem: string;
  /** Folder for profiles. Each launch makes a fresh one in it and removes it when the browser ends. */
  readonly profileDir: string;
  readonly startUrl: string;
  readonly identity?: BrowserIdentity;
  readonly headless?: boolean;
  /**
   * Cookies of sites other than the one in the tab. `as-chrome` (default): taken and sent, as Chrome does, also where a
   * packager's default blocks them (Debian's Chromium). Chromium's family only.
   */
  readonly thirdPartyCookies?: 'as-chrome' | 'blocked';
  /** Cookies keep to the port and scheme that set them: a feature of Chromium that is off by default. */
  readonly boundCookies?: boolean;
  readonly extraArgs?: readonly string[];
}

/** What to write into the jar. Times are milliseconds since 1970; no `expires`: until the browser closes. */
export interface JarCookie {
  readonly name: string;
  /** Raw value as it is to stand in the header. */
  readonly value: string;
  /** Host that owns the cookie, without a leading dot. */
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly expires?: number;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: string;
  readonly partitioned?: boolean;
  readonly priority?: string;
  /** The origin that the cookie counts as set by; default: by scheme and host of the cookie itself. Chromium only. */
  readonly sourceScheme?: 'http' | 'https';
  readonly sourcePort?: number;
  /** Which partition a partitioned cookie lies in; default: where one of that name lies, else its own site's. */
  readonly partition?: CookiePartition;
}

export interface BrowserExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** True when it ended without `close()` being asked for: the user closed it, or it crashed. */
  readonly byItself: boolean;
}

/** A running browser that we started. Its jar is read and written as the browser holds it, HttpOnly cookies included. */
export interface LaunchedBrowser {
  readonly found: FoundBrowser;
  readonly pid: number;
  /** The profile's own folder; gone after the end. */
  readonly profile: string;
  readonly identity?: BrowserIdentity;
  cookies(): Promise<CookieView[]>;
  setCookie(cookie: JarCookie): Promise<void>;
  /** Removes every cookie of that name, domain and path, whatever its partition. Resolves to how many there were. */
  deleteCookie(cookie: Pick<JarCookie, 'name' | 'domain' | 'path'>): Promise<number>;
  /** Opens an address in a new tab. */
  open(url: string): Promise<void>;
  /** Notifies of what the browser itself did with each Set-Cookie; of Chromium's family only. */
  onCookieFact(listener: (fact: CookieFact) => void): void;
  /** Calls back for each cookie that it leaves out of a request to the cookie's site. Chromium only. */
  onCookieUnsent(listener: (cookie: UnsentCookie) => void): void;
  /** Called once, after the profile is removed; at once when the browser has ended already. */
  onExit(listener: (exit: BrowserExit) => void): () => void;
  /** Ends the browser (asked first, killed after a few seconds) and removes its profile. */
  close(): Promise<void>;
}
