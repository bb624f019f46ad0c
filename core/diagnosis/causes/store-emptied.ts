import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';

/** Records that go within so long of each other go together. */
const TOGETHER_MS = 15_000;

export const storeEmptied: Cause = {
  id: 'store-emptied',
  title: 'The store was emptied',
  why: 'A deployment, a restart of the store without a copy on disk, or a job took all sessions at once.',
  tell: 'The records of other sessions went at the same time, however long they had been used.',
  remedy: 'Keep the store over deployments and restarts (a folder outside the release, Redis with a copy on disk).',
  explain(facts, loss) {
    const gone = facts.records.findLast((one) => one.kind === 'gone');
    if (gone === undefined || gone.kind !== 'gone' || gone.removedHere) return undefined;
    if (loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    const { othersGone = [], othersKept = 0 } = facts;
    const together = othersGone.filter((at) => Math.abs(at - gone.at) <= TOGETHER_MS);
    if (together.length === 0 || othersKept > 0) return undefined;
    return {
      certainty: 'likely',
      sentence: `The store was emptied: the records of ${together.length + 1} sessions went at once, and none is left.`,
      evidence: [
        { at: gone.at, text: 'The record is gone', ...(gone.flowId === undefined ? {} : { flowId: gone.flowId }) },
        ...together.slice(0, 3).map((at) => ({ at, text: 'The record of another session is gone' })),
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : []),
      ],
      missing: ['Who emptied it: a deployment, a restart, a job'],
    };
  },
};
