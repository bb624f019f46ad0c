/*
 * The only place that parses addresses which come from outside (requests, redirects, imports, forms, policies). The
 * proxy passes on more than WHATWG URL accepts, and `new URL` throws at what it does not accept. Everything here is
 * total: an address that is malformed still has parts that can be shown and compared. `scripts/check-urls.ts` refuses
 * `new URL` on such text elsewhere.
 */

/** The parts of an http, https, ws or wss address. Never missing: what cannot be read is empty. */
export interface WebAddress {
  /** Whether browsers would accept it. */
  readonly valid: boolean;
  /** The whole address: as browsers write it, or, where it is not valid, as it came. */
  readonly url: string;
  /** With the colon, lower case: `https:`; empty when there is none. */
  readonly protocol: string;
  readonly secure: boolean;
  /** As `URL.hostname`: lower case and punycode where it is valid, IPv6 in brackets. */
  readonly hostname: string;
  /** As `URL.port`: empty where it is the scheme's own. */
  readonly port: string;
  /** `hostname`, and `:port` where it is not the scheme's own. */
  readonly host: string;
  readonly origin: string;
  /** Begins with `/`. */
  readonly pathname: string;
  /** Empty, or with the `?`. */
  readonly search: string;
  /** Empty, or with the `#`. */
  readonly hash: string;
  /**
   * An address that `new URL` accepts, for libraries which use it: this one, or, where it is not valid, one of the same
   * scheme and path whose host is a name of its own below `.invalid` (RFC 2606), the same for the same host.
   */
  readonly href: string;
}

const PARTS = /^([a-z][a-z\d+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#[\s\S]*)?$/i;
const OWN_PORT: Readonly<Record<string, string>> = { 'http:': '80', 'ws:': '80', 'https:': '443', 'wss:': '443' };

/** Parses any text. */
export function webAddress(text: string): WebAddress {
  const url = parseUrl(text);
  if (url !== undefined) {
    const { protocol, hostname, port, host, origin, pathname, search, hash, href } = url;
    const secure = isSecure(protocol);
    // Of schemes that are no web addresses the platform has no origin and paths without a slash.
    const web = OWN_PORT[protocol] !== undefined;
    return {
      valid: web,
      url: href,
      protocol,
      secure,
      hostname,
      port,
      host,
      origin: web ? origin : `${protocol}//${host}`,
      pathname: pathname.startsWith('/') ? pathname : `/${pathname}`,
      search,
      hash,
      href,
    };
  }
  return lenient(text);
}

/** `webAddress(text).pathname` for half of the time. */
export function pathnameOf(text: string): string {
  const pathname = (parseUrl(text) ?? lenient(text)).pathname;
  return pathname.startsWith('/') ? pathname : `/${pathname}`;
}

/** Where a reference leads (a `Location`, a link), seen from a base address; undefined where browsers follow it nowhere. */
export function resolveAddress(reference: string, base: string): WebAddress | undefined {
  const from = webAddress(base);
  if (OWN_PORT[from.protocol] === undefined) return undefined;
  const url = parseUrl(reference, from.href);
  if (url === undefined || OWN_PORT[url.protocol] === undefined) return undefined;
  // A relative reference stays on the host of its base, whatever the platform thinks of the name.
  if (!from.valid && url.hostname === stand(from)) {
    return webAddress(from.origin + url.pathname + url.search + url.hash);
  }
  return webAddress(url.href);
}

/** `new URL` that gives undefined instead of throwing; for texts that may be anything but must be valid to be used. */
export function parseUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/** `decodeURIComponent` that gives undefined for a `%` that is none. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function lenient(text: string): WebAddress {
  const [, scheme = '', authority = '', path = '', search = '', hash = ''] = PARTS.exec(text) ?? [];
  const protocol = scheme.toLowerCase();
  const named = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  const [, hostname = named, digits = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(named) ?? [];
  const port = digits === OWN_PORT[protocol] ? '' : digits;
  const host = port === '' ? hostname : `${hostname}:${port}`;
  const parts = {
    valid: false,
    url: text,
    protocol,
    secure: isSecure(protocol),
    hostname,
    port,
    host,
    origin: `${protocol}//${host}`,
    pathname: path.startsWith('/') ? path : `/${path}`,
    search,
    hash,
  };
  const known = OWN_PORT[protocol] === undefined ? 'http:' : protocol;
  return { ...parts, href: `${known}//${stand(parts)}${parts.pathname}${search}${hash}` };
}

function isSecure(protocol: string): boolean {
  return protocol === 'https:' || protocol === 'wss:';
}

/** A valid name for a host that is none: different hosts have different ones. */
function stand({ host }: Pick<WebAddress, 'host'>): string {
  // FNV-1a over the characters, twice with different starts: short, and without any package.
  const hash = (start: number): string => {
    let sum = start;
    for (let i = 0; i < host.length; i += 1) sum = Math.imul(sum ^ host.charCodeAt(i), 0x01000193);
    return (sum >>> 0).toString(16).padStart(8, '0');
  };
  return `h${hash(0x811c9dc5)}${hash(0x1234567)}.invalid`;
}
