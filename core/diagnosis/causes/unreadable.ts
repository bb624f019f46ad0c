import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';

export const unreadable: Cause = {
  id: 'unreadable',
  title: 'The record can no longer be read',
  why: 'After an upgrade classes are renamed or formats change, and what was stored before cannot be loaded.',
  tell: 'The record no longer decodes, or names a class that is gone, and the application answers with an error or a new session.',
  remedy: 'Keep the old classes importable until old records have run out, or empty the store with the deployment.',
  explain({ records, exchanges }, loss) {
    const fact = records.findLast((one) => one.kind === 'unreadable');
    if (fact === undefined || fact.kind !== 'unreadable') return undefined;
    const failed = exchanges.some(({ flowId, status }) => flowId === fact.flowId && status >= 500);
    return {
      certainty: loss.kind === 'unreadable' || failed ? 'certain' : 'likely',
      sentence: `The record can no longer be read: ${fact.message}.`,
      evidence: [
        { at: fact.at, text: fact.message, ...(fact.flowId === undefined ? {} : { flowId: fact.flowId }) },
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was answered ${loss.in.status}`)] : []),
      ],
    };
  },
};
