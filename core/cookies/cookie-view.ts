import { defaultPath } from 'tough-cookie';
import { Recent, remembered } from '../model/recent.ts';
import type { CookieView } from '../model/session.ts';
import { pathnameOf } from '../model/web-address.ts';
import { hostOf, MAX_AGE_MS } from './cookie-rules.ts';
import { type ReadSetCookie, readSetCookie } from './read-set-cookie.ts';

/** What depends neither on when it came nor on whose answer it was. */
interface Known {
  readonly cookie: ReadSetCookie;
  readonly view: Omit<CookieView, 'domain' | 'path'>;
  /** Of the `Domain` attribute; empty without one. */
  readonly domain: string;
  /** The `Path` attribute, where it counts. */
  readonly path: string | undefined;
}

/** An application sets the same few cookies with each answer. */
const known = new Recent<string, Known>(2_000);
const LONGEST_KNOWN = 1_024;
const hostOfOrigin = remembered((origin): string => hostOf(origin));

/**
 * A Set-Cookie value with every attribute as a browser reads it, for people to look at. Whether the browser takes it is
 * another question: `judgeSetCookie`.
 *
 * @param header the value as Latin-1 text; `url` the response's; `at` when it came, milliseconds since 1970
 * @param serverTime the answer's own `Date` (ms): where the application's clock is wrong, Chromium and Firefox read
 *   `Expires` by it, so that a cookie lives as long as the application meant
 */
export function toCookieView(header: string, url: string, at: number, serverTime?: number): CookieView {
  let one = known.get(header);
  if (one === undefined) {
    one = read(header);
    if (header.length <= LONGEST_KNOWN) known.set(header, one);
  }
  const { expires, maxAge } = one.cookie;
  const domain = one.domain === '' ? hostOfOrigin(originOf(url)) : one.domain;
  const path = one.path ?? defaultPath(pathnameOf(url));
  if (expires === undefined && maxAge === undefined) return { ...one.view, domain, path, setAt: at };
  const ahead = serverTime === undefined ? 0 : at - serverTime;
  const wanted = maxAge === undefined ? (expires ?? 0) + ahead : maxAge <= 0 ? 0 : at + maxAge * 1000;
  return { ...one.view, domain, path, expires: Math.min(wanted, at + MAX_AGE_MS), setAt: at };
}

/** The URL up to its path: few of them come again and again. */
function originOf(url: string): string {
  const start = url.indexOf('://') + 3;
  const end = url.indexOf('/', start);
  // What is no plain address of a host is left to the reader of URLs.
  return start < 3 || end < 0 || /[?#\\]/.test(url.slice(start, end)) ? url : url.slice(0, end);
}

function read(header: string): Known {
  const cookie = readSetCookie(header);
  const domain = (cookie.domain ?? '').replace(/^\./, '').toLowerCase();
  const view = {
    name: cookie.name,
    value: cookie.value,
    hostOnly: domain === '',
    ...(cookie.expiresText === undefined ? {} : { expiresText: cookie.expiresText }),
    ...(cookie.maxAgeText === undefined ? {} : { maxAge: cookie.maxAgeText }),
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    ...(cookie.sameSite === undefined ? {} : { sameSite: cookie.sameSite }),
    partitioned: cookie.partitioned,
    ...(cookie.priority === undefined ? {} : { priority: cookie.priority }),
    others: cookie.others,
    setCookie: header,
  };
  return { cookie, view, domain, path: cookie.path?.startsWith('/') === true ? cookie.path : undefined };
}
