import ipaddr from 'ipaddr.js';
import { problem } from '../../model/problem.ts';
import type { Target } from '../options.ts';
import { splitHostPort } from '../target.ts';

/** A proxy between us and the applications. */
export type UpstreamProxy =
  | { readonly kind: 'direct' }
  | {
      readonly kind: 'http' | 'https' | 'socks4' | 'socks5';
      readonly host: string;
      readonly port: number;
      readonly username?: string;
      readonly password?: string;
    }
  /** Proxy auto-configuration: a script, or the address of one. */
  | { readonly kind: 'pac'; readonly url: string }
  | { readonly kind: 'pac'; readonly script: string };

export interface UpstreamSettings {
  readonly proxy: UpstreamProxy;
  /** The one for TLS, where it is another. */
  readonly secure?: UpstreamProxy;
  /** Hosts that go another way; the first that matches counts. Patterns as in `bypass`. */
  readonly perHost?: readonly { readonly hosts: readonly string[]; readonly proxy: UpstreamProxy }[];
  /**
   * Hosts that are reached straight: `shop.test`, `*.shop.test` or `.shop.test`, with `:8080` for one port, `10.0.0.0/8`,
   * `[::1]`, `<local>` (names without a dot and loopback).
   */
  readonly bypass?: readonly string[];
}

const DEFAULT_PORTS = { http: 80, https: 443, socks4: 1080, socks5: 1080 } as const;

/**
 * Reads `http://user:password@host:8080`, `https://…`, `socks5://…` (`socks://` and `socks5h://` too), `socks4://…`,
 * `pac+http://host/proxy.pac`, or `direct`.
 * @throws ProblemError `bad-upstream`
 */
export function parseUpstream(text: string): UpstreamProxy {
  const trimmed = text.trim();
  if (trimmed === '' || /^direct(:\/\/)?$/i.test(trimmed)) return { kind: 'direct' };
  const pac = /^pac\+((?:https?|file):.*)$/i.exec(trimmed);
  if (pac?.[1] !== undefined) return { kind: 'pac', url: pac[1] };
  const withScheme = /^[a-z\d]+:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  const [, scheme = '', user, authority = ''] = /^([a-z\d]+):\/\/(?:(.*)@)?([^/?#@]+)\/?$/i.exec(withScheme) ?? [];
  const kind = KINDS[scheme.toLowerCase()];
  if (kind === undefined) throw bad(text);
  // A bare word is a slip, not a host whose port 80 is a proxy.
  if (withScheme !== trimmed && !/:\d+$|\./.test(authority)) throw bad(text);
  const at = splitHostPort(authority, DEFAULT_PORTS[kind]);
  if (at === undefined) throw bad(text);
  const [username, ...rest] = user?.split(':') ?? [];
  return {
    kind,
    ...at,
    ...(username === undefined ? {} : { username: decoded(username) }),
    ...(rest.length === 0 ? {} : { password: decoded(rest.join(':')) }),
  };
}

const KINDS: Readonly<Record<string, keyof typeof DEFAULT_PORTS>> = {
  http: 'http',
  https: 'https',
  socks: 'socks5',
  socks5: 'socks5',
  socks5h: 'socks5',
  socks4: 'socks4',
  socks4a: 'socks4',
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function bad(text: string): Error {
  return problem('bad-upstream', `${text.replace(/\/\/.*@/, '//…@').slice(0, 100)} is no address of a proxy`, {
    remedy: 'Write http://host:port, https://host:port, socks5://host:port or pac+http://host/proxy.pac.',
  });
}

/** The way to a target. Pure. */
export function wayTo(
  settings: UpstreamSettings,
  target: Pick<Target, 'host' | 'port'> & { readonly secure?: boolean },
): UpstreamProxy {
  if (settings.bypass?.some((pattern) => hostMatches(pattern, target))) return { kind: 'direct' };
  const own = settings.perHost?.find(({ hosts }) => hosts.some((pattern) => hostMatches(pattern, target)));
  // A tunnel that passes unread says nothing of TLS but its port.
  const general = target.secure === true || target.port === 443 ? settings.secure : undefined;
  return own?.proxy ?? general ?? settings.proxy;
}

/** Whether a pattern of a bypass list means a host. Never fails; a pattern that is none matches nothing. */
export function hostMatches(pattern: string, { host, port }: Pick<Target, 'host' | 'port'>): boolean {
  const wanted = pattern.trim().toLowerCase();
  const name = host.toLowerCase();
  if (wanted === '*') return true;
  if (wanted === '<local>') return !/[.:]/.test(name) || /^127\.|^::1$|\.localhost$/.test(name);
  if (wanted.includes('/')) return inNetwork(wanted, name);
  const [, bracketed, plain, wantedPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(wanted) ?? [undefined, wanted];
  const text = bracketed ?? plain ?? wanted;
  if (text === '' || (wantedPort !== undefined && Number(wantedPort) !== port)) return false;
  if (text.startsWith('*.')) return name.endsWith(text.slice(1)) || name === text.slice(2);
  if (text.startsWith('.')) return name.endsWith(text) || name === text.slice(1);
  return text === name;
}

function inNetwork(network: string, host: string): boolean {
  try {
    const address = ipaddr.parse(host);
    const [base, bits] = ipaddr.parseCIDR(network.replace(/[[\]]/g, ''));
    return address.kind() === base.kind() && address.match(base, bits);
  } catch {
    return false;
  }
}
