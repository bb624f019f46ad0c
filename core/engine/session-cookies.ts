import { toCookieView } from '../cookies/cookie-view.ts';
import { tokenizeCookie } from '../cookies/tokenizer.ts';
import type { Flow } from '../model/flow.ts';
import type { CookieView } from '../model/session.ts';
import { webAddress } from '../model/web-address.ts';

/**
 * The cookies of a host as a series of flows showed them, oldest flow first: what answers set and did not delete since,
 * and what requests carried without its being seen set.
 * @param now milliseconds since 1970: what has run out by then is left out
 */
export function cookiesOfFlows(flows: Iterable<Flow>, now: number): CookieView[] {
  const jar = new Map<string, CookieView>();
  for (const flow of flows) {
    const { request, response } = flow;
    const { hostname, protocol } = webAddress(request.url);
    const at = flow.endedAt ?? flow.startedAt;
    for (const { name, value } of valuesOf(request.rawHeaders, 'cookie').flatMap((header) => tokenizeCookie(header))) {
      if (name === '' || [...jar.values()].some((cookie) => cookie.name === name && cookie.value === value)) continue;
      // A request does not tell the attributes: these let the cookie go where it went.
      const seen: CookieView = {
        name,
        value,
        domain: hostname.replace(/^\[|\]$/g, ''),
        hostOnly: true,
        path: '/',
        secure: protocol === 'https:',
        httpOnly: false,
        partitioned: false,
        others: [],
      };
      const known = [...jar.entries()].find(([, cookie]) => cookie.name === name);
      // Another value of a cookie whose attributes are known: a script or another tab set it.
      if (known === undefined) jar.set(placeOf(seen), seen);
      else jar.set(known[0], { ...known[1], value });
    }
    for (const header of valuesOf(response?.rawHeaders ?? [], 'set-cookie')) {
      const cookie = toCookieView(header, request.url, at);
      if (cookie.name === '' && cookie.value === '') continue;
      for (const [place, { name, setCookie }] of jar)
        if (name === cookie.name && setCookie === undefined) jar.delete(place);
      jar.set(placeOf(cookie), cookie);
    }
  }
  return [...jar.values()].filter(({ expires }) => expires === undefined || expires > now);
}

function placeOf({ name, domain = '', path }: CookieView): string {
  return `${domain}\0${path}\0${name}`;
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
