import { problem } from '../model/problem.ts';
import type { CookiePartition, CookieView } from '../model/session.ts';
import type { JarCookie } from './browser-types.ts';
import type { CdpPipe } from './cdp-pipe.ts';
import { browserText, headerBytes } from './header-bytes.ts';

/** A cookie as the DevTools protocol gives it. */
interface CdpCookie {
  name: string;
  value: string;
  /** With a leading dot unless host-only. */
  domain: string;
  path: string;
  /** Seconds since 1970; -1 for a session cookie. */
  expires: number;
  httpOnly: boolean;
  secure: boolean;
  session: boolean;
  sameSite?: string;
  priority?: string;
  partitionKey?: CookiePartition;
  /** `Unset`, `NonSecure` or `Secure`. */
  sourceScheme?: string;
  /** -1: not known. */
  sourcePort?: number;
}

/** Chromium's own cookie jar, read and written through the DevTools protocol. */
export class ChromiumJar {
  readonly #cdp: Pick<CdpPipe, 'send'>;

  constructor(cdp: Pick<CdpPipe, 'send'>) {
    this.#cdp = cdp;
  }

  async list(): Promise<CookieView[]> {
    return (await this.#all()).map(toView);
  }

  async set(cookie: JarCookie): Promise<void> {
    const known = (await this.#all()).find((c) => isSame(c, cookie) && inPartition(c, cookie));
    // An edited cookie stays where it lies, and keeps the origin that issued it.
    const kept = known === undefined ? {} : { ...source(fromCdp(known)), ...partition(known) };
    await this.#cdp.send('Storage.setCookies', { cookies: [{ ...toCdp(cookie), ...kept, ...source(cookie) }] });
  }

  /** The protocol removes single cookies only from within a page, so each is overwritten by one that has expired. */
  async remove(wanted: Pick<JarCookie, 'name' | 'domain' | 'path'>): Promise<number> {
    const hits = (await this.#all()).filter((cookie) => isSame(cookie, wanted));
    if (hits.length > 0) {
      const cookies = hits.map((hit) => ({
        ...toCdp(fromCdp(hit)),
        ...partition(hit),
        ...source(fromCdp(hit)),
        value: '',
        expires: 1,
      }));
      await this.#cdp.send('Storage.setCookies', { cookies });
    }
    return hits.length;
  }

  async #all(): Promise<CdpCookie[]> {
    return (await this.#cdp.send<{ cookies: CdpCookie[] }>('Storage.getCookies')).cookies;
  }
}

function isSame(cookie: CdpCookie, wanted: Pick<JarCookie, 'name' | 'domain' | 'path'>): boolean {
  return (
    headerBytes(cookie.name) === wanted.name &&
    cookie.path === wanted.path &&
    withoutDot(cookie.domain) === withoutDot(wanted.domain)
  );
}

/** Whether a cookie of the jar lies in the partition that is wanted: a certain one, any one, or none. */
function inPartition(cookie: CdpCookie, wanted: JarCookie): boolean {
  if (wanted.partitioned !== true || cookie.partitionKey === undefined) {
    return (wanted.partitioned === true) === (cookie.partitionKey !== undefined);
  }
  const { partition: key } = wanted;
  return (
    key === undefined ||
    (key.topLevelSite === cookie.partitionKey.topLevelSite &&
      key.hasCrossSiteAncestor === cookie.partitionKey.hasCrossSiteAncestor)
  );
}

/** The issuer in the protocol's words. */
function source({ sourceScheme, sourcePort }: Pick<JarCookie, 'sourceScheme' | 'sourcePort'>): Record<string, unknown> {
  return {
    ...(sourceScheme === undefined ? {} : { sourceScheme: sourceScheme === 'https' ? 'Secure' : 'NonSecure' }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
  };
}

const withoutDot = (domain: string) => domain.replace(/^\./, '').toLowerCase();

function partition(cookie: CdpCookie): { partitionKey?: CookiePartition } {
  return cookie.partitionKey === undefined ? {} : { partitionKey: cookie.partitionKey };
}

function fromCdp(cookie: CdpCookie): JarCookie {
  return {
    name: headerBytes(cookie.name),
    value: headerBytes(cookie.value),
    domain: withoutDot(cookie.domain),
    hostOnly: !cookie.domain.startsWith('.'),
    path: cookie.path,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    ...(cookie.session || cookie.expires < 0 ? {} : { expires: Math.round(cookie.expires * 1000) }),
    ...(cookie.sameSite === undefined ? {} : { sameSite: cookie.sameSite }),
    ...(cookie.priority === undefined ? {} : { priority: cookie.priority }),
    partitioned: cookie.partitionKey !== undefined,
    ...(cookie.partitionKey === undefined ? {} : { partition: cookie.partitionKey }),
    ...(cookie.sourceScheme === 'Secure' || cookie.sourceScheme === 'NonSecure'
      ? { sourceScheme: cookie.sourceScheme === 'Secure' ? 'https' : 'http' }
      : {}),
    ...(cookie.sourcePort === undefined || cookie.sourcePort < 0 ? {} : { sourcePort: cookie.sourcePort }),
  };
}

function toView(cookie: CdpCookie): CookieView {
  const { expires, sameSite, priority, ...jar } = fromCdp(cookie);
  return {
    ...jar,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    partitioned: jar.partitioned === true,
    others: [],
    ...(expires === undefined ? {} : { expires }),
    ...(sameSite === undefined ? {} : { sameSite }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** The dot makes a domain cookie; a host-only cookie is set by address, without a domain. */
function toCdp(cookie: JarCookie): Record<string, unknown> {
  const host = cookie.domain.includes(':') ? `[${cookie.domain.replace(/^\[|\]$/g, '')}]` : cookie.domain;
  const url = `${cookie.secure === true ? 'https' : 'http'}://${host}${cookie.path}`;
  return {
    name: asText(cookie.name),
    value: asText(cookie.value),
    path: cookie.path,
    url,
    secure: cookie.secure === true,
    httpOnly: cookie.httpOnly === true,
    ...(cookie.hostOnly ? {} : { domain: `.${withoutDot(cookie.domain)}` }),
    ...(cookie.expires === undefined ? {} : { expires: cookie.expires / 1000 }),
    ...(/^(Strict|Lax|None)$/i.test(cookie.sameSite ?? '') ? { sameSite: capital(cookie.sameSite ?? '') } : {}),
    ...(/^(Low|Medium|High)$/i.test(cookie.priority ?? '') ? { priority: capital(cookie.priority ?? '') } : {}),
    ...(cookie.partitioned === true
      ? { partitionKey: cookie.partition ?? { topLevelSite: `https://${site(cookie)}`, hasCrossSiteAncestor: false } }
      : {}),
  };
}

function asText(bytes: string): string {
  const text = browserText(bytes);
  if (text === undefined) {
    throw problem('bad-cookie', 'The browser takes cookies in UTF-8 only, and this one has other bytes', {
      remedy: 'Percent-encode the characters beyond ASCII, or edit the cookie on the wire instead.',
    });
  }
  return text;
}

/** Without a page at hand a partitioned cookie is put into the partition of its own domain. */
const site = (cookie: JarCookie) => cookie.domain;

const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
