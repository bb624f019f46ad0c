import type { Cause } from '../cause.ts';
import { answerOf, nameOf, setLine, short } from '../evidence.ts';
import { isLogoutPath } from '../read-exchanges.ts';

export const loggedOut: Cause = {
  id: 'logged-out',
  title: 'A logout',
  why: 'A logout deletes the cookie, its record, or gives the browser an anonymous id.',
  tell: 'The answer that ended the session belongs to a request whose address is a logout.',
  remedy:
    'Nothing, if the user logged out. Otherwise find what called the logout: the page before it, a prefetch, a link in an image.',
  nothingLost: true,
  explain({ subject }, loss) {
    if (loss.kind !== 'deleted' && loss.kind !== 'replaced') return undefined;
    if (!isLogoutPath(loss.in.address) || loss.in.speculative) return undefined;
    const cookie = loss.in.set.findLast((one) => one.name === subject.name);
    return {
      certainty: 'certain',
      sentence: `${nameOf(loss.in)} logged the user out: its answer ${loss.kind === 'deleted' ? `deleted ${subject.name}` : `set the anonymous id ${short(cookie?.value ?? '')}`}.`,
      evidence: [answerOf(loss.in, `Answer to ${nameOf(loss.in)}`, cookie === undefined ? undefined : setLine(cookie))],
    };
  },
};
