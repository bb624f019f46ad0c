import { defaultPath } from 'tough-cookie';
import { Recent } from '../model/recent.ts';
import type { CookieView } from '../model/session.ts';
import { hostOf, MAX_AGE_MS } from './cookie-rules.ts';
import { type ReadSetCookie, readSetCookie } from './read-set-cookie.ts';

/** What does not depend on when it came. */
interface Known {
  readonly url: string;
  readonly cookie: ReadSetCookie;
  readonly view: CookieView;
}

/** An application sets the same few cookies with each answer, for the same few URLs. */
const known = new Recent<string, Known>(2_000);
const LONGEST_KNOWN = 1_024;

/**
 * A Set-Cookie value with every attribute as a browser reads it, for people to look at. Whether the browser takes it is
 * another question: `judgeSetCookie`.
 *
 * @param header the value as Latin-1 text; `url` the response's; `at` when it came, milliseconds since 1970
 */
export function toCookieView(header: string, url: string, at: number): CookieView {
  let one = known.get(header);
  if (one === undefined || one.url !== url) {
    one = read(header, url);
    if (header.length <= LONGEST_KNOWN && url.length <= LONGEST_KNOWN) known.set(header, one);
  }
  const { expires, maxAge } = one.cookie;
  if (expires === undefined && maxAge === undefined) return { ...one.view, setAt: at };
  const wanted = maxAge === undefined ? (expires ?? 0) : maxAge <= 0 ? 0 : at + maxAge * 1000;
  return { ...one.view, expires: Math.min(wanted, at + MAX_AGE_MS), setAt: at };
}

function read(header: string, url: string): Known {
  const cookie = readSetCookie(header);
  const domain = (cookie.domain ?? '').replace(/^\./, '').toLowerCase();
  const view: CookieView = {
    name: cookie.name,
    value: cookie.value,
    domain: domain === '' ? hostOf(url) : domain,
    hostOnly: domain === '',
    path: cookie.path?.startsWith('/') === true ? cookie.path : defaultPath(new URL(url).pathname),
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
  return { url, cookie, view };
}
