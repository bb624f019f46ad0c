import type { Flow } from '../model/flow.ts';
import type { Sighting } from '../model/session.ts';
import type { CookieService } from './cookie-service.ts';

/** An edited cookie that went up with the request and came back with another value was overwritten by this answer. */
export function noteAnswers(cookies: CookieService, flow: Flow, sightings: readonly Sighting[]): void {
  for (const set of sightings) {
    if (set.direction !== 'response' || set.carrier.kind !== 'cookie') continue;
    const { name } = set.carrier;
    const sent = sightings.find(
      ({ direction, carrier }) => direction === 'request' && carrier.kind === 'cookie' && carrier.name === name,
    );
    if (sent !== undefined) cookies.answered(set.host, name, sent.raw, set.raw, flow.id);
  }
}
