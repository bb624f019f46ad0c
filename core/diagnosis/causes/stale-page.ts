import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';
import { sentValues } from '../loss.ts';

export const stalePage: Cause = {
  id: 'stale-page',
  title: 'Refused here, accepted elsewhere',
  why: 'A page or a single address may want more than a session: another role, a fresh login.',
  tell: 'The same id is refused at one address and accepted at others afterwards.',
  remedy:
    'Look at what that address wants of the user: a role, a second factor, a login that is not older than some minutes.',
  nothingLost: true,
  explain(facts, loss) {
    if (loss.kind !== 'not-accepted' || loss.in.status === 401) return undefined;
    const { name, value, host } = facts.subject;
    const after = facts.exchanges.find(
      (one) =>
        one.at > loss.at &&
        one.address.host === host &&
        one.address.pathname !== loss.in.address.pathname &&
        one.page === 'content' &&
        sentValues(one, name).includes(value),
    );
    const before = loss.lastGood;
    if (after === undefined || before === undefined) return undefined;
    return {
      certainty: 'likely',
      sentence: `The session goes on: ${nameOf(after)} with the same id was accepted after ${nameOf(loss.in)} had been refused.`,
      evidence: [
        requestOf(loss.in, `${nameOf(loss.in)} was answered ${loss.in.status}`),
        requestOf(after, `${nameOf(after)} was answered ${after.status}`),
      ],
      missing: ['Whether the pages that were accepted need a login at all'],
    };
  },
};
