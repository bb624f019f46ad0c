/** Where browsers differ about cookies (MDN's compatibility data of August 2026; Chromium measured). */

export type BrowserFamily = 'chromium' | 'firefox' | 'safari';

/** What becomes of cookies of a site that is not the one in the tab. */
export type ThirdPartyMode = 'allowed' | 'blocked' | 'partitioned';

export interface CookieRules {
  readonly family: BrowserFamily;
  /** For people. */
  readonly title: string;
  /** A cookie without SameSite is treated like Lax. */
  readonly laxByDefault: boolean;
  /** Milliseconds in which a cookie without SameSite also goes with a cross-site POST; 0: never. */
  readonly laxPostMs: number;
  readonly noneNeedsSecure: boolean;
  /** http and https of one host are two sites. */
  readonly schemefulSameSite: boolean;
  /** Knows the prefixes `__Http-` and `__Host-Http-`. */
  readonly httpPrefixes: boolean;
  /** Secure cookies are taken and sent over plain http to this computer itself. */
  readonly secureOnLoopback: boolean;
  /** A tab inside of name or value is refused. */
  readonly refusesTab: boolean;
  readonly thirdParty: ThirdPartyMode;
  /** Cookies of one registrable domain; beyond it the least recently used leave until `kept` are left. */
  readonly limit: { readonly most: number; readonly kept: number };
  /** A cookie without Domain goes only to the port, any cookie only to the scheme that set it (Chromium: off). */
  readonly portBound: boolean;
  readonly schemeBound: boolean;
}

export const COOKIE_RULES: Readonly<Record<BrowserFamily, CookieRules>> = {
  chromium: {
    family: 'chromium',
    title: 'Chromium',
    laxByDefault: true,
    laxPostMs: 120_000,
    noneNeedsSecure: true,
    schemefulSameSite: true,
    httpPrefixes: true,
    secureOnLoopback: true,
    refusesTab: true,
    thirdParty: 'allowed',
    limit: { most: 180, kept: 150 },
    portBound: false,
    schemeBound: false,
  },
  firefox: {
    family: 'firefox',
    title: 'Firefox',
    laxByDefault: false,
    laxPostMs: 0,
    noneNeedsSecure: true,
    schemefulSameSite: false,
    httpPrefixes: true,
    secureOnLoopback: true,
    refusesTab: false,
    thirdParty: 'partitioned',
    limit: { most: 180, kept: 180 },
    portBound: false,
    schemeBound: false,
  },
  safari: {
    family: 'safari',
    title: 'Safari',
    laxByDefault: false,
    laxPostMs: 0,
    noneNeedsSecure: false,
    schemefulSameSite: false,
    httpPrefixes: false,
    secureOnLoopback: false,
    refusesTab: false,
    thirdParty: 'blocked',
    limit: { most: 600, kept: 600 },
    portBound: false,
    schemeBound: false,
  },
};

/** The rules of a browser by its `User-Agent`; Chromium's where that says nothing. */
export function rulesOfUserAgent(userAgent: string | undefined): CookieRules {
  if (userAgent === undefined) return COOKIE_RULES.chromium;
  // Every browser of iOS is WebKit, whatever it calls itself.
  if (/\b(?:iPhone|iPad|iPod)\b/.test(userAgent)) return COOKIE_RULES.safari;
  if (/\bFirefox\//.test(userAgent)) return COOKIE_RULES.firefox;
  if (/\b(?:Chrome|Chromium|CriOS|Edg)\//.test(userAgent)) return COOKIE_RULES.chromium;
  return /\bVersion\/[\d.]+.*\bSafari\//.test(userAgent) ? COOKIE_RULES.safari : COOKIE_RULES.chromium;
}
