import type { Flow } from '../../../model/flow.ts';
import { webAddress } from '../../../model/web-address.ts';
import type { CookieField } from './cookie-field.ts';

/** A host that nobody can have (RFC 2606). */
const ATTACKER = 'https://attacker.example';
const SAFE = /^(GET|HEAD|OPTIONS)$/i;

/**
 * The header fields of a request that a page of another site makes a browser send: a form that posts, or a link. Such a
 * page cannot set fields of its own, nor read a token.
 */
export function crossSiteHeaders(request: Flow['request'], method = request.method): Record<string, string | null> {
  const own = Object.fromEntries(
    request.rawHeaders
      .filter((name, i) => i % 2 === 0 && /^(x-csrf|x-xsrf|x-requested-with|authorization)/i.test(name))
      .map((name) => [name, null]),
  );
  const plainHttp =
    webAddress(request.url).protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(webAddress(request.url).host);
  return {
    ...own,
    ...(SAFE.test(method) ? { Origin: null } : { Origin: ATTACKER }),
    Referer: `${ATTACKER}/`,
    // Browsers send these to trustworthy addresses only.
    ...(plainHttp
      ? {}
      : {
          'Sec-Fetch-Site': 'cross-site',
          'Sec-Fetch-Mode': 'navigate',
          'Sec-Fetch-Dest': 'document',
          'Sec-Fetch-User': '?1',
        }),
  };
}

/**
 * Whether a browser sends the cookie with such a request. Without SameSite, Chromium treats it as Lax (after its first two
 * minutes), Firefox and Safari as None.
 */
export function sentCrossSite(
  { sameSite }: Pick<CookieField, 'sameSite'>,
  method: string,
): 'yes' | 'no' | 'some browsers' {
  if (sameSite === 'strict') return 'no';
  if (sameSite === 'lax') return SAFE.test(method) ? 'yes' : 'no';
  if (sameSite === 'none') return 'yes';
  return SAFE.test(method) ? 'yes' : 'some browsers';
}
