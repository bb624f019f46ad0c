import type { Cause } from '../cause.ts';
import { nameOf, removalFor, requestOf } from '../evidence.ts';

export const recordRemoved: Cause = {
  id: 'record-removed',
  title: 'The record was removed',
  why: 'A record goes by a logout elsewhere, a job, an emptied store, or a limit of sessions for each user.',
  tell: 'The store was seen to hold the record before, and not at the request that was refused.',
  remedy: 'Look for what removes records: logout in another browser, cleanup jobs, deployments that empty the store.',
  explain(facts, loss) {
    const gone = removalFor(facts, loss);
    if (gone === undefined) return undefined;
    if (loss.kind === 'not-sent' || loss.kind === 'not-stored' || loss.kind === 'other-value') return undefined;
    const by = facts.exchanges.find((one) => one.flowId === gone.flowId);
    const who = gone.removedHere
      ? 'It was killed from here'
      : by === undefined
        ? 'Its record was removed from the store while no request of this visitor was under way'
        : `Its record was removed during ${nameOf(by)}`;
    return {
      certainty: gone.removedHere ? 'certain' : 'likely',
      sentence: `${who}.`,
      evidence: [
        { at: gone.at, text: 'The record is gone', ...(gone.flowId === undefined ? {} : { flowId: gone.flowId }) },
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was answered ${loss.in.status}`)] : []),
      ],
      ...(gone.removedHere ? {} : { missing: ['Who removed it: a logout elsewhere, a job, or the store itself'] }),
    };
  },
};
