import type { Target } from './options.ts';

/** Where a request goes and what is asked for there. */
export interface Destination extends Target {
  /** Path and query as sent: `/a?b`, or `*`. */
  readonly path: string;
}

const URL_PARTS = /^(https?):\/\/([^/?#]*)([^#]*)/i;
const HOST_PORT = /^(\[[0-9A-Fa-f:.%]+\]|[^\s:@/\\[\]]+)(?::(\d{0,5}))?$/;

/** Splits an absolute http or https URL without changing a byte of its path. undefined: not such a URL. */
export function splitUrl(url: string): Destination | undefined {
  const match = URL_PARTS.exec(url);
  if (match === null) return undefined;
  const secure = (match[1] as string).length === 5;
  const authority = match[2] as string;
  const at = splitHostPort(authority.slice(authority.lastIndexOf('@') + 1), secure ? 443 : 80);
  if (at === undefined) return undefined;
  const rest = match[3] as string;
  return { secure, ...at, path: rest.startsWith('/') ? rest : `/${rest}` };
}

/** `host:port` or `[v6]:port`; without a port the default one is used. */
export function splitHostPort(text: string, defaultPort?: number): { host: string; port: number } | undefined {
  const match = HOST_PORT.exec(text);
  if (match === null) return undefined;
  const port = match[2] === undefined || match[2] === '' ? defaultPort : Number(match[2]);
  if (port === undefined || port < 1 || port > 65535) return undefined;
  return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port };
}

/** `https://host:port` with the port left out where it is the default. */
export function originOf(target: Target): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const usual = target.port === (target.secure ? 443 : 80);
  return `${target.secure ? 'https' : 'http'}://${host}${usual ? '' : `:${target.port}`}`;
}

/** `host:port` for messages and CONNECT. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
