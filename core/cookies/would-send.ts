import { pathMatch } from 'tough-cookie';
import { pathnameOf } from '../model/web-address.ts';
import type { BrowserCookie, CookieReason, SiteContext } from './browser-cookie.ts';
import { domainMatches, hostOf, isLoopback, isSecureScheme } from './cookie-rules.ts';

export interface SendJudgement {
  readonly sent: boolean;
  readonly reasons: readonly CookieReason[];
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const LAX_POST_MS = 120_000;

/** Whether a browser sends a stored cookie with a request, with every reason against (RFC 6265bis section 5.8.3). */
export function wouldSend(cookie: BrowserCookie, request: SiteContext): SendJudgement {
  const reasons: CookieReason[] = [];
  const say = (verdict: 'no' | 'note', code: string, text: string, source = '5.8.3'): void =>
    void reasons.push({ code, verdict, text, source });
  const host = hostOf(request.url);
  const pathname = pathnameOf(request.url);
  if (cookie.hostOnly ? host !== cookie.domain : !domainMatches(host, cookie.domain)) {
    const whose = cookie.hostOnly ? `for ${cookie.domain} alone` : `for ${cookie.domain} and what is below it`;
    say('no', 'domain', `It is ${whose}, the request goes to ${host}`);
  }
  if (!pathMatch(pathname, cookie.path)) say('no', 'path', `Its path ${cookie.path} does not cover ${pathname}`);
  if (cookie.expires !== undefined && cookie.expires <= request.at) say('no', 'expired', 'It has run out');
  if (cookie.secure && !isSecureScheme(request.url)) {
    if (isLoopback(host))
      say(
        'note',
        'secure-loopback',
        'Secure is sent to this machine itself by Chrome and Firefox, not by Safari',
        'Chrome, Firefox',
      );
    else say('no', 'secure', 'It is Secure and the request is plain http');
  }
  if (cookie.httpOnly && request.http === false) say('no', 'http-only', 'It is HttpOnly and a script asks');
  if (request.site === 'cross-site') judgeCrossSite(cookie, request, say);
  return { sent: !reasons.some((reason) => reason.verdict === 'no'), reasons };
}

function judgeCrossSite(
  cookie: BrowserCookie,
  request: SiteContext,
  say: (verdict: 'no' | 'note', code: string, text: string, source?: string) => void,
): void {
  const safe = SAFE_METHODS.has((request.method ?? 'GET').toUpperCase());
  const topLevel = request.topLevel !== false;
  if (cookie.partitioned) say('note', 'partitioned', 'It is sent only below the site on which it was set', 'CHIPS');
  if (cookie.sameSite === 'None') {
    say('note', 'third-party', 'Browsers that block third-party cookies do not send it', 'Safari, Firefox');
  } else if (cookie.sameSite === 'Strict') {
    say('no', 'same-site-strict', 'SameSite=Strict: the request comes from another site');
  } else if (!topLevel) {
    say('no', 'same-site-lax', 'It is Lax (or has no SameSite), and this cross-site request is no navigation');
  } else if (!safe) {
    const young = cookie.sameSite === 'Default' && request.at - cookie.createdAt <= LAX_POST_MS;
    if (young)
      say(
        'note',
        'lax-post',
        'Chrome sends it with a cross-site POST in its first two minutes; others do not',
        'Chrome',
      );
    else say('no', 'same-site-lax-method', `It is Lax (or has no SameSite), and ${request.method} is no safe method`);
  }
}
