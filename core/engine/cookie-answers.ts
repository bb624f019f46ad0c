import { cookieCarrier, hostnameOf } from '../cookies/cookie-identity.ts';
import { toCookieView } from '../cookies/cookie-view.ts';
import type { Flow } from '../model/flow.ts';
import type { Sighting } from '../model/session.ts';
import type { CookieService } from './cookie-service.ts';

/**
 * Finds answers that overwrote an edited cookie: the request carried what the edit had put into the jar, and the answer
 * gave the very same cookie another value or other attributes.
 */
export function noteAnswers(cookies: CookieService, flow: Flow, sightings: readonly Sighting[]): void {
  for (const set of sightings) {
    const { carrier: named, setCookie, host } = set;
    if (set.direction !== 'response' || named.kind !== 'cookie' || setCookie === undefined) continue;
    const view = toCookieView(setCookie, flow.request.url, set.at);
    const carrier = cookieCarrier(view, hostnameOf(host));
    for (const { direction, carrier: other, raw } of sightings) {
      if (direction !== 'request' || other.kind !== 'cookie' || other.name !== named.name) continue;
      cookies.answered(host, carrier, raw, { value: view.value, setCookie }, flow.id);
    }
  }
}
