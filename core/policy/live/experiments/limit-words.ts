import { duration } from '../../../model/duration.ts';
import type { ExperimentOutcome } from '../../../model/lab.ts';
import { type CleanupLimit, wholeSeconds } from '../canaries.ts';
import type { LabContext } from '../context.ts';

/** Why no cleanup was seen, and what would show one, as far as that is known of this application. */
export function noCleanup(lab: LabContext): string {
  const { problem } = lab.canaries ?? {};
  const seen = `No cleanup was seen to run${problem === undefined ? '' : ` (${problem})`}`;
  if (lab.canaries?.planted !== true && problem === undefined) {
    return `${seen}: no record could be planted whose fate would show one.`;
  }
  if (!lab.facts().isWebpy) {
    return `${seen}. This application may compare ages elsewhere than in the time that was moved, or clean up by a job of its own.`;
  }
  return (
    `${seen}: web.py looks for old records once per timeout, at the first request after that. ` +
    'Restart the application and run this again before anybody visits it: the first request of a fresh process cleans up. ' +
    'Or run it again later.'
  );
}

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
