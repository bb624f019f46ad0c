import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, sentLine, setLine } from '../evidence.ts';

export const renewalLost: Cause = {
  id: 'renewal-lost',
  title: 'The renewed cookie never reached the browser',
  why: 'An answer that is aborted may have changed the id on the server; the browser goes on with the old one.',
  tell: 'An answer that set a new value was cut off, and later requests still carry the old value.',
  remedy: 'Accept the old id for some seconds after a renewal, and renew in answers that nobody aborts.',
  explain(facts, loss) {
    if (loss.kind !== 'not-accepted' && loss.kind !== 'replaced') return undefined;
    const { name, value } = facts.subject;
    const cut = facts.exchanges.findLast(
      (one) =>
        one.at < loss.at &&
        one.error !== undefined &&
        one.set.some((cookie) => cookie.name === name && cookie.value !== value),
    );
    const cookie = cut?.set.findLast((one) => one.name === name);
    if (cut === undefined || cookie === undefined) return undefined;
    return {
      certainty: 'likely',
      sentence: `The answer to ${nameOf(cut)} set a new ${name} and was cut off; the browser went on with the old one, which the application no longer knows.`,
      evidence: [
        answerOf(cut, `Cut off: ${cut.error}`, setLine(cookie)),
        requestOf(loss.in, `${nameOf(loss.in)} carries the old value`, sentLine(loss.in, name)),
      ],
      missing: ['Whether the browser took the new cookie before the answer was cut off'],
    };
  },
};
