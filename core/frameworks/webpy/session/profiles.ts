import type { SetCookieForm } from '../../../cookies/set-cookie.ts';
import type { PickleChoice } from './encoding.ts';

/** A version of web.py whose ways are followed, or `intended`: without its mistakes. */
export type ProfileId = '0.37' | '0.40' | '0.62' | 'intended';

/**
 * What a version of web.py does where versions differ. Each switch is one row of section 12 of the reference (or a fault
 * described elsewhere in it); `switchNotes` says which.
 */
export interface Profile {
  readonly id: ProfileId;
  readonly title: string;
  readonly python: 2 | 3;
  /**
   * Saving a session without the key `session_id` (or, from 0.40 on, `ip`): KeyError, AttributeError (a missing `ip` does
   * not matter), or both are put back.
   */
  readonly missingIds: 'KeyError' | 'AttributeError' | 'restored';
  /** `expires` of the normal cookie. */
  readonly cookieLifetime: 'session' | 'timeout';
  /** Whether a session whose values equal the initializer is stored and gets a cookie. */
  readonly storesInitial: boolean;
  /** What is sent for a killed or expired session when the request carried the cookie. */
  readonly killedCookie: 'deleting' | 'renewing';
  /** Whether a killed session's cookie is sent although the request carried none. */
  readonly killedCookieAlways: boolean;
  readonly setCookie: SetCookieForm;
  /** A timeout that is no number: an error on every request, no cleanup ever, or the number inside of it. */
  readonly oddTimeout: 'error' | 'never' | 'unwrap';
  /** A stored key named like a method of the session object breaks the request, or is only data. */
  readonly shadowingKeys: 'break' | 'data';
  /** `del store[id]` of an unknown id in MemoryStore: KeyError, or fine as in the other stores. */
  readonly killUnknown: 'store' | 'fine';
  readonly pickle: PickleChoice;
  /** For stores: how DiskStore writes and cleans up, and whether DBStore writes `atime` when saving. */
  readonly diskWrite: 'direct' | 'rename';
  readonly diskCleanup: 'files' | 'everything';
  readonly dbAtimeOnSave: boolean;
  readonly dbData: 'text' | 'bytes';
}

const V062: Profile = {
  id: '0.62',
  title: 'web.py 0.62 and 0.70 on Python 3',
  python: 3,
  missingIds: 'KeyError',
  cookieLifetime: 'session',
  storesInitial: true,
  killedCookie: 'deleting',
  killedCookieAlways: false,
  setCookie: { form: 'modern', sameSite: ['strict', 'lax', 'none'] },
  oddTimeout: 'error',
  shadowingKeys: 'break',
  killUnknown: 'store',
  pickle: { protocol: 4, python: 3 },
  diskWrite: 'rename',
  diskCleanup: 'everything',
  dbAtimeOnSave: true,
  dbData: 'text',
};

/** The profiles by their id. */
export const PROFILES: Readonly<Record<ProfileId, Profile>> = {
  '0.37': {
    ...V062,
    id: '0.37',
    title: 'web.py 0.37 and before on Python 2',
    python: 2,
    missingIds: 'AttributeError',
    killedCookieAlways: true,
    setCookie: { form: 'python2', sameSite: [] },
    oddTimeout: 'never',
    pickle: { protocol: 0, python: 2 },
    diskWrite: 'direct',
    diskCleanup: 'files',
    dbAtimeOnSave: false,
  },
  '0.40': {
    ...V062,
    id: '0.40',
    title: 'web.py 0.40 to 0.61 on Python 3',
    cookieLifetime: 'timeout',
    storesInitial: false,
    killedCookie: 'renewing',
    setCookie: { form: 'modern', sameSite: ['strict', 'lax'] },
    pickle: { protocol: 3, python: 3 },
    diskCleanup: 'files',
    dbData: 'bytes',
  },
  '0.62': V062,
  intended: {
    ...V062,
    id: 'intended',
    title: 'what the documentation of web.py promises',
    missingIds: 'restored',
    oddTimeout: 'unwrap',
    shadowingKeys: 'data',
    killUnknown: 'fine',
  },
};

export const DEFAULT_PROFILE: Profile = V062;
