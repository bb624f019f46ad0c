import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, sentLine, setLine, span } from '../evidence.ts';
import { sentValues } from '../loss.ts';
import { isLoginPath } from '../read-exchanges.ts';

export const rotationRace: Cause = {
  id: 'rotation-race',
  title: 'A parallel request carried the old id',
  why: 'When the id (or a refresh token) is renewed, requests that are under way still carry the old one; the loser is refused, or its answer deletes the winner’s cookie.',
  tell: 'The request that was refused began before the answer that renewed the id had arrived.',
  remedy:
    'Accept the old id for some seconds after a renewal, let one request renew at a time, and never delete a cookie in an answer to an old id.',
  explain(facts, loss) {
    if (!('in' in loss) || loss.kind === 'not-sent' || loss.kind === 'not-stored') return undefined;
    // A login sets another id by right.
    if (loss.kind === 'replaced' && loss.in.method === 'POST' && isLoginPath(loss.in.address)) return undefined;
    const { name } = facts.subject;
    const old = sentValues(loss.in, name)[0];
    if (old === undefined) return undefined;
    const winner = facts.exchanges.find(
      (one) =>
        one.flowId !== loss.in.flowId &&
        one.at < (loss.in.answeredAt ?? loss.in.at) &&
        (one.answeredAt ?? Number.POSITIVE_INFINITY) > loss.in.at &&
        sentValues(one, name).includes(old) &&
        one.set.some((cookie) => cookie.name === name && cookie.value !== old && !cookie.judgement.removes),
    );
    const renewed = winner?.set.findLast((one) => one.name === name);
    if (winner === undefined || renewed === undefined) return undefined;
    if (
      loss.kind === 'replaced' &&
      loss.in.set.every((cookie) => cookie.name !== name || cookie.value === renewed.value)
    )
      return undefined;
    const overlap =
      Math.min(winner.answeredAt ?? loss.in.at, loss.in.answeredAt ?? loss.in.at) - Math.max(winner.at, loss.in.at);
    return {
      certainty: 'certain',
      sentence: `${nameOf(winner)} renewed ${name} while ${nameOf(loss.in)} was under way with the old value, and the application ${loss.kind === 'deleted' ? 'answered by deleting the cookie' : 'refused it'}.`,
      evidence: [
        answerOf(winner, `Answer to ${nameOf(winner)}`, setLine(renewed)),
        requestOf(
          loss.in,
          `${nameOf(loss.in)} overlapped it by ${span(overlap)} and carries the old value`,
          sentLine(loss.in, name),
        ),
        answerOf(loss.in, `Answered ${loss.in.status}`),
      ],
    };
  },
};
