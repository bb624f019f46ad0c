import { duration } from '../../../model/duration.ts';
import type { ExperimentOutcome } from '../../../model/lab.ts';
import { type CleanupLimit, wholeSeconds } from '../canaries.ts';

export const RESTART =
  'Restart the application and run this again before anybody visits it: the first request of a fresh process cleans up.';

/** "Records older than 1 h (3600 s) are removed." */
export function limitWords(limit: CleanupLimit): string {
  const whole = wholeSeconds(limit);
  if (whole !== undefined)
    return `Records older than ${whole >= 60 ? `${duration(whole)} (${whole} s)` : `${whole} s`} are removed.`;
  return `Records older than some ${duration(limit.atLeast)} to ${duration(limit.below)} are removed.`;
}

export function limitMeasure(limit: CleanupLimit): NonNullable<ExperimentOutcome['measured']> {
  const whole = wholeSeconds(limit);
  if (whole !== undefined) return [{ label: 'idle limit', value: whole, unit: 's' }];
  return [
    { label: 'idle limit at least', value: Math.ceil(limit.atLeast), unit: 's' },
    { label: 'idle limit at most', value: Math.ceil(limit.below), unit: 's' },
  ];
}
