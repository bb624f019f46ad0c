import type { Score } from '../model/session.ts';
import { type CookieEvidence, scoreReasons } from './score-rules.ts';

export type { CookieEvidence, OwnEvidence } from './score-rules.ts';

/** From this score on a carrier is taken for a session unless the user says otherwise. */
export const SESSION_SCORE = 50;

/**
 * How likely it is that a cookie (or header, or URL parameter) carries the session: the sum of the reasons' points,
 * held between 0 and 100. The user's verdict is kept beside the guess, so that the reasons stay readable.
 */
export function scoreCookie(evidence: CookieEvidence, verdict?: Score['verdict']): Score {
  const reasons = scoreReasons(evidence);
  const sum = reasons.reduce((total, reason) => total + reason.points, 0);
  return { value: Math.max(0, Math.min(100, sum)), reasons, ...(verdict === undefined ? {} : { verdict }) };
}

/** What is to be believed: the user's word, else the score. */
export function isSession(score: Score): boolean {
  return score.verdict === undefined ? score.value >= SESSION_SCORE : score.verdict === 'session';
}

/** Likeliest first: the user's "session" above all scores, their "not a session" below all. Stable. */
export function byScore(a: Score, b: Score): number {
  return rank(b) - rank(a);
}

function rank(score: Score): number {
  if (score.verdict === 'session') return 200 + score.value;
  return score.verdict === 'not-session' ? score.value - 200 : score.value;
}
