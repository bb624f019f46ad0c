import type { Cause } from '../cause.ts';
import { answerOf, nameOf, setLine, short } from '../evidence.ts';

export const endedByApplication: Cause = {
  id: 'ended-by-application',
  title: 'The application ended it',
  why: 'An application ends sessions for reasons of its own: a changed password, a limit of sessions, an error while loading.',
  tell: 'The browser sent the id, and the answer deleted it or set another one, and nothing that was seen explains why.',
  remedy: 'Attach the application’s store: what happened to the record decides.',
  explain(facts, loss) {
    if (loss.kind !== 'deleted' && loss.kind !== 'replaced' && loss.kind !== 'not-accepted') return undefined;
    const { name } = facts.subject;
    const cookie = loss.in.set.findLast((one) => one.name === name);
    const did =
      loss.kind === 'deleted'
        ? `deleted ${name}`
        : loss.kind === 'replaced'
          ? `set another id, ${short(cookie?.value ?? '')}`
          : 'asked for a login';
    return {
      certainty: 'possible',
      sentence: `The browser sent ${name}, and the application ${did} in its answer to ${nameOf(loss.in)}.`,
      evidence: [answerOf(loss.in, `Answered ${loss.in.status}`, cookie === undefined ? undefined : setLine(cookie))],
      missing: [
        ...(facts.records.length === 0 ? ['The record in the application’s store: attach it'] : []),
        ...(facts.rules.framework === undefined ? ['Which framework this is'] : []),
      ],
    };
  },
};
