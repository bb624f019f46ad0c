import { CookieJar } from 'tough-cookie';
import { removeCookie, withCookie } from '../../cookies/tokenizer.ts';
import { webAddress } from '../../model/web-address.ts';
import { withField } from './replay-request.ts';

/**
 * Carries cookies from one answer to the next request as a browser does. The recorded `Cookie` header stays the base for
 * its own host, byte for byte; what answers set is laid over it, what they delete is taken out.
 */
export class CookieFollower {
  readonly #jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  readonly #host: string;
  #base: string | undefined;

  constructor(url: string, rawHeaders: readonly string[]) {
    this.#host = webAddress(url).hostname;
    const cookies = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'cookie');
    this.#base = cookies.length === 0 ? undefined : cookies.join('; ');
  }

  /** Takes the Set-Cookie fields of an answer. */
  take(url: string, rawHeaders: readonly string[], now: number): void {
    const { href, hostname } = webAddress(url);
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (rawHeaders[i]?.toLowerCase() !== 'set-cookie') continue;
      const cookie = this.#jar.setCookieSync(rawHeaders[i + 1] ?? '', href, { ignoreError: true, now: new Date(now) });
      if (cookie === undefined || this.#base === undefined || hostname !== this.#host) continue;
      const expires = cookie.expiryTime(new Date(now));
      if (expires !== undefined && expires <= now) this.#base = removeCookie(this.#base, cookie.key);
    }
  }

  /** The fields of the next request, with the cookies that now hold. */
  apply(url: string, rawHeaders: readonly string[]): string[] {
    const { href, hostname } = webAddress(url);
    let header = hostname === this.#host ? this.#base : undefined;
    for (const cookie of this.#jar.getCookiesSync(href)) header = withCookie(header, cookie.key, cookie.value);
    return withField(rawHeaders, 'Cookie', header === undefined || header.trim() === '' ? null : header);
  }
}
