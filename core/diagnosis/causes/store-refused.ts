import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, setBefore, setLine } from '../evidence.ts';

export const storeRefused: Cause = {
  id: 'store-refused',
  title: 'The record was never written',
  why: 'A store that is full, out of memory or read-only refuses the write; applications often answer the login all the same.',
  tell: 'The login set an id, the attached store never had a record of it, and the next request was not accepted.',
  remedy: 'Look at the application’s log for the write at that moment, and at the room and the rights of the store.',
  explain(facts, loss) {
    if (loss.kind !== 'not-accepted' && loss.kind !== 'replaced' && loss.kind !== 'deleted') return undefined;
    if (facts.storesAttached !== true || facts.subject.selfContained === true || facts.records.length > 0)
      return undefined;
    if (loss.lastGood?.page === 'content') return undefined;
    const set = setBefore(facts, loss.at);
    if (set === undefined) return undefined;
    return {
      certainty: 'likely',
      sentence: `${nameOf(set.exchange)} gave the browser an id, and no attached store ever held a record of it: it was never written.`,
      evidence: [
        answerOf(set.exchange, `Answer to ${nameOf(set.exchange)}`, setLine(set.cookie)),
        requestOf(loss.in, `${nameOf(loss.in)} carried it and was not accepted`),
      ],
      missing: ['Whether the attached store is the one that the application uses'],
    };
  },
};
