import type { Flow } from '../model/flow.ts';
import type { Sighting } from '../model/session.ts';
import { hostOf } from './capture.ts';
import { inRequest, inResponse } from './sightings.ts';

/**
 * The sightings of a whole flow that did not pass the recorder: a replay, or one from an import. What the application
 * was sent counts, as when recording.
 */
export function sightingsOf(flow: Flow, wanted?: (cookieName: string) => boolean): Sighting[] {
  const { request, response } = flow;
  const sent = request.sent ?? request;
  const found = inRequest(sent.url, sent.rawHeaders, wanted);
  if (response !== undefined) found.push(...inResponse(response.rawHeaders, wanted));
  const at = flow.endedAt ?? flow.startedAt;
  const host = hostOf(request.url);
  return found.map((one) => ({ flowId: flow.id, at, host, ...one }));
}
