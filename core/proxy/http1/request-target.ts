import { timingSafeEqual } from 'node:crypto';
import { CHECK_HOST } from '../engine.ts';
import type { Exchange } from '../exchange.ts';
import type { OriginTarget } from '../origin/open.ts';
import { type Destination, originOf, splitUrl } from '../target.ts';
import { HeadError } from './head.ts';

/** Where a request leads, and its URL as the application knows it. */
export interface RequestDestination extends Destination {
  readonly url: string;
  readonly servername?: string;
  readonly own?: NonNullable<Exchange['own']>;
}

/** Knows the proxy's own addresses. */
export interface Self {
  isSelf(host: string, port: number): boolean;
}

/**
 * Where a request leads: inside a tunnel by the tunnel, never by Host; else by its absolute URL; a request in
 * origin-form that came without a tunnel is for the proxy itself (RFC 9112 section 3.2).
 * @throws HeadError 400 for a target that is none.
 */
export function destinationOf(
  request: { readonly method: string; readonly target: string },
  tunnel: OriginTarget | undefined,
  self: Self,
): RequestDestination {
  const { method, target } = request;
  if (tunnel !== undefined) {
    const path = target.startsWith('/') || target === '*' ? target : splitUrl(target)?.path;
    if (path === undefined) throw new HeadError(400, 'malformed request target');
    const url = originOf(tunnel) + (path === '*' ? '/*' : path);
    return { ...tunnel, path, url, ...ownTarget(tunnel, self) };
  }
  if (target.startsWith('/') || target === '*') {
    const path = target === '*' ? '/*' : target;
    return { secure: false, host: CHECK_HOST, port: 80, path, url: `http://${CHECK_HOST}${path}`, own: 'direct' };
  }
  const split = splitUrl(target);
  if (split === undefined) throw new HeadError(400, 'malformed request target');
  // OPTIONS for the whole server arrives as a URL without a path (RFC 9112 section 3.2.4).
  const path = method === 'OPTIONS' && /^[^/]*\/\/[^/?]*$/.test(target) ? '*' : split.path;
  return { ...split, path, url: target, ...ownTarget(split, self) };
}

function ownTarget(
  target: { readonly host: string; readonly port: number },
  self: Self,
): Pick<RequestDestination, 'own'> {
  if (target.host.toLowerCase() === CHECK_HOST) return { own: 'check' };
  return self.isSelf(target.host, target.port) ? { own: 'loop' } : {};
}

/** Whether `Proxy-Authorization` is the wanted text; compared in constant time. */
export function showsPassword(rawHeaders: readonly string[], wanted: string): boolean {
  const right = Buffer.from(wanted, 'latin1');
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() !== 'proxy-authorization') continue;
    const given = Buffer.from(rawHeaders[i + 1] as string, 'latin1');
    if (given.length === right.length && timingSafeEqual(given, right)) return true;
  }
  return false;
}
