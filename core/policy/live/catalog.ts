import type { Experiment } from './experiment.ts';
import { absoluteLifetime } from './experiments/absolute-lifetime.ts';
import { addressChange } from './experiments/address-change.ts';
import { cookieAlone } from './experiments/cookie-alone.ts';
import { forgedId, malformedId, oversizedId, pathLikeId, unknownId } from './experiments/foreign-ids.ts';
import { forwardingHeaders } from './experiments/forwarding-headers.ts';
import { idleExpiry } from './experiments/idle-expiry.ts';
import { idleLimit } from './experiments/idle-limit.ts';
import { logout } from './experiments/logout.ts';
import { recordAlone } from './experiments/record-alone.ts';

/** Every experiment, in the order in which they are shown and run. One more is one file and one line. */
export const EXPERIMENTS: readonly Experiment[] = listOf([
  idleExpiry,
  idleLimit,
  cookieAlone,
  recordAlone,
  absoluteLifetime,
  addressChange,
  forwardingHeaders,
  logout,
  unknownId,
  forgedId,
  malformedId,
  oversizedId,
  pathLikeId,
]);

/** @throws Error when two experiments have one id: a mistake in the program */
export function listOf(experiments: readonly Experiment[]): readonly Experiment[] {
  const ids = new Set<string>();
  for (const { meta } of experiments) {
    if (ids.has(meta.id)) throw new Error(`Two experiments are called ${meta.id}`);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(meta.id)) throw new Error(`${meta.id} is not in kebab-case`);
    ids.add(meta.id);
  }
  return experiments;
}
