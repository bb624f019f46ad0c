import type { Cause } from '../cause.ts';
import { answerOf, nameOf } from '../evidence.ts';
import { alternation } from '../servers.ts';

export const nodeStore: Cause = {
  id: 'node-store',
  title: 'Only some of the servers know the session',
  why: 'Servers that keep sessions in their own memory or disk know only those that began with them; a balancer without stickiness sends requests to any of them.',
  tell: 'The same id is accepted and refused in turn, and the servers that answer differ.',
  remedy:
    'Keep sessions in a store that all servers share (Redis, a database), or let the balancer send each session to one server.',
  explain(facts, loss) {
    if (facts.subject.selfContained === true) return undefined;
    if (!('in' in loss) || loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    const turns = alternation(facts);
    if (turns === undefined) return undefined;
    const { accepted, refused, tellsApart } = turns;
    return {
      certainty: tellsApart === undefined ? 'likely' : 'certain',
      sentence: `${facts.subject.name} is accepted and refused in turn (${accepted.length} of ${accepted.length + refused.length}): ${
        tellsApart === undefined
          ? 'only some of the servers behind this address know it'
          : `${tellsApart.accepts} knows it, ${tellsApart.refuses} does not`
      }.`,
      evidence: [
        ...accepted.slice(0, 2).map((one) => answerOf(one, `${nameOf(one)} is accepted`, line(one, tellsApart?.field))),
        ...refused.slice(0, 2).map((one) => answerOf(one, `${nameOf(one)} is refused`, line(one, tellsApart?.field))),
      ],
      ...(tellsApart === undefined ? { missing: ['Which server answered: a header such as X-Served-By'] } : {}),
    };
  },
};

function line(one: Parameters<typeof answerOf>[0], field: string | undefined): string | undefined {
  return field === undefined ? undefined : `${field}: ${one.response.get(field)}`;
}
