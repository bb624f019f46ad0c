import type { UnsentCookie } from '../browser/cookie-facts.ts';
import { Recent } from '../model/recent.ts';

/** Cookies by request address and name whose reasons are remembered. */
const KNOWN = 5_000;
/** Times at which one cookie was left out of requests to one address. */
const TIMES = 20;
/** The browser reports a request when it sends it; the proxy has it a moment later, or earlier on a busy computer. */
const APART_MS = 5_000;

/** Remembers which cookies launched browsers left out of which requests, and finds them for recorded flows. */
export class UnsentCookies {
  readonly #known = new Recent<string, UnsentCookie[]>(KNOWN);

  readonly take = (cookie: UnsentCookie): void => {
    const key = keyOf(cookie.url, cookie.name);
    const times = this.#known.get(key) ?? [];
    times.push(cookie);
    if (times.length > TIMES) times.shift();
    this.#known.set(key, times);
  };

  /**
   * The browser's reasons for leaving a cookie out of a request; undefined where it has not said so.
   * @param at when the request reached the proxy, milliseconds since 1970
   */
  reasonsFor(url: string, name: string, at: number): readonly string[] | undefined {
    const near = (this.#known.get(keyOf(url, name)) ?? []).filter((one) => Math.abs(one.at - at) <= APART_MS);
    const first = near[0];
    if (first === undefined) return undefined;
    return near.reduce((best, one) => (Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best), first).reasons;
  }
}

const keyOf = (url: string, name: string) => `${url}\n${name}`;
