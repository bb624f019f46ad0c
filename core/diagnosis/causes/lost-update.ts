import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, sentLine, setLine } from '../evidence.ts';
import { sentValues } from '../loss.ts';
import { isLoginPath } from '../read-exchanges.ts';

export const lostUpdate: Cause = {
  id: 'lost-update',
  title: 'Two answers at once: the last Set-Cookie won',
  why: 'Where the data is in the cookie, each answer sets the whole of it. Of two requests at once, the answer that comes last undoes what the other one changed.',
  tell: 'The value that the browser sends now was set by a request that had begun before the other value was there.',
  remedy: 'Keep what requests change at the same time on the server, or set the cookie only in answers that change it.',
  explain(facts, loss) {
    if (loss.kind !== 'other-value' && loss.kind !== 'not-accepted') return undefined;
    const { name, host } = facts.subject;
    const now = sentValues(loss.in, name);
    const setters = facts.exchanges.filter(
      (one) =>
        one.address.host === host &&
        one.at < loss.at &&
        one.set.some((cookie) => cookie.name === name && !cookie.judgement.removes),
    );
    const other = setters.findLast((one) =>
      one.set.some((cookie) => cookie.name === name && now.includes(cookie.value)),
    );
    // What it replaced: the newest value that came while it was under way.
    const mine = setters.findLast(
      (one) =>
        one !== other &&
        other !== undefined &&
        (one.answeredAt ?? one.at) > other.at &&
        (one.answeredAt ?? one.at) <= (other.answeredAt ?? other.at) &&
        (loss.kind === 'other-value' || (one.method === 'POST' && isLoginPath(one.address))),
    );
    if (mine === undefined || other === undefined) return undefined;
    const line = (exchange: typeof mine) => exchange.set.findLast((cookie) => cookie.name === name);
    const [first, second] = [line(mine), line(other)];
    return {
      certainty: 'certain',
      sentence: `${nameOf(other)} was under way when ${nameOf(mine)} set ${name}, knew nothing of it, and its answer replaced it.`,
      evidence: [
        requestOf(other, `${nameOf(other)} begins`, sentLine(other, name)),
        answerOf(mine, `Answer to ${nameOf(mine)}`, first === undefined ? undefined : setLine(first)),
        answerOf(
          other,
          `Answer to ${nameOf(other)}, which came later`,
          second === undefined ? undefined : setLine(second),
        ),
        requestOf(loss.in, `${nameOf(loss.in)} carries the later one`, sentLine(loss.in, name)),
      ],
    };
  },
};
