import type { CookieView } from '../model/session.ts';
import type { BidiSocket } from './bidi-socket.ts';
import type { JarCookie } from './browser-types.ts';

type BidiValue = { readonly type: 'string' | 'base64'; readonly value: string };

interface BidiCookie {
  readonly name: string;
  readonly value: BidiValue;
  readonly domain: string;
  readonly path: string;
  /** Seconds since 1970. */
  readonly expiry?: number;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite?: string;
  readonly 'moz:partitionKey'?: string;
}

/** Firefox's own cookie jar, read and written through WebDriver BiDi's `storage` module. */
export class FirefoxJar {
  readonly #bidi: Pick<BidiSocket, 'send'>;

  constructor(bidi: Pick<BidiSocket, 'send'>) {
    this.#bidi = bidi;
  }

  async list(): Promise<CookieView[]> {
    const { cookies } = await this.#bidi.send<{ cookies: BidiCookie[] }>('storage.getCookies');
    return cookies.map(toView);
  }

  async set(cookie: JarCookie): Promise<void> {
    const host = cookie.domain.replace(/^\./, '');
    await this.#bidi.send('storage.setCookie', {
      cookie: {
        name: cookie.name,
        value: { type: 'string', value: cookie.value },
        domain: cookie.hostOnly ? host : `.${host}`,
        path: cookie.path,
        httpOnly: cookie.httpOnly === true,
        secure: cookie.secure === true,
        ...(cookie.expires === undefined ? {} : { expiry: Math.floor(cookie.expires / 1000) }),
        ...(/^(strict|lax|none)$/i.test(cookie.sameSite ?? '') ? { sameSite: cookie.sameSite?.toLowerCase() } : {}),
      },
    });
  }

  async remove(wanted: Pick<JarCookie, 'name' | 'domain' | 'path'>): Promise<number> {
    const bare = wanted.domain.replace(/^\./, '').toLowerCase();
    const hits = (await this.list()).filter(
      (c) => c.name === wanted.name && c.path === wanted.path && c.domain?.toLowerCase() === bare,
    );
    for (const domain of new Set(hits.map((hit) => (hit.hostOnly ? bare : `.${bare}`)))) {
      await this.#bidi.send('storage.deleteCookies', { filter: { name: wanted.name, domain, path: wanted.path } });
    }
    return hits.length;
  }
}

function toView(cookie: BidiCookie): CookieView {
  const { type, value } = cookie.value;
  return {
    name: cookie.name,
    value: type === 'string' ? value : Buffer.from(value, 'base64').toString('latin1'),
    domain: cookie.domain.replace(/^\./, ''),
    hostOnly: !cookie.domain.startsWith('.'),
    path: cookie.path,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    partitioned: false,
    others: [],
    ...(cookie.expiry === undefined ? {} : { expires: cookie.expiry * 1000 }),
    ...(cookie.sameSite === undefined || cookie.sameSite === 'default'
      ? {}
      : { sameSite: cookie.sameSite.slice(0, 1).toUpperCase() + cookie.sameSite.slice(1) }),
  };
}
