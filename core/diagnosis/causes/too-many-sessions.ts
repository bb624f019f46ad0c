import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';
import { endedAtServer, othersMeanwhile } from '../others.ts';
import { isLoginPath } from '../read-exchanges.ts';

export const tooManySessions: Cause = {
  id: 'too-many-sessions',
  title: 'A login elsewhere ended it',
  why: 'Applications that allow a user a number of sessions end the oldest one with the next login.',
  tell: 'Between the last accepted request and the refused one, another browser logged in.',
  remedy: 'Raise the number of sessions of one user, or tell the user at the login that another session ends.',
  explain(facts, loss) {
    if (!endedAtServer(loss)) return undefined;
    const login = othersMeanwhile(facts, loss).find(
      ({ method, address, status, page }) =>
        method === 'POST' && isLoginPath(address) && page !== 'login' && status > 0 && status < 400,
    );
    if (login === undefined) return undefined;
    const gone = facts.records.findLast(({ kind }) => kind === 'gone');
    const byIt = gone !== undefined && gone.flowId === login.flowId;
    return {
      certainty: byIt ? 'certain' : 'likely',
      sentence: `Another browser logged in by ${nameOf(login)}, ${byIt ? 'and this session’s record went with that request' : 'and then this session was no longer accepted'}.`,
      evidence: [
        answerOf(login, `${nameOf(login)} of another browser was answered ${login.status}`),
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : []),
      ],
      ...(byIt
        ? {}
        : { missing: ['Whether both browsers belong to one user: the record, in the application’s store'] }),
    };
  },
};
