import { makeConfig } from '../session/config.ts';
import { serve } from '../session/http-server.ts';
import { defaultParameters, type SessionParameters } from '../session/parameters.ts';
import { DEFAULT_PROFILE, type Profile } from '../session/profiles.ts';
import type { Clock, Store } from '../session/store.ts';
import { practiceApplication } from './practice-app.ts';

export interface PracticeOptions {
  /** Where the sessions are kept; the caller closes it. Tables must be there (`openPracticeStore` makes them). */
  readonly store: Store;
  /** Default: any free port. */
  readonly port?: number;
  readonly profile?: Profile;
  readonly parameters?: Partial<SessionParameters>;
  readonly clock?: Clock;
  /** Told of exceptions that a visitor saw as `internal server error`. Default: standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface PracticeSite {
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Runs the practice site on loopback. */
export async function startPractice(options: PracticeOptions): Promise<PracticeSite> {
  const config = makeConfig({
    profile: options.profile ?? DEFAULT_PROFILE,
    sessionParameters: { ...defaultParameters(), ...options.parameters },
    clock: options.clock ?? Date.now,
  });
  const app = practiceApplication(options.store, config);
  if (options.onError !== undefined) app.onError = options.onError;
  return serve(app, { port: options.port ?? 0 });
}
