import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';
import { endedAtServer, othersMeanwhile } from '../others.ts';

const CHANGES =
  /pass(word|wd|phrase)|credential|(^|[/_-])(mfa|2fa|totp|otp)([/_-]|$)|roles?([/_-]|$)|permissions?([/_-]|$)/i;

export const credentialsChanged: Cause = {
  id: 'credentials-changed',
  title: 'The password or the rights of the user changed',
  why: 'Frameworks bind sessions to the password (by a hash of it in the session): once it changes, every session of the user ends.',
  tell: 'A request that changes a password was answered well before the first one that was refused.',
  remedy: 'Renew the session that changed it, and say to the user that the others end.',
  explain(facts, loss) {
    if (!endedAtServer(loss) || !('in' in loss)) return undefined;
    const since = loss.lastGood?.at ?? 0;
    const own = facts.exchanges.filter(({ at }) => at >= since && at < loss.at).toReversed();
    const change = [...own, ...othersMeanwhile(facts, loss)].find(
      ({ method, address, status }) =>
        /^(POST|PUT|PATCH)$/.test(method) && CHANGES.test(address.pathname) && status > 0 && status < 400,
    );
    if (change === undefined) return undefined;
    return {
      certainty: 'likely',
      sentence: `${nameOf(change)} changed the password or the rights of the user, and then ${facts.subject.name} was no longer accepted.`,
      evidence: [
        answerOf(change, `${nameOf(change)} was answered ${change.status}`),
        requestOf(loss.in, `${nameOf(loss.in)} was not accepted`),
      ],
      missing: ['Whether the session is bound to the password: a hash of it in its data'],
    };
  },
};
