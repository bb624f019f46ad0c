import { pathMatch } from 'tough-cookie';
import type { BrowserCookie, SiteContext } from './browser-cookie.ts';
import { COOKIE_RULES, type CookieRules } from './browser-rules.ts';
import { evictedBy } from './evict.ts';
import { type Judgement, judgeSetCookie, sameCookie } from './judge.ts';
import { wouldSend } from './would-send.ts';

/** A browser's cookies: takes Set-Cookie values and answers with the Cookie header that a browser would send. */
export class BrowserJar {
  /** In order of creation. */
  #cookies: BrowserCookie[] = [];
  readonly #rules: CookieRules;
  /** When a cookie was set or sent last, by a count that grows. */
  readonly #used = new WeakMap<BrowserCookie, number>();
  #count = 0;

  /** @param rules those of the browser; Chromium's by default. */
  constructor(rules: CookieRules = COOKIE_RULES.chromium) {
    this.#rules = rules;
  }

  /** All cookies, in order of creation; those that have run out too, until the next request. */
  get cookies(): readonly BrowserCookie[] {
    return this.#cookies;
  }

  /** Takes one Set-Cookie value of a response; the answer says what became of it, and which others had to leave. */
  set(header: string, context: SiteContext): Judgement & { readonly evicted: readonly BrowserCookie[] } {
    const judgement = judgeSetCookie(header, context, this.#cookies, this.#rules);
    const { cookie } = judgement;
    if (cookie === undefined || !(judgement.stored || judgement.removes)) return { ...judgement, evicted: [] };
    const at = this.#cookies.findIndex((known) => sameCookie(known, cookie));
    const old = this.#cookies[at];
    // A replaced cookie keeps its time of creation, and with it its place in the header (5.7).
    const fresh = judgement.stored ? [{ ...cookie, createdAt: old?.createdAt ?? cookie.createdAt }] : [];
    this.#cookies.splice(at < 0 ? this.#cookies.length : at, at < 0 ? 0 : 1, ...fresh);
    return { ...judgement, evicted: this.#evict(fresh[0], context.at) };
  }

  #evict(fresh: BrowserCookie | undefined, now: number): readonly BrowserCookie[] {
    if (fresh === undefined) return [];
    this.#used.set(fresh, ++this.#count);
    // Nobody is over a limit of a site in a jar that has fewer cookies than that, and sizes count for partitions alone.
    if (fresh.partition === undefined && this.#cookies.length <= this.#rules.limit.most) return [];
    const evicted = evictedBy(this.#cookies, fresh, (held) => this.#used.get(held) ?? 0, this.#rules, now);
    if (evicted.length > 0) {
      const gone = new Set(evicted);
      this.#cookies = this.#cookies.filter((held) => !gone.has(held));
    }
    return evicted;
  }

  /** Takes the Set-Cookie values of one response in order. */
  setAll(headers: readonly string[], context: SiteContext): Judgement[] {
    return headers.map((header) => this.set(header, context));
  }

  /** The cookies that go with a request: longer paths first, then older ones (5.8.3). */
  matching(request: SiteContext): BrowserCookie[] {
    this.#cookies = this.#cookies.filter(({ expires }) => expires === undefined || expires > request.at);
    const sent = this.#cookies.filter((cookie) => wouldSend(cookie, request, this.#rules).sent);
    const time = ++this.#count;
    for (const cookie of sent) this.#used.set(cookie, time);
    return sent.sort((a, b) => b.path.length - a.path.length || a.createdAt - b.createdAt);
  }

  /** The Cookie header's value; undefined when no cookie goes. */
  header(request: SiteContext): string | undefined {
    const cookies = this.matching(request);
    if (cookies.length === 0) return undefined;
    return cookies.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
  }

  /** Forgets cookies of a name; for a path, only those that a request there would carry. */
  remove(name: string, path?: string): void {
    this.#cookies = this.#cookies.filter(
      (cookie) => cookie.name !== name || (path !== undefined && !pathMatch(path, cookie.path)),
    );
  }
}
