import { DEFAULT_PROFILE, PROFILES, type Profile, type ProfileId } from '../session/profiles.ts';
import type { Clock } from '../session/store.ts';

/** What every web.py-facing store takes. */
export interface StoreOptions {
  /** Milliseconds since 1970 UTC; the system's clock unless given. */
  readonly clock?: Clock;
  /** The version of web.py whose ways of storing are followed; 0.62 unless given. */
  readonly profile?: Profile | ProfileId;
}

/** The system's clock. */
export const systemClock: Clock = () => Date.now();

export function profileOf(options: StoreOptions): Profile {
  const { profile } = options;
  return typeof profile === 'string' ? PROFILES[profile] : (profile ?? DEFAULT_PROFILE);
}
