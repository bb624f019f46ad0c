import { cacheControl } from './check-up/cache-control.ts';
import { clearSiteData } from './check-up/clear-site-data.ts';
import { cookieAttributes } from './check-up/cookie-attributes.ts';
import { csrfLogout, logoutByGet } from './check-up/csrf-logout.ts';
import { httpDowngrade } from './check-up/http-downgrade.ts';
import { idEntropy } from './check-up/id-entropy.ts';
import { idInUrl } from './check-up/id-in-url.ts';
import { jwt } from './check-up/jwt.ts';
import { lostUpdates } from './check-up/lost-updates.ts';
import { disabledUser, logoutEverywhere, passwordChange } from './check-up/other-session.ts';
import { publishedKey } from './check-up/published-key.ts';
import { rememberMe } from './check-up/remember-me.ts';
import { secondLogin } from './check-up/second-login.ts';
import { sessionFixation } from './check-up/session-fixation.ts';
import { csrfRequest, privilegeChange, reauthentication } from './check-up/single-acts.ts';
import { userAgent } from './check-up/user-agent.ts';
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
  sessionFixation,
  idEntropy,
  cookieAttributes,
  idInUrl,
  cacheControl,
  httpDowngrade,
  userAgent,
  jwt,
  publishedKey,
  csrfLogout,
  logoutByGet,
  csrfRequest,
  reauthentication,
  lostUpdates,
  rememberMe,
  secondLogin,
  privilegeChange,
  clearSiteData,
  logoutEverywhere,
  passwordChange,
  disabledUser,
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
