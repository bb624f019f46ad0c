import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';
import { endedAtServer } from '../others.ts';

export const applicationRestarted: Cause = {
  id: 'application-restarted',
  title: 'The application was restarted',
  why: 'Sessions in the memory of a process, and keys that are made at its start, end with it.',
  tell: 'Between the last accepted request and the refused one the application did not answer (502, 503, no connection).',
  remedy: 'Keep sessions in a store outside the process, and the key outside the program.',
  explain(facts, loss) {
    if (!endedAtServer(loss) || loss.lastGood === undefined) return undefined;
    // A record that was seen to stay is no memory of a process.
    if (facts.records.some(({ kind }) => kind === 'found')) return undefined;
    const since = loss.lastGood.at;
    const down = [...facts.exchanges, ...facts.others].find(
      ({ at, status, error, address, answeredAt }) =>
        at > since &&
        at < loss.at &&
        address.host === facts.subject.host &&
        (/^(502|503|504)$/.test(String(status)) || (error !== undefined && answeredAt === undefined)),
    );
    if (down === undefined) return undefined;
    return {
      certainty: 'likely',
      sentence: `The application was away in between (${nameOf(down)}: ${down.status === 0 ? 'no answer' : down.status}), and then did not know ${facts.subject.name} any more.`,
      evidence: [
        answerOf(down, `${nameOf(down)}: ${down.error ?? `answered ${down.status}`}`),
        ...('in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : []),
      ],
      missing: ['Where the application keeps its sessions'],
    };
  },
};
