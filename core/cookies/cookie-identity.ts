import type { Carrier, CookieView } from '../model/session.ts';
import { isAddress } from './cookie-rules.ts';

type CookieCarrier = Carrier & { readonly kind: 'cookie' };

/**
 * The identity of a cookie as a browser keeps it (RFC 6265bis section 5.7): name, domain or the host alone, path and
 * partition. What is usual (`/`, the host alone, no partition) is left out.
 *
 * @param hostname of the answer that set it, without port
 * @param topLevelSite of the page, where the cookie is partitioned and the site is known
 */
export function cookieCarrier(view: CookieView, hostname: string, topLevelSite = ''): CookieCarrier {
  const domain = domainOf(view, hostname);
  return {
    kind: 'cookie',
    name: view.name,
    ...(view.path === '/' ? {} : { path: view.path }),
    ...(domain === undefined ? {} : { domain }),
    ...(view.partitioned ? { partition: view.partition?.topLevelSite ?? topLevelSite } : {}),
  };
}

/** A `Domain` that names an address or a single label (`localhost`) makes a cookie of the host alone. */
function domainOf({ hostOnly, domain = '' }: CookieView, hostname: string): string | undefined {
  const bare = domain.replace(/^\./, '').toLowerCase();
  if (hostOnly || bare === '') return undefined;
  return bare === hostname && (isAddress(bare) || !bare.includes('.')) ? undefined : bare;
}

/** RFC 6265bis section 5.1.4. */
export function pathCovers(cookiePath: string, requestPath: string): boolean {
  if (!requestPath.startsWith(cookiePath)) return false;
  return requestPath.length === cookiePath.length || cookiePath.endsWith('/') || requestPath[cookiePath.length] === '/';
}

/** The path of an absolute URL as cookies compare it: without query, `/` where there is none. Never fails. */
export function pathOfUrl(url: string): string {
  const start = url.indexOf('://') + 3;
  if (start < 3) return '/';
  let from = start;
  while (from < url.length && !'/?#'.includes(url[from] ?? '')) from += 1;
  let to = from;
  while (to < url.length && !'?#'.includes(url[to] ?? '')) to += 1;
  return to > from ? url.slice(from, to) : '/';
}

/** `127.0.0.1:8080` → `127.0.0.1`, `[::1]:80` → `::1`. */
export function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}
