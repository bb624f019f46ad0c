import type { Cause } from '../cause.ts';
import { answerOf, nameOf, setBefore, setLine } from '../evidence.ts';
import { domainNotRewritten } from './domain-not-rewritten.ts';

export const refusedAtStoring: Cause = {
  id: 'refused-at-storing',
  title: 'The browser did not take the cookie',
  why: 'A Set-Cookie that breaks a rule (prefix, size, Secure over http, public suffix, control character, SameSite=None without Secure) is dropped without a word.',
  tell: 'The answer that should have set it breaks a rule of RFC 6265bis, and no later request carries it.',
  remedy: 'Mend the attribute that the rule names; the cookie tab shows what browsers make of each change.',
  explain(facts, loss) {
    if (loss.kind !== 'not-stored' || domainNotRewritten.explain(facts, loss) !== undefined) return undefined;
    const set = setBefore(facts, Number.POSITIVE_INFINITY);
    const no = set?.cookie.judgement.reasons.filter(({ verdict }) => verdict === 'no') ?? [];
    if (set === undefined || no.length === 0) return undefined;
    return {
      certainty: 'certain',
      sentence: `The browser did not take ${facts.subject.name}: ${no.map(({ text }) => text).join('. ')}.`,
      evidence: [
        answerOf(set.exchange, `Answer to ${nameOf(set.exchange)}`, setLine(set.cookie)),
        ...no.map(({ text, source }) => answerOf(set.exchange, `${text} (${source})`)),
        answerOf(loss.in, `${nameOf(loss.in)} does not carry it`),
      ],
    };
  },
};
