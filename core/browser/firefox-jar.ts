import { problem } from '../model/problem.ts';
import type { CookieView } from '../model/session.ts';
import type { BidiSocket } from './bidi-socket.ts';
import type { JarCookie } from './browser-types.ts';
import { browserText, headerBytes } from './header-bytes.ts';

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
    for (const value of writings(cookie.value)) {
      await this.#write(cookie, value);
      if (isAscii(cookie.value) || (await this.#valueOf(cookie)) === cookie.value) return;
    }
    await this.remove(cookie);
    throw problem('bad-cookie', 'This Firefox cannot be given these bytes as a cookie', {
      remedy: 'Percent-encode the characters beyond ASCII, or edit the cookie on the wire instead.',
    });
  }

  async #write(cookie: JarCookie, value: BidiValue): Promise<void> {
    const host = cookie.domain.replace(/^\./, '');
    await this.#bidi.send('storage.setCookie', {
      cookie: {
        name: browserText(cookie.name) ?? cookie.name,
        value,
        domain: cookie.hostOnly ? host : `.${host}`,
        path: cookie.path,
        httpOnly: cookie.httpOnly === true,
        secure: cookie.secure === true,
        ...(cookie.expires === undefined ? {} : { expiry: Math.floor(cookie.expires / 1000) }),
        ...(/^(strict|lax|none)$/i.test(cookie.sameSite ?? '') ? { sameSite: cookie.sameSite?.toLowerCase() } : {}),
      },
    });
  }

  async #valueOf({ name, domain, path }: JarCookie): Promise<string | undefined> {
    const bare = domain.replace(/^\./, '').toLowerCase();
    const all = await this.list();
    return all.find((c) => c.name === name && c.path === path && c.domain?.toLowerCase() === bare)?.value;
  }

  async remove(wanted: Pick<JarCookie, 'name' | 'domain' | 'path'>): Promise<number> {
    const bare = wanted.domain.replace(/^\./, '').toLowerCase();
    const hits = (await this.list()).filter(
      (c) => c.name === wanted.name && c.path === wanted.path && c.domain?.toLowerCase() === bare,
    );
    for (const domain of new Set(hits.map((hit) => (hit.hostOnly ? bare : `.${bare}`)))) {
      await this.#bidi.send('storage.deleteCookies', {
        filter: { name: browserText(wanted.name) ?? wanted.name, domain, path: wanted.path },
      });
    }
    return hits.length;
  }
}

const isAscii = (text: string): boolean => !/[^\x00-\x7f]/.test(text);

/**
 * Ways to hand over a value beyond ASCII, which is read back after each. Firefox 153 encodes what it is given once more,
 * so text comes out right only where its characters are given as single bytes.
 */
function writings(bytes: string): BidiValue[] {
  const text = browserText(bytes);
  const ways: BidiValue[] = [];
  if (text !== undefined) {
    ways.push({ type: 'string', value: text });
    if (!isAscii(text) && !/[\u0100-\uffff]/.test(text)) {
      ways.push({ type: 'base64', value: Buffer.from(text, 'latin1').toString('base64') });
    }
  } else ways.push({ type: 'base64', value: Buffer.from(bytes, 'latin1').toString('base64') });
  return ways;
}

function toView(cookie: BidiCookie): CookieView {
  const { type, value } = cookie.value;
  return {
    name: headerBytes(cookie.name),
    value: type === 'string' ? headerBytes(value) : Buffer.from(value, 'base64').toString('latin1'),
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
