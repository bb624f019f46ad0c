import type { Cause } from '../cause.ts';
import { answerOf, nameOf, setLine } from '../evidence.ts';
import { isLoginPath } from '../read-exchanges.ts';

export const loginReplaced: Cause = {
  id: 'login-replaced',
  title: 'A login gave a new id',
  why: 'A login should renew the id, against session fixation: the old one ends by design.',
  tell: 'The answer that set the other id belongs to a request that logs in.',
  remedy: 'Nothing: this is how it should be.',
  nothingLost: true,
  explain({ subject }, loss) {
    if (loss.kind !== 'replaced' || loss.in.method !== 'POST' || !isLoginPath(loss.in.address)) return undefined;
    if (loss.in.status >= 400 || loss.in.page === 'login') return undefined;
    const cookie = loss.in.set.findLast((one) => one.name === subject.name);
    return {
      certainty: 'certain',
      sentence: `Nothing was lost: ${nameOf(loss.in)} logged in, and the session continues under the id that it set.`,
      evidence: [answerOf(loss.in, `Answer to ${nameOf(loss.in)}`, cookie === undefined ? undefined : setLine(cookie))],
    };
  },
};
