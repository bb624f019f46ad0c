import { defaultParameters, type SessionParameters } from './parameters.ts';
import { DEFAULT_PROFILE, type Profile } from './profiles.ts';
import { type RandomSource, systemRandom } from './session-id.ts';
import type { Clock } from './store.ts';

/** web.py's `web.config`: what applications and sessions start from. They copy it when they are made. */
export interface Config {
  sessionParameters: SessionParameters;
  /** The same object under web.py's own name. */
  session_parameters: SessionParameters;
  /**
   * Shows errors as a page instead of `internal server error`. On by default in web.py when a program runs its built-in
   * server, and then sessions made at module level do not work (see `debugProgram`); off by default here.
   */
  debug: boolean;
  profile: Profile;
  clock: Clock;
  random: RandomSource;
}

/** A fresh configuration; programs use the shared `config`, simulations one of their own. */
export function makeConfig(overrides: Partial<Omit<Config, 'session_parameters'>> = {}): Config {
  const config = {
    sessionParameters: defaultParameters(),
    debug: false,
    profile: DEFAULT_PROFILE,
    clock: Date.now,
    random: systemRandom,
    ...overrides,
  };
  return Object.defineProperty(config, 'session_parameters', {
    get: () => config.sessionParameters,
    set: (parameters: SessionParameters) => (config.sessionParameters = parameters),
    enumerable: false,
  }) as Config;
}

/** The configuration of this program, as `web.config` is in Python. */
export const config: Config = makeConfig();
