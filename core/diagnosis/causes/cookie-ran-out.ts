import type { Cause } from '../cause.ts';
import { deviceBound } from '../device-bound.ts';
import { answerOf, nameOf, requestOf, sentLine, setBefore, setLine, span } from '../evidence.ts';

export const cookieRanOut: Cause = {
  id: 'cookie-ran-out',
  title: 'The cookie ran out in the browser',
  why: 'Max-Age and Expires end a cookie in the browser, whatever the server still holds.',
  tell: 'The moment that the last Set-Cookie gave has passed before the first request without it.',
  remedy: 'Give the cookie a longer Max-Age, or set it again with each answer so that use keeps it alive.',
  explain(facts, loss) {
    if (loss.kind !== 'not-sent' && loss.kind !== 'not-stored') return undefined;
    // Of a device-bound session it runs out by design.
    if (deviceBound(facts.exchanges) !== undefined) return undefined;
    const set = setBefore(facts, loss.at);
    const expires = set?.cookie.judgement.cookie?.expires;
    if (set === undefined || expires === undefined || expires > loss.at) return undefined;
    const lived = expires - (set.exchange.answeredAt ?? set.exchange.at);
    return {
      certainty: 'certain',
      sentence: `${facts.subject.name} ran out ${span(loss.at - expires)} before this request: it was set for ${span(lived)}.`,
      evidence: [
        answerOf(set.exchange, `Set by the answer to ${nameOf(set.exchange)}`, setLine(set.cookie)),
        { at: expires, text: 'The cookie runs out' },
        requestOf(loss.in, `${nameOf(loss.in)} goes without it`, sentLine(loss.in, facts.subject.name)),
      ],
    };
  },
};
