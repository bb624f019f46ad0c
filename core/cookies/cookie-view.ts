import { defaultPath } from 'tough-cookie';
import { remembered } from '../model/recent.ts';
import type { CookieView } from '../model/session.ts';
import { hostOf, MAX_AGE_MS } from './cookie-rules.ts';
import { readSetCookie } from './read-set-cookie.ts';

/** An application sets the same few cookies with each answer, for the same few URLs. */
const read = remembered(readSetCookie);
const placeOf = remembered((url) => ({ host: hostOf(url), path: defaultPath(new URL(url).pathname) }));

/**
 * A Set-Cookie value with every attribute as a browser reads it, for people to look at. Whether the browser takes it is
 * another question: `judgeSetCookie`.
 *
 * @param header the value as Latin-1 text; `url` the response's; `at` when it came, milliseconds since 1970
 */
export function toCookieView(header: string, url: string, at: number): CookieView {
  const cookie = read(header);
  const domain = (cookie.domain ?? '').replace(/^\./, '').toLowerCase();
  const wanted = cookie.maxAge === undefined ? cookie.expires : cookie.maxAge <= 0 ? 0 : at + cookie.maxAge * 1000;
  const expires = wanted === undefined ? undefined : Math.min(wanted, at + MAX_AGE_MS);
  return {
    name: cookie.name,
    value: cookie.value,
    domain: domain === '' ? placeOf(url).host : domain,
    hostOnly: domain === '',
    path: cookie.path?.startsWith('/') === true ? cookie.path : placeOf(url).path,
    ...(expires === undefined ? {} : { expires }),
    ...(cookie.expiresText === undefined ? {} : { expiresText: cookie.expiresText }),
    ...(cookie.maxAgeText === undefined ? {} : { maxAge: cookie.maxAgeText }),
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    ...(cookie.sameSite === undefined ? {} : { sameSite: cookie.sameSite }),
    partitioned: cookie.partitioned,
    ...(cookie.priority === undefined ? {} : { priority: cookie.priority }),
    others: cookie.others,
    setCookie: header,
    setAt: at,
  };
}
