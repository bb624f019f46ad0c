import { CHECK_HOST } from '../engine.ts';
import type { Exchange } from '../exchange.ts';
import type { OriginTarget } from '../origin/open.ts';
import { type Destination, originOf, splitUrl } from '../target.ts';
import { HeadError } from './head-error.ts';

const SLASH = 47;

/** Where a request leads, and its URL as the application knows it. */
export interface RequestDestination extends Destination {
  readonly url: string;
  readonly servername?: string | undefined;
  readonly own?: Exchange['own'] | undefined;
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
    return { ...tunnel, path, url, own: ownTarget(tunnel, self) };
  }
  if (target.startsWith('/') || target === '*') {
    const path = target === '*' ? '/*' : target;
    return { secure: false, host: CHECK_HOST, port: 80, path, url: `http://${CHECK_HOST}${path}`, own: 'direct' };
  }
  const split = splitUrl(target);
  if (split === undefined) throw new HeadError(400, 'malformed request target');
  // OPTIONS for the whole server arrives as a URL without a path (RFC 9112 section 3.2.4).
  const path = method === 'OPTIONS' && /^[^/]*\/\/[^/?]*$/.test(target) ? '*' : split.path;
  return { ...split, path, url: target, own: ownTarget(split, self) };
}

/** The destinations of the requests of one connection: most of them lead to where the one before did. */
export class RequestTargets {
  readonly #tunnel: OriginTarget | undefined;
  readonly #self: Self;
  #last: RequestDestination | undefined = undefined;
  /** Scheme and authority of the last one's target; in a tunnel, of its URL. */
  #origin = '';

  constructor(tunnel: OriginTarget | undefined, self: Self) {
    this.#tunnel = tunnel;
    this.#self = self;
  }

  /** @throws HeadError as `destinationOf` does. */
  destinationOf(request: { readonly method: string; readonly target: string }): RequestDestination {
    const { target } = request;
    const last = this.#last;
    if (last !== undefined) {
      const { secure, host, port, servername } = last;
      // Only paths: what else a target can be is looked at in full.
      const at = this.#tunnel === undefined ? this.#origin.length : 0;
      if (target.charCodeAt(at) === SLASH && (at === 0 || (target.startsWith(this.#origin) && !target.includes('#')))) {
        const path = at === 0 ? target : target.slice(at);
        const url = at === 0 ? this.#origin + target : target;
        return { secure, host, port, servername, path, url, own: ownTarget(last, this.#self) };
      }
    }
    const destination = destinationOf(request, this.#tunnel, this.#self);
    const { url, path, own } = destination;
    if (own !== 'direct' && path.charCodeAt(0) === SLASH && url.endsWith(path)) {
      this.#last = destination;
      this.#origin = url.slice(0, url.length - path.length);
    }
    return destination;
  }
}

function ownTarget(target: { readonly host: string; readonly port: number }, self: Self): RequestDestination['own'] {
  if (target.host.toLowerCase() === CHECK_HOST) return 'check';
  return self.isSelf(target.host, target.port) ? 'loop' : undefined;
}
