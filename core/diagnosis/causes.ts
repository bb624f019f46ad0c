import type { Cause } from './cause.ts';
import { applicationRestarted } from './causes/application-restarted.ts';
import { browserCapped } from './causes/browser-capped.ts';
import { browserRestarted } from './causes/browser-restarted.ts';
import { browserSaidNo } from './causes/browser-said-no.ts';
import { cachedPage } from './causes/cached-page.ts';
import { clockSkew } from './causes/clock-skew.ts';
import { columnTooSmall } from './causes/column-too-small.ts';
import { companionEnded } from './causes/companion-ended.ts';
import { cookieRanOut } from './causes/cookie-ran-out.ts';
import { credentialsChanged } from './causes/credentials-changed.ts';
import { csrfLookAlike } from './causes/csrf-look-alike.ts';
import { deletionMissed } from './causes/deletion-missed.ts';
import { deviceBound } from './causes/device-bound.ts';
import { domainNotRewritten } from './causes/domain-not-rewritten.ts';
import { endedByApplication } from './causes/ended-by-application.ts';
import { headerTooLarge } from './causes/header-too-large.ts';
import { keyPerWorker } from './causes/key-per-worker.ts';
import { loggedOut } from './causes/logged-out.ts';
import { loggedOutElsewhere } from './causes/logged-out-elsewhere.ts';
import { loginReplaced } from './causes/login-replaced.ts';
import { lostUpdate } from './causes/lost-update.ts';
import { neighbourCleanup } from './causes/neighbour-cleanup.ts';
import { nodeStore } from './causes/node-store.ts';
import { notCovered } from './causes/not-covered.ts';
import { oauthStateLost } from './causes/oauth-state-lost.ts';
import { otherApplication } from './causes/other-application.ts';
import { otherHost } from './causes/other-host.ts';
import { otherProfile } from './causes/other-profile.ts';
import { otherSecret } from './causes/other-secret.ts';
import { payloadRanOut } from './causes/payload-ran-out.ts';
import { recordEmptied } from './causes/record-emptied.ts';
import { recordIdle } from './causes/record-idle.ts';
import { recordRemoved } from './causes/record-removed.ts';
import { refusedAtStoring } from './causes/refused-at-storing.ts';
import { renewalLost } from './causes/renewal-lost.ts';
import { rotationRace } from './causes/rotation-race.ts';
import { scriptChanged } from './causes/script-changed.ts';
import { setCookieWithheld } from './causes/set-cookie-withheld.ts';
import { sharedCache } from './causes/shared-cache.ts';
import { speculativeRequest } from './causes/speculative-request.ts';
import { stalePage } from './causes/stale-page.ts';
import { storeEmptied } from './causes/store-emptied.ts';
import { storeEvicted } from './causes/store-evicted.ts';
import { storeRefused } from './causes/store-refused.ts';
import { tooManyCookies } from './causes/too-many-cookies.ts';
import { tooManySessions } from './causes/too-many-sessions.ts';
import { twinCookie } from './causes/twin-cookie.ts';
import { unreadable } from './causes/unreadable.ts';
import { visitorChanged } from './causes/visitor-changed.ts';
import { withoutCredentials } from './causes/without-credentials.ts';

/**
 * Every cause, the more particular ones before the general: of equal certainty the earlier one is named first. A new
 * cause is a file and a line here.
 */
export const CAUSES: readonly Cause[] = [
  browserSaidNo,
  speculativeRequest,
  loginReplaced,
  oauthStateLost,
  setCookieWithheld,
  deviceBound,
  otherProfile,
  browserCapped,
  otherApplication,
  otherHost,
  cachedPage,
  sharedCache,
  headerTooLarge,
  columnTooSmall,
  withoutCredentials,
  domainNotRewritten,
  refusedAtStoring,
  cookieRanOut,
  notCovered,
  csrfLookAlike,
  deletionMissed,
  rotationRace,
  lostUpdate,
  unreadable,
  payloadRanOut,
  recordIdle,
  loggedOut,
  nodeStore,
  keyPerWorker,
  companionEnded,
  recordEmptied,
  renewalLost,
  otherSecret,
  twinCookie,
  scriptChanged,
  loggedOutElsewhere,
  credentialsChanged,
  storeEmptied,
  neighbourCleanup,
  storeEvicted,
  tooManySessions,
  recordRemoved,
  visitorChanged,
  applicationRestarted,
  stalePage,
  storeRefused,
  tooManyCookies,
  clockSkew,
  browserRestarted,
  endedByApplication,
];
