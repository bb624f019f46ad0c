import type { Exchange } from '../exchange.ts';
import type { ProxyHooks } from '../hooks.ts';
import { hostPort, splitUrl } from '../target.ts';
import { hostMatches } from '../upstream/upstream-settings.ts';
import type { AddressSpaces } from './address-space.ts';
import { isOwnService } from './own-services.ts';

/** A page that reached for an address of this computer or its network. */
export interface PrivateAccess {
  /** Origin of the page; undefined where the browser did not say it. */
  readonly initiator: string | undefined;
  /** `host:port` that was asked for. */
  readonly target: string;
  readonly refused: boolean;
}

export interface PrivateAccessOptions {
  readonly spaces: AddressSpaces;
  /** Sites whose pages may reach private addresses, as patterns of hosts. */
  readonly allowed: () => readonly string[];
  /** Notified of each access that is refused, or would be if its page were known. */
  readonly onAccess: (access: PrivateAccess) => void;
}

/**
 * Refuses what browsers refuse by themselves and cannot behind a proxy, which reaches every address for them: a page of
 * the public web that asks for a loopback or private address (Local Network Access). A page counts as public when its
 * name has no private address. Links that lead the tab there are let pass, as browsers do; the debugger's own window is
 * closed to every page but its own.
 */
export function privateAccessHooks({ spaces, allowed, onAccess }: PrivateAccessOptions): ProxyHooks {
  const refuse = (exchange: Exchange, initiator: string | undefined, target: string, own: boolean) => {
    exchange.editedBy.push('local network access');
    exchange.respond({
      status: 403,
      reason: 'Forbidden',
      rawHeaders: ['Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store'],
      body: reasonFor(initiator, target, own),
    });
    onAccess({ initiator, target, refused: true });
  };
  return {
    name: 'local network access',
    request(exchange) {
      const initiator = foreignInitiator(exchange);
      if (initiator === undefined || exchange.own !== undefined) return undefined;
      const target = splitUrl(exchange.request.url);
      if (target === undefined) return undefined;
      const where = hostPort(target.host, target.port);
      if (isOwnService(target.host, target.port)) return refuse(exchange, initiator.origin, where, true);
      if (initiator.navigation) return undefined;
      const decide = async () => {
        if ((await spaces.of(target.host)) !== 'private') return;
        const { origin } = initiator;
        const page = origin === undefined ? undefined : splitUrl(`${origin}/`);
        if (page === undefined) return onAccess({ initiator: origin, target: where, refused: false });
        const space = await spaces.of(page.host);
        if (space === 'private' || allowed().some((pattern) => hostMatches(pattern, page))) return;
        if (space === 'public') refuse(exchange, origin, where, false);
        else onAccess({ initiator: origin, target: where, refused: false });
      };
      // Most requests of a page go to addresses that are known to be public.
      return spaces.of(target.host) === 'public' ? undefined : decide();
    },
  };
}

function reasonFor(initiator: string | undefined, target: string, own: boolean): string {
  const who = initiator === undefined ? 'A page of another site' : `A page of ${initiator}`;
  return own
    ? `Sessionscope: ${who} asked for the window of Sessionscope at ${target}. Only its own page may.\n`
    : `Sessionscope: ${who}, which is on the public web, asked for ${target}, a private address. Browsers refuse that ` +
        'by themselves, but not behind a proxy. Allow the site in the proxy settings if you trust it.\n';
}

/** The page that made a request when it is of another origin, by what browsers say; undefined for everything else. */
function foreignInitiator(
  exchange: Exchange,
): { readonly origin: string | undefined; readonly navigation: boolean } | undefined {
  const site = exchange.header('request', 'sec-fetch-site');
  const origin = exchange.header('request', 'origin');
  if (site === undefined ? origin === undefined : site === 'same-origin' || site === 'none') return undefined;
  const named =
    origin === undefined || origin === 'null' ? originOf(exchange.header('request', 'referer')) : originOf(origin);
  if (named !== undefined && named === originOf(exchange.request.url)) return undefined;
  const navigation =
    exchange.header('request', 'sec-fetch-mode') === 'navigate' &&
    exchange.header('request', 'sec-fetch-dest') === 'document';
  return { origin: named, navigation };
}

function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : /^(?:https?|wss?):\/\/[^/?#]+/i.exec(url)?.[0].toLowerCase();
}
