import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';
import { endedAtServer, othersMeanwhile } from '../others.ts';
import { isLogoutPath } from '../read-exchanges.ts';

export const loggedOutElsewhere: Cause = {
  id: 'logged-out-elsewhere',
  title: 'A logout in another browser',
  why: 'Many applications end all sessions of a user when one of them logs out, or offer that.',
  tell: 'Between the last accepted request and the refused one, another browser called a logout of the same application.',
  remedy: 'Nothing, if the user meant it; else let a logout end only the session that it is called with.',
  explain(facts, loss) {
    if (!endedAtServer(loss)) return undefined;
    const logout = othersMeanwhile(facts, loss).find(
      ({ address, status }) => isLogoutPath(address) && status > 0 && status < 400,
    );
    if (logout === undefined) return undefined;
    const gone = facts.records.findLast(({ kind }) => kind === 'gone');
    const byIt = gone !== undefined && gone.flowId === logout.flowId;
    return {
      certainty: byIt ? 'certain' : 'likely',
      sentence: `Another browser called ${nameOf(logout)} in between, ${byIt ? 'and this session’s record went with that request' : 'and then this session was no longer accepted'}.`,
      evidence: [
        answerOf(logout, `${nameOf(logout)} of another browser was answered ${logout.status}`),
        ...(byIt ? [{ at: gone.at, flowId: logout.flowId, text: 'The record is gone' }] : []),
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : []),
      ],
      ...(byIt
        ? {}
        : { missing: ['Whether both browsers belong to one user: the record, in the application’s store'] }),
    };
  },
};
