import { pathMatch } from 'tough-cookie';
import type { BrowserCookie, SiteContext } from './browser-cookie.ts';
import { type Judgement, judgeSetCookie, sameCookie } from './judge.ts';
import { wouldSend } from './would-send.ts';

/** A browser's cookies: takes Set-Cookie values and answers with the Cookie header that a browser would send. */
export class BrowserJar {
  /** In order of creation. */
  #cookies: BrowserCookie[] = [];

  /** All cookies, in order of creation; those that have run out too, until the next request. */
  get cookies(): readonly BrowserCookie[] {
    return this.#cookies;
  }

  /** Takes one Set-Cookie value of a response; the answer says what became of it. */
  set(header: string, context: SiteContext): Judgement {
    const judgement = judgeSetCookie(header, context, this.#cookies);
    const { cookie } = judgement;
    if (cookie === undefined || !(judgement.stored || judgement.removes)) return judgement;
    const at = this.#cookies.findIndex((known) => sameCookie(known, cookie));
    const old = this.#cookies[at];
    // A replaced cookie keeps its time of creation, and with it its place in the header (5.7).
    const fresh = judgement.stored ? [{ ...cookie, createdAt: old?.createdAt ?? cookie.createdAt }] : [];
    this.#cookies.splice(at < 0 ? this.#cookies.length : at, at < 0 ? 0 : 1, ...fresh);
    return judgement;
  }

  /** Takes the Set-Cookie values of one response in order. */
  setAll(headers: readonly string[], context: SiteContext): Judgement[] {
    return headers.map((header) => this.set(header, context));
  }

  /** The cookies that go with a request: longer paths first, then older ones (5.8.3). */
  matching(request: SiteContext): BrowserCookie[] {
    this.#cookies = this.#cookies.filter(({ expires }) => expires === undefined || expires > request.at);
    return this.#cookies
      .filter((cookie) => wouldSend(cookie, request).sent)
      .sort((a, b) => b.path.length - a.path.length || a.createdAt - b.createdAt);
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
