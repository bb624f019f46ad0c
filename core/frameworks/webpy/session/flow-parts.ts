import { errorLine } from '../../../python/python-error.ts';
import type { FlowReport } from './flow-report.ts';
import type { SessionParameters } from './parameters.ts';
import type { Profile } from './profiles.ts';
import type { RandomSource } from './session-id.ts';
import type { Clock, Store } from './store.ts';

/** A mapping that is copied into new sessions, or something to call that sets values on the session. */
export type Initializer = Readonly<Record<string, unknown>> | ReadonlyMap<unknown, unknown> | (() => unknown);

/** What the session machinery works with; functions where a program may assign another value at any time. */
export interface FlowParts {
  readonly store: () => Store;
  readonly parameters: () => SessionParameters;
  readonly initializer: () => unknown;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** A session's values during one request. */
export type Values = Map<unknown, unknown>;

/** The id that the values hold now; null when there is none. */
export function idOf(values: Values): string | null {
  const id = values.get('session_id');
  return typeof id === 'string' && id !== '' ? id : null;
}

/** Notes that the session machinery itself failed. */
export function failed(report: FlowReport, error: unknown): void {
  report.outcome = 'error';
  report.error = errorLine(error);
}
