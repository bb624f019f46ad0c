import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, sentLine, setLine } from '../evidence.ts';
import { sentValues } from '../loss.ts';

export const otherApplication: Cause = {
  id: 'other-application',
  title: 'Another application of the same host set the cookie',
  why: 'Cookies know no ports: two applications of one host that use one name overwrite each other’s sessions.',
  tell: 'An answer of another port set the name in between, and the browser sends that value here.',
  remedy: 'Give each application its own host (NAME.localhost works without settings) or its own cookie name.',
  explain(facts, loss) {
    if (!('in' in loss) || (loss.kind !== 'other-value' && loss.kind !== 'not-sent' && loss.kind !== 'replaced'))
      return undefined;
    const { name, host } = facts.subject;
    const hostname = loss.in.address.hostname;
    const now = sentValues(loss.in, name);
    const from = facts.exchanges.findLast(
      (one) =>
        one.at < loss.at &&
        one.address.host !== host &&
        one.address.hostname === hostname &&
        one.set.some(
          (cookie) =>
            cookie.name === name && (now.includes(cookie.value) || (now.length === 0 && cookie.judgement.removes)),
        ),
    );
    const cookie = from?.set.findLast((one) => one.name === name);
    if (from === undefined || cookie === undefined) return undefined;
    return {
      certainty: 'certain',
      sentence: `The application at ${from.address.host} ${cookie.judgement.removes ? 'deleted' : 'replaced'} ${name}: the browser keeps one cookie of that name for all ports of ${hostname}.`,
      evidence: [
        answerOf(from, `Answer of ${from.address.origin} to ${nameOf(from)}`, setLine(cookie)),
        requestOf(
          loss.in,
          `${nameOf(loss.in)} at ${loss.in.address.origin} sends what the other one set`,
          sentLine(loss.in, name),
        ),
      ],
    };
  },
};
