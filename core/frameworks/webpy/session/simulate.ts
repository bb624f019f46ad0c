import { errorLine } from '../../../python/python-error.ts';
import { Application } from './application.ts';
import { makeConfig } from './config.ts';
import type { Explanation, SessionOutcome, StoreCall } from './flow-report.ts';
import { defaultParameters, type SessionParameters } from './parameters.ts';
import { DEFAULT_PROFILE, type Profile } from './profiles.ts';
import { Session } from './session.ts';
import { type RandomSource, systemRandom } from './session-id.ts';
import type { Clock, Store } from './store.ts';

export interface SimulationOptions {
  readonly store: Store;
  readonly profile?: Profile;
  readonly parameters?: Partial<SessionParameters>;
  /** A mapping; a function gets the session and sets values on it. */
  readonly initializer?: unknown;
  readonly clock: Clock;
  readonly random?: RandomSource;
}

export interface SimulatedRequest {
  readonly method?: string;
  readonly target?: string;
  /** The Cookie header's value as Latin-1 text. */
  readonly cookieHeader?: string | undefined;
  readonly remoteAddr?: string | null;
  readonly scriptName?: string;
}

export interface SimulatedResult {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly outcome: SessionOutcome;
  readonly explanation: readonly Explanation[];
  readonly storeCalls: readonly StoreCall[];
  /** A new id was made in this request. */
  readonly madeId: boolean;
  /** The id after the request; null when there is none. */
  readonly sessionId: string | null;
  /** Exceptions that became a 500, as last lines of tracebacks, first one first. */
  readonly errors: readonly string[];
}

export interface Simulation {
  /** Runs one request. The handler gets the session; by default it does nothing. */
  run(request: SimulatedRequest, handler?: (session: Session) => unknown): Promise<SimulatedResult>;
  /** As after a restart of the process: the next request cleans up. */
  restart(): void;
}

/** A web.py process without sockets, on a clock of one's own: what the policy lab asks its questions. */
export function simulate(options: SimulationOptions): Simulation {
  const config = makeConfig({
    profile: options.profile ?? DEFAULT_PROFILE,
    sessionParameters: { ...defaultParameters(), ...options.parameters },
    clock: options.clock,
    random: options.random ?? systemRandom,
  });
  const { initializer = null } = options;
  const session: Session = new Session(
    null,
    options.store,
    typeof initializer === 'function' ? () => initializer(session) as unknown : initializer,
    config,
  );
  return {
    restart() {
      session._last_cleanup_time = 0;
    },
    async run(request, handler = () => '') {
      const errors: string[] = [];
      class Page {
        GET(): unknown {
          return handler(session);
        }
        POST(): unknown {
          return handler(session);
        }
      }
      const app = new Application(['.*', Page], {}, config);
      app.addProcessor((next) => session._processor(next));
      app.onError = (error) => errors.push(errorLine(error));
      const response = await app.respond({
        method: request.method ?? 'GET',
        target: request.target ?? '/',
        cookieHeader: request.cookieHeader,
        remoteAddr: request.remoteAddr === undefined ? '127.0.0.1' : request.remoteAddr,
        ...(request.scriptName === undefined ? {} : { scriptName: request.scriptName }),
      });
      const body: Uint8Array[] = [];
      for await (const part of response.body) body.push(part);
      const report = response.reports[0];
      return {
        status: Number(response.status.slice(0, 3)),
        reason: response.status.slice(4),
        headers: response.headers,
        body: Buffer.concat(body).toString('utf8'),
        outcome: report?.outcome ?? 'error',
        explanation: report?.explanation ?? [],
        storeCalls: report?.storeCalls ?? [],
        madeId: report?.madeId ?? false,
        sessionId: report?.sessionId ?? null,
        errors,
      };
    },
  };
}
