import type { Cause } from '../cause.ts';
import { answerOf, nameOf, setLine, short } from '../evidence.ts';
import { sentValues } from '../loss.ts';

export const sharedCache: Cause = {
  id: 'shared-cache',
  title: 'A cache answered, with a Set-Cookie of somebody else',
  why: 'A shared cache that keeps an answer with Set-Cookie gives one visitor’s session to all.',
  tell: 'The answer has an Age or says HIT, and sets an id; or one id is set for two visitors.',
  remedy:
    'Answer with Cache-Control: private or no-store wherever a session is set, and let the cache skip answers with Set-Cookie.',
  explain(facts, loss) {
    if (!('in' in loss)) return undefined;
    const { name } = facts.subject;
    const cookie = loss.in.set.findLast((one) => one.name === name);
    if (cookie === undefined) return undefined;
    const age = Number(loss.in.response.get('age') ?? '0');
    const hit = ['x-cache', 'cf-cache-status', 'x-cache-status', 'x-proxy-cache', 'x-varnish-cache'].find((header) =>
      /\bhit\b/i.test(loss.in.response.get(header) ?? ''),
    );
    const elsewhere = facts.others.find(
      (one) =>
        sentValues(one, name).includes(cookie.value) ||
        one.set.some((other) => other.name === name && other.value === cookie.value),
    );
    if (!(age > 0) && hit === undefined && elsewhere === undefined) return undefined;
    return {
      certainty: elsewhere !== undefined && (age > 0 || hit !== undefined) ? 'certain' : 'likely',
      sentence:
        elsewhere === undefined
          ? `A cache answered ${nameOf(loss.in)} and set ${name} from an earlier answer.`
          : `Another visitor has the id ${short(cookie.value)} too: a cache in between gives one answer to everybody.`,
      evidence: [
        answerOf(loss.in, `Answer to ${nameOf(loss.in)}`, setLine(cookie)),
        ...(age > 0 ? [answerOf(loss.in, `It had been kept for ${age} s`, `Age: ${age}`)] : []),
        ...(hit === undefined ? [] : [answerOf(loss.in, 'A cache says so', `${hit}: ${loss.in.response.get(hit)}`)]),
        ...(elsewhere === undefined
          ? []
          : [answerOf(elsewhere, `${nameOf(elsewhere)} of ${elsewhere.client} has the same id`)]),
      ],
    };
  },
};
