import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';
import { sentValues } from '../loss.ts';

export const csrfLookAlike: Cause = {
  id: 'csrf-look-alike',
  title: 'A check against forged requests failed: nothing was lost',
  why: 'A wrong or missing CSRF token is answered 403, 419 or 422, often with words like "session expired", while the session lives on.',
  tell: 'The refused request changes something, and the next one with the same id is accepted.',
  remedy: 'Send the token of the page with the request; load the form again before it is sent after a long pause.',
  nothingLost: true,
  explain(facts, loss) {
    if (loss.kind !== 'not-accepted' || /^(GET|HEAD)$/.test(loss.in.method) || loss.in.status === 401) return undefined;
    const { name, value } = facts.subject;
    const after = facts.exchanges.find(
      (one) => one.at > loss.at && one.address.host === facts.subject.host && sentValues(one, name).includes(value),
    );
    const words = /csrf|xsrf|forgery|authenticity|page expired/i.test(loss.in.body);
    if (after?.page !== 'content' && !(words && after === undefined)) return undefined;
    return {
      certainty: after?.page === 'content' ? 'certain' : 'likely',
      sentence: `Nothing was lost: ${nameOf(loss.in)} was refused with ${loss.in.status} by a check against forged requests${after === undefined ? '' : `, and ${nameOf(after)} with the same id was accepted`}.`,
      evidence: [
        answerOf(loss.in, `Answered ${loss.in.status}${words ? ', and the page speaks of CSRF' : ''}`),
        ...(after === undefined ? [] : [requestOf(after, `${nameOf(after)}: the same id is accepted`)]),
      ],
    };
  },
};
