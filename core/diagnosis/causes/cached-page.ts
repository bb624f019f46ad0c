import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';
import { sentValues } from '../loss.ts';

const HITS = ['x-cache', 'cf-cache-status', 'x-cache-status', 'x-proxy-cache', 'x-varnish-cache', 'cache-status'];

export const cachedPage: Cause = {
  id: 'cached-page',
  title: 'A cache showed an old page: nothing was lost',
  why: 'A shared cache, a service worker or the browser itself shows a page that was kept from before the login, or from somebody else.',
  tell: 'The page that asks for a login comes from a cache (Age, X-Cache: HIT), and the same id is accepted elsewhere.',
  remedy: 'Answer pages that depend on the login with Cache-Control: private, no-store, or Vary: Cookie.',
  nothingLost: true,
  explain(facts, loss) {
    if (loss.kind !== 'not-accepted') return undefined;
    const { name, value, host } = facts.subject;
    const age = Number(loss.in.response.get('age') ?? '0');
    const hit = HITS.find((field) => /\bhit\b/i.test(loss.in.response.get(field) ?? ''));
    if (!(age > 0) && hit === undefined) return undefined;
    const after = facts.exchanges.find(
      (one) =>
        one.at > loss.at &&
        one.address.host === host &&
        one.page === 'content' &&
        sentValues(one, name).includes(value),
    );
    return {
      certainty: after === undefined ? 'likely' : 'certain',
      sentence: `Nothing was lost: a cache answered ${nameOf(loss.in)} with a page that it had kept${
        after === undefined ? '' : `, and ${nameOf(after)} with the same id was accepted`
      }.`,
      evidence: [
        ...(age > 0 ? [answerOf(loss.in, `The answer is ${age} s old`, `Age: ${age}`)] : []),
        ...(hit === undefined ? [] : [answerOf(loss.in, 'A cache says so', `${hit}: ${loss.in.response.get(hit)}`)]),
        ...(after === undefined ? [] : [requestOf(after, `${nameOf(after)}: the same id is accepted`)]),
      ],
      ...(after === undefined ? { missing: ['A page past the cache'] } : {}),
    };
  },
};
