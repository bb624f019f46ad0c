import { defaultPath } from 'tough-cookie';
import type { CookieView } from '../model/session.ts';
import { hostOf, MAX_AGE_MS } from './cookie-rules.ts';
import { readSetCookie } from './read-set-cookie.ts';

/**
 * A Set-Cookie value with every attribute as a browser reads it, for people to look at. Whether the browser takes it is
 * another question: `judgeSetCookie`.
 *
 * @param header the value as Latin-1 text; `url` the response's; `at` when it came, milliseconds since 1970
 */
export function toCookieView(header: string, url: string, at: number): CookieView {
  const read = readSetCookie(header);
  const domain = (read.domain ?? '').replace(/^\./, '').toLowerCase();
  const wanted = read.maxAge === undefined ? read.expires : read.maxAge <= 0 ? 0 : at + read.maxAge * 1000;
  const expires = wanted === undefined ? undefined : Math.min(wanted, at + MAX_AGE_MS);
  return {
    name: read.name,
    value: read.value,
    domain: domain === '' ? hostOf(url) : domain,
    hostOnly: domain === '',
    path: read.path?.startsWith('/') === true ? read.path : defaultPath(new URL(url).pathname),
    ...(expires === undefined ? {} : { expires }),
    ...(read.expiresText === undefined ? {} : { expiresText: read.expiresText }),
    ...(read.maxAgeText === undefined ? {} : { maxAge: read.maxAgeText }),
    secure: read.secure,
    httpOnly: read.httpOnly,
    ...(read.sameSite === undefined ? {} : { sameSite: read.sameSite }),
    partitioned: read.partitioned,
    ...(read.priority === undefined ? {} : { priority: read.priority }),
    others: read.others,
    setCookie: header,
    setAt: at,
  };
}
