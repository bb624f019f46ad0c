import type { Cause } from './cause.ts';
import { browserRestarted } from './causes/browser-restarted.ts';
import { browserSaidNo } from './causes/browser-said-no.ts';
import { clockSkew } from './causes/clock-skew.ts';
import { cookieRanOut } from './causes/cookie-ran-out.ts';
import { csrfLookAlike } from './causes/csrf-look-alike.ts';
import { deletionMissed } from './causes/deletion-missed.ts';
import { endedByApplication } from './causes/ended-by-application.ts';
import { headerTooLarge } from './causes/header-too-large.ts';
import { loggedOut } from './causes/logged-out.ts';
import { loginReplaced } from './causes/login-replaced.ts';
import { notCovered } from './causes/not-covered.ts';
import { otherApplication } from './causes/other-application.ts';
import { otherHost } from './causes/other-host.ts';
import { otherSecret } from './causes/other-secret.ts';
import { payloadRanOut } from './causes/payload-ran-out.ts';
import { recordEmptied } from './causes/record-emptied.ts';
import { recordIdle } from './causes/record-idle.ts';
import { recordRemoved } from './causes/record-removed.ts';
import { refusedAtStoring } from './causes/refused-at-storing.ts';
import { renewalLost } from './causes/renewal-lost.ts';
import { rotationRace } from './causes/rotation-race.ts';
import { scriptChanged } from './causes/script-changed.ts';
import { sharedCache } from './causes/shared-cache.ts';
import { speculativeRequest } from './causes/speculative-request.ts';
import { stalePage } from './causes/stale-page.ts';
import { tooManyCookies } from './causes/too-many-cookies.ts';
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
  otherApplication,
  otherHost,
  sharedCache,
  headerTooLarge,
  withoutCredentials,
  refusedAtStoring,
  cookieRanOut,
  notCovered,
  csrfLookAlike,
  deletionMissed,
  rotationRace,
  unreadable,
  payloadRanOut,
  recordIdle,
  loggedOut,
  recordEmptied,
  renewalLost,
  otherSecret,
  twinCookie,
  scriptChanged,
  recordRemoved,
  visitorChanged,
  stalePage,
  tooManyCookies,
  clockSkew,
  browserRestarted,
  endedByApplication,
];
