import { isSession } from '../../core/capture/score.ts';
import { toCookieView } from '../../core/cookies/cookie-view.ts';
import type { Flow } from '../../core/model/flow.ts';
import type { Sighting } from '../../core/model/session.ts';
import {
  type CarrierState,
  carrierId,
  deletedValue,
  newCarrier,
  scoreOf,
  sentValue,
  setValue,
} from '../../core/registry/carrier-state.ts';
import { serverTimeOf } from '../../core/registry/flow-context.ts';
import { occasionOf } from '../../core/registry/occasion.ts';
import { isDeleting } from '../../core/registry/set-cookies.ts';

export interface FoundSession {
  readonly host: string;
  /** `cookie:sid`, `header:Authorization`, `url:jsessionid`. */
  readonly carrier: string;
  readonly id: string;
  readonly score: number;
  readonly reasons: readonly string[];
}

/** Most carriers that are watched, and ids that are remembered; hosts and names come from the network. */
const MOST = 20_000;

/** Names the sessions in passing traffic, each id once. */
export class SessionFinder {
  readonly #carriers = new Map<string, CarrierState>();
  readonly #found = new Map<string, FoundSession>();
  readonly #notify: (found: FoundSession) => void;

  constructor(notify: (found: FoundSession) => void) {
    this.#notify = notify;
  }

  /** Reads the sightings that are new in a flow. */
  saw(flow: Flow, sightings: readonly Sighting[]): void {
    const occasion = occasionOf(flow);
    const sent = new Map<string, string>();
    for (const sighting of sightings) {
      const key = `${sighting.host} ${carrierId(sighting.carrier)}`;
      const before = this.#carriers.get(key) ?? newCarrier(sighting.host, sighting.carrier);
      const now = read(before, sighting, flow, sent.get(key), occasion);
      if (sighting.direction === 'request') sent.set(key, sighting.raw);
      if (this.#carriers.has(key) || this.#carriers.size < MOST) this.#carriers.set(key, now);
      if (now.value !== '') this.#judge(now, sighting.id);
    }
  }

  found(): FoundSession[] {
    return [...this.#found.values()];
  }

  #judge(state: CarrierState, id: string): void {
    const carrier = carrierId(state.carrier);
    const key = `${state.host} ${carrier} ${id}`;
    const known = this.#found.get(key);
    if (id === '' || (known === undefined && this.#found.size >= MOST)) return;
    const score = scoreOf(state, undefined);
    if (!isSession(score)) return;
    const reasons = score.reasons.filter(({ points }) => points > 0).map(({ text }) => text);
    const found = { host: state.host, carrier, id, score: score.value, reasons };
    this.#found.set(key, found);
    if (known === undefined) this.#notify(found);
  }
}

function read(
  state: CarrierState,
  sighting: Sighting,
  flow: Flow,
  before: string | undefined,
  occasion: ReturnType<typeof occasionOf>,
): CarrierState {
  if (sighting.direction === 'request') return sentValue(state, sighting.raw);
  const view =
    sighting.setCookie === undefined
      ? null
      : toCookieView(sighting.setCookie, flow.request.url, sighting.at, serverTimeOf(flow));
  if (view !== null && isDeleting(view, sighting.at)) return deletedValue(state, occasion);
  return setValue(state, view, sighting.raw, before, occasion);
}
