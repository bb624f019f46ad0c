import { cookieCarrier, hostnameOf, pathCovers, pathOfUrl } from '../cookies/cookie-identity.ts';
import { domainMatches } from '../cookies/cookie-rules.ts';
import { carrierKey, sameCarrier } from '../model/carrier.ts';
import type { Carrier, CookieView, ForeignCookie } from '../model/session.ts';
import type { LiveSession } from './live-session.ts';
import type { SessionCache } from './session-cache.ts';

/** Which cookie a value in a request is. */
export interface FoundCookie {
  readonly carrier: Carrier;
  readonly session?: LiveSession;
  /** For a value that is new here: what an answer to another host told of it. */
  readonly known?: Pick<LiveSession, 'cookie' | 'issuer' | 'foreign'>;
}

export interface RequestCookie {
  readonly host: string;
  readonly url: string;
  readonly name: string;
  readonly id: string;
  /** Its place among the cookies of its name in the header, and how many these are. */
  readonly place: number;
  readonly of: number;
  /** Sessions that earlier cookies of the header were found to be. */
  readonly taken: (key: string) => boolean;
}

/** Whether the user said that two applications of one host share their sessions. */
export type AreJoined = (host: string, issuer: string) => boolean;

/**
 * Tells which cookie a request carries. The header says only name and value; path, domain and issuer are known from the
 * answer that set it, which may have been another host's: cookies are shared by all ports of a host.
 */
export class CookieFinder {
  readonly #cache: SessionCache;
  readonly #joined: AreJoined;

  constructor(cache: SessionCache, joined: AreJoined) {
    this.#cache = cache;
    this.#joined = joined;
  }

  /** The usual case, looked up without more: one cookie of the name is known of the host, and it has this value. */
  theOnly(host: string, name: string, id: string): LiveSession | undefined {
    const [carrier, another] = this.#cache.cookies(host, name);
    if (carrier === undefined || another !== undefined) return undefined;
    return this.#cache.keyInMemory(host, carrier, id) === undefined ? undefined : this.#cache.find(host, carrier, id);
  }

  inRequest(cookie: RequestCookie): FoundCookie {
    const { host, url, name, id, taken } = cookie;
    const carriers = this.#cache.cookies(host, name);
    const there = carriers.length < 2 ? carriers : inOrder(carriers, pathOfUrl(url));
    for (const carrier of there) {
      const key = this.#cache.keyInMemory(host, carrier, id);
      const session = key === undefined ? undefined : this.#cache.find(host, carrier, id);
      if (session !== undefined && !taken(session.key)) return { carrier: session.carrier, session };
    }
    return this.#inArchive(cookie, there);
  }

  #inArchive(cookie: RequestCookie, there: readonly Carrier[]): FoundCookie {
    const { host, url, name, id, place, of, taken } = cookie;
    const all = this.#cache.ofCookie(name, id);
    const here = all.filter((session) => session.host === host && !taken(session.key));
    const path = pathOfUrl(url);
    const [found] = [...here].sort((a, b) => specificity(b.carrier, path) - specificity(a.carrier, path));
    if (found !== undefined) return { carrier: found.carrier, session: found };
    const known = this.#elsewhere(all, host, path);
    if (known !== undefined) return known;
    // Browsers send the most specific path first, so as many cookies as places can be told apart by their order.
    const byOrder =
      of > 1 && there.length === of ? there[place] : of === 1 && there.length === 1 ? there[0] : undefined;
    return { carrier: byOrder ?? there.find((carrier) => carrierKey(carrier) === name) ?? { kind: 'cookie', name } };
  }

  /** The same cookie as it was set by, or sent to, another host. */
  #elsewhere(all: readonly LiveSession[], host: string, path: string): FoundCookie | undefined {
    const hostname = hostnameOf(host);
    const others = all.filter((session) => session.host !== host);
    const set = others.find(
      ({ host: other, cookie, carrier, issuer }) =>
        cookie !== undefined && issuer === other && reaches(carrier, hostnameOf(other), hostname, path),
    );
    if (set?.cookie !== undefined) {
      const { carrier, cookie, host: issuer } = set;
      const foreign = this.foreign(host, issuer, true);
      return { carrier, known: { cookie, issuer, ...(foreign === undefined ? {} : { foreign }) } };
    }
    // Sent to another application of this host before: which of them issued it is not known.
    const unsure = others.find(({ host: other, foreign }) => hostnameOf(other) === hostname && foreign === undefined);
    if (unsure === undefined) return undefined;
    const foreign = this.foreign(host, unsure.host, false);
    return { carrier: unsure.carrier, known: foreign === undefined ? {} : { foreign } };
  }

  /** What makes a cookie another application's: issued by another port of this host, and not joined by the user. */
  foreign(host: string, issuer: string, sure: boolean): ForeignCookie | undefined {
    if (issuer === host || hostnameOf(issuer) !== hostnameOf(host) || this.#joined(host, issuer)) return undefined;
    return { issuer, sure };
  }

  /** The cookie of a Set-Cookie; the same object each time for the same one. */
  ofAnswer(view: CookieView, host: string, topLevelSite: string): Carrier {
    const carriers = this.#cache.cookies(host, view.name);
    const carrier = cookieCarrier(view, hostnameOf(host), topLevelSite);
    return carriers.find((known) => sameCarrier(known, carrier)) ?? carrier;
  }
}

/** Whether a browser that has the cookie of one host sends it to another. */
function reaches(carrier: Carrier, from: string, to: string, path: string): boolean {
  if (carrier.kind !== 'cookie') return false;
  const { domain, path: covered = '/' } = carrier;
  return (domain === undefined ? from === to : domainMatches(to, domain)) && pathCovers(covered, path);
}

/** Cookies that go with a request for a path, in the order in which browsers send them. */
function inOrder(carriers: readonly Carrier[], path: string): Carrier[] {
  const sent = carriers.filter((carrier) => specificity(carrier, path) >= 0);
  return (sent.length === 0 ? [...carriers] : sent).sort((a, b) => specificity(b, path) - specificity(a, path));
}

/** Length of the cookie's path; negative where it does not cover the request's. */
function specificity(carrier: Carrier, path: string): number {
  const own = carrier.kind === 'cookie' ? (carrier.path ?? '/') : '/';
  return pathCovers(own, path) ? own.length : -1;
}
