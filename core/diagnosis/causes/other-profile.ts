import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';

export const otherProfile: Cause = {
  id: 'other-profile',
  title: 'Another browser or profile',
  why: 'Each browser, profile and private window has cookies of its own.',
  tell: 'The request without the cookie comes from another browser or profile than those with it.',
  remedy: 'Log in in that browser too, or open the page in the one that is logged in.',
  nothingLost: true,
  explain(_facts, loss) {
    if (loss.kind !== 'not-sent' && loss.kind !== 'not-stored') return undefined;
    const before = loss.lastGood;
    if (before === undefined || before.visitor === loss.in.visitor || isWebView(loss.in.request.get('user-agent')))
      return undefined;
    return {
      certainty: 'likely',
      sentence: `${nameOf(loss.in)} came from another browser or profile than the one that is logged in.`,
      evidence: [
        requestOf(
          before,
          `${nameOf(before)} with the session`,
          `User-Agent: ${before.request.get('user-agent') ?? ''}`,
        ),
        requestOf(loss.in, `${nameOf(loss.in)} without it`, `User-Agent: ${loss.in.request.get('user-agent') ?? ''}`),
      ],
      missing: ['Whether the user changed the browser'],
    };
  },
};

/** The browser inside another application. */
export function isWebView(agent: string | undefined): boolean {
  if (agent === undefined) return false;
  return (
    /;\s*wv\)|\bFB(AN|AV)\b|Instagram|Line\//.test(agent) ||
    (/iPhone|iPad/.test(agent) && /AppleWebKit/.test(agent) && !/Safari\//.test(agent))
  );
}
