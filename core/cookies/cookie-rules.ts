/** Small rules of RFC 6265bis that both directions need. Domains and paths are compared by tough-cookie. */
import { domainMatch, getPublicSuffix } from 'tough-cookie';
import type { CookiePartition } from '../model/session.ts';
import { webAddress } from '../model/web-address.ts';

/** RFC 6265bis 5.6: longest name and value together, and longest attribute value, in bytes. */
export const MAX_PAIR_BYTES = 4096;
export const MAX_ATTRIBUTE_BYTES = 1024;
/** RFC 6265bis 5.5: no cookie lives longer. */
export const MAX_AGE_MS = 400 * 86_400_000;

/** The host of a URL as cookies compare it: lower case, punycode, without brackets or port. */
export function hostOf(url: string): string {
  const { hostname } = webAddress(url);
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.replace(/^\./, '');
}

/** Whether a scheme carries Secure cookies everywhere. */
export function isSecureScheme(url: string): boolean {
  return /^(https|wss):/i.test(url);
}

/** Loopback names and addresses, which Chrome and Firefox trust like https. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whether anybody could register under it (`com`, `co.uk`, `github.io`). A single label such as `localhost` is one too. */
export function isPublicSuffix(domain: string): boolean {
  if (isAddress(domain)) return false;
  if (!domain.includes('.')) return true;
  return getPublicSuffix(domain, { allowSpecialUseDomain: true, ignoreError: true }) === undefined;
}

export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

/** RFC 6265bis 5.1.3. */
export function domainMatches(host: string, domain: string): boolean {
  return host === domain || (!isAddress(host) && domainMatch(host, domain, false) === true);
}

/** `__Secure-`, `__Host-`, `__Http-`, `__Host-Http-`: a promise in the name, in any letter case. */
export function prefixOf(name: string): '__Host-Http-' | '__Http-' | '__Host-' | '__Secure-' | undefined {
  const lower = name.toLowerCase();
  if (lower.startsWith('__host-http-')) return '__Host-Http-';
  if (lower.startsWith('__http-')) return '__Http-';
  if (lower.startsWith('__host-')) return '__Host-';
  return lower.startsWith('__secure-') ? '__Secure-' : undefined;
}

/** Scheme and registrable domain of a URL: a site, as partitions and SameSite compare it. */
export function siteOf(url: string): string {
  const host = hostOf(url);
  const domain = isAddress(host)
    ? host
    : (getPublicSuffix(host, { allowSpecialUseDomain: true, ignoreError: true }) ?? host);
  return `${isSecureScheme(url) ? 'https' : 'http'}://${domain.includes(':') ? `[${domain}]` : domain}`;
}

/** Whether two partitions are one. */
export function samePartition(a: CookiePartition, b: CookiePartition): boolean {
  return a.topLevelSite === b.topLevelSite && a.hasCrossSiteAncestor === b.hasCrossSiteAncestor;
}

/** The partition in which a request lies: that of its own site in a tab of its own, unless it says otherwise. */
export function partitionOf({
  url,
  partition,
}: {
  readonly url: string;
  readonly partition?: CookiePartition;
}): CookiePartition {
  return partition ?? { topLevelSite: siteOf(url), hasCrossSiteAncestor: false };
}
