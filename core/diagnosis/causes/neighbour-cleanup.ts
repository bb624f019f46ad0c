import type { Cause } from '../cause.ts';
import { nameOf, requestOf, span } from '../evidence.ts';

/** What goes sooner after its last use was hardly taken for old. */
const SHORTEST_MS = 5 * 60_000;

export const neighbourCleanup: Cause = {
  id: 'neighbour-cleanup',
  title: 'Another program’s cleanup took the record',
  why: 'Applications that share a folder or table clean up for each other: the shortest limit counts (PHP’s gc_maxlifetime, a job of the system).',
  tell: 'The record went unused for a while, though for less than this application’s limit, and not during a request of the visitor.',
  remedy: 'Give each application a folder or table of its own, or the same limit to all.',
  explain(facts, loss) {
    const gone = facts.records.findLast((one) => one.kind === 'gone');
    if (gone === undefined || gone.kind !== 'gone' || gone.removedHere || gone.lastUsed === null) return undefined;
    if (loss.kind === 'not-sent' || loss.kind === 'not-stored' || gone.flowId !== undefined) return undefined;
    const { idleSeconds, framework = 'the application' } = facts.rules;
    const unused = gone.at - gone.lastUsed;
    if (idleSeconds === undefined || unused < SHORTEST_MS || unused >= idleSeconds * 1_000) return undefined;
    return {
      certainty: 'likely',
      sentence: `The record was removed after ${span(unused)} without use, sooner than ${framework} does (${span(idleSeconds * 1_000)}), and not during a request: by the cleanup of something else.`,
      evidence: [
        { at: gone.lastUsed, text: 'Last use of the record' },
        { at: gone.at, text: 'The record is gone' },
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : []),
      ],
      missing: ['What else cleans that store: another application, a job of the system'],
    };
  },
};
