import type { Cause } from '../cause.ts';
import { answerOf, nameOf } from '../evidence.ts';
import { alternation } from '../servers.ts';

export const keyPerWorker: Cause = {
  id: 'key-per-worker',
  title: 'Each worker has a key of its own',
  why: 'A key that is made at random when the program starts differs between workers: each accepts only what it has signed itself.',
  tell: 'A value that carries its own data is accepted only every second, third … time.',
  remedy:
    'Give all workers the same key from outside the program (an environment variable, a secret), and never os.urandom at the start.',
  explain(facts, loss) {
    if (facts.subject.selfContained !== true) return undefined;
    if (!('in' in loss) || loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    const turns = alternation(facts);
    if (turns === undefined) return undefined;
    const { accepted, refused } = turns;
    return {
      certainty: 'likely',
      sentence: `${facts.subject.name} carries its own data and is accepted only sometimes (${accepted.length} of ${accepted.length + refused.length}): the workers check it with different keys.`,
      evidence: [
        ...accepted.slice(0, 2).map((one) => answerOf(one, `${nameOf(one)} is accepted`)),
        ...refused.slice(0, 2).map((one) => answerOf(one, `${nameOf(one)} is refused`)),
      ],
      missing: ['The keys of the workers'],
    };
  },
};
