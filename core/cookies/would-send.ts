import { pathMatch } from 'tough-cookie';
import { pathnameOf, webAddress } from '../model/web-address.ts';
import { type BrowserCookie, type CookieReason, hasCredentials, type SiteContext } from './browser-cookie.ts';
import { COOKIE_RULES, type CookieRules } from './browser-rules.ts';
import {
  domainMatches,
  hostOf,
  isLoopback,
  isSecureScheme,
  partitionOf,
  samePartition,
  siteOf,
} from './cookie-rules.ts';
import { isLikeNone } from './judge.ts';

export interface SendJudgement {
  readonly sent: boolean;
  readonly reasons: readonly CookieReason[];
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

type Say = (verdict: 'no' | 'note', code: string, text: string, source?: string) => void;

/**
 * Whether a browser sends a stored cookie with a request, with every reason against (RFC 6265bis section 5.8.3).
 * @param rules those of the browser; Chromium's by default.
 */
export function wouldSend(
  cookie: BrowserCookie,
  request: SiteContext,
  rules: CookieRules = COOKIE_RULES.chromium,
): SendJudgement {
  const reasons: CookieReason[] = [];
  const say: Say = (verdict, code, text, source = '5.8.3') => void reasons.push({ code, verdict, text, source });
  const host = hostOf(request.url);
  const pathname = pathnameOf(request.url);
  if (!hasCredentials(request)) {
    const text =
      request.credentials === 'omit'
        ? 'The script asked without credentials'
        : 'The script asked with credentials for its own origin only, and this is another one';
    say('no', 'no-credentials', text, 'Fetch');
  }
  if (cookie.hostOnly ? host !== cookie.domain : !domainMatches(host, cookie.domain)) {
    const whose = cookie.hostOnly ? `for ${cookie.domain} alone` : `for ${cookie.domain} and what is below it`;
    say('no', 'domain', `It is ${whose}, the request goes to ${host}`);
  }
  if (!pathMatch(pathname, cookie.path)) say('no', 'path', `Its path ${cookie.path} does not cover ${pathname}`);
  if (cookie.expires !== undefined && cookie.expires <= request.at) say('no', 'expired', 'It has run out');
  if (cookie.secure && !isSecureScheme(request.url)) {
    if (isLoopback(host) && rules.secureOnLoopback)
      say(
        'note',
        'secure-loopback',
        'Secure is sent to this machine itself by Chrome and Firefox, not by Safari',
        'Chrome, Firefox',
      );
    else say('no', 'secure', 'It is Secure and the request is plain http');
  }
  if (cookie.httpOnly && request.http === false) say('no', 'http-only', 'It is HttpOnly and a script asks');
  judgeBinding(cookie, request, rules, say);
  judgePartition(cookie, request, say);
  if (request.site === 'cross-site') judgeCrossSite(cookie, request, rules, say);
  else if (request.otherScheme === true && rules.schemefulSameSite) judgeOtherScheme(cookie, request, rules, say);
  return { sent: !reasons.some((reason) => reason.verdict === 'no'), reasons };
}

/** Cookies that keep to the port and scheme that set them: a switch of Chromium, off in 2026. */
function judgeBinding(cookie: BrowserCookie, { url }: SiteContext, rules: CookieRules, say: Say): void {
  const scheme = isSecureScheme(url) ? 'https' : 'http';
  if (rules.schemeBound && cookie.sourceScheme !== undefined && cookie.sourceScheme !== scheme) {
    say('no', 'scheme', `It was set over ${cookie.sourceScheme}, and cookies keep to their scheme here`, 'Chrome');
  }
  const port = Number(webAddress(url).port) || (scheme === 'https' ? 443 : 80);
  // With Domain a cookie is for every port, as it is for every host below.
  if (rules.portBound && cookie.hostOnly && cookie.sourcePort !== undefined && cookie.sourcePort !== port) {
    say('no', 'port', `It was set on port ${cookie.sourcePort}, and cookies keep to their port here`, 'Chrome');
  }
}

function judgePartition(cookie: BrowserCookie, request: SiteContext, say: Say): void {
  if (!cookie.partitioned) return;
  const here = partitionOf(request);
  // A cross-site request that does not say what is in the tab lies in another partition, whichever that is.
  const elsewhere = request.site === 'cross-site' && request.topLevel === false && request.partition === undefined;
  const own = cookie.partition ?? { topLevelSite: siteOf(request.url), hasCrossSiteAncestor: false };
  if (elsewhere || !samePartition(own, here)) {
    say('no', 'partition', `It is partitioned and belongs to ${own.topLevelSite} in the tab`, 'CHIPS');
  }
}

function judgeCrossSite(cookie: BrowserCookie, request: SiteContext, rules: CookieRules, say: Say): void {
  const safe = SAFE_METHODS.has((request.method ?? 'GET').toUpperCase());
  const topLevel = request.topLevel !== false;
  if (!topLevel && !cookie.partitioned && rules.thirdParty === 'blocked') {
    say('no', 'third-party-blocked', `${rules.title} blocks third-party cookies here`, rules.title);
  }
  if (!topLevel && !cookie.partitioned && rules.thirdParty === 'partitioned' && cookie.thirdParty !== true) {
    say(
      'no',
      'third-party-partitioned',
      `${rules.title} keeps cookies of frames apart for each site in the tab`,
      rules.title,
    );
  }
  if (isLikeNone(cookie, rules)) {
    if (!topLevel)
      say('note', 'third-party', 'Browsers that block third-party cookies do not send it', 'Safari, Firefox');
  } else if (cookie.sameSite === 'Strict') {
    say('no', 'same-site-strict', 'SameSite=Strict: the request comes from another site');
  } else if (!topLevel) {
    say('no', 'same-site-lax', 'It is Lax (or has no SameSite), and this cross-site request is no navigation');
  } else if (!safe) {
    const young = cookie.sameSite === 'Default' && request.at - cookie.createdAt <= rules.laxPostMs;
    if (young && rules.laxPostMs > 0)
      say(
        'note',
        'lax-post',
        'Chrome sends it with a cross-site POST in its first two minutes; others do not',
        'Chrome',
      );
    else say('no', 'same-site-lax-method', `It is Lax (or has no SameSite), and ${request.method} is no safe method`);
  }
}

/** The page is of the same host, but http to https or back: to Chromium another site. */
function judgeOtherScheme(cookie: BrowserCookie, request: SiteContext, rules: CookieRules, say: Say): void {
  if (request.topLevel === false && !cookie.partitioned && rules.thirdParty === 'blocked') {
    say(
      'no',
      'third-party-blocked',
      `${rules.title} blocks third-party cookies here, also of the other scheme`,
      rules.title,
    );
  }
  if (isLikeNone(cookie, rules)) return;
  const safe = SAFE_METHODS.has((request.method ?? 'GET').toUpperCase());
  const young = cookie.sameSite === 'Default' && request.at - cookie.createdAt <= rules.laxPostMs;
  if (cookie.sameSite !== 'Strict' && request.topLevel !== false && (safe || young)) return;
  say(
    'no',
    'cross-scheme',
    `The page came by the other of http and https, to Chrome another site: SameSite=${cookie.sameSite} holds it back`,
    'Chrome',
  );
}
