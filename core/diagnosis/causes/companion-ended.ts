import type { Cause } from '../cause.ts';
import { companionsOf, lastSet } from '../companions.ts';
import { answerOf, nameOf, requestOf, setLine, span } from '../evidence.ts';

export const companionEnded: Cause = {
  id: 'companion-ended',
  title: 'A cookie that belongs to it ended first',
  why: 'A session may be carried by several cookies (token and refresh token, parts, a signature, a cached copy), and each has a clock of its own.',
  tell: 'The session’s cookie is still sent; one that went along with it until now is not, and its end has passed.',
  remedy: 'Let the cookies of one session end together, the refresh token last, and set them always together.',
  explain(facts, loss) {
    if (!('in' in loss) || loss.lastGood === undefined) return undefined;
    if (loss.kind !== 'not-accepted' && loss.kind !== 'replaced' && loss.kind !== 'deleted') return undefined;
    const { lastGood } = loss;
    for (const { name, bond } of companionsOf(facts)) {
      const had = lastGood.cookies.some((one) => one.name === name);
      const has = loss.in.cookies.some((one) => one.name === name);
      const set = lastSet(facts.exchanges, name, loss.at);
      const end = set?.cookie.judgement.cookie?.expires;
      if (!had || has || set === undefined || end === undefined || end > loss.at) continue;
      const what = {
        refresh: 'which renews it',
        chunk: 'a part of its value',
        signature: 'its signature',
        copy: 'the copy of its data',
        together: 'which is set along with it',
      }[bond];
      return {
        certainty: 'likely',
        sentence: `${facts.subject.name} was sent, and ${name}, ${what}, was not: it ran out ${span(loss.at - end)} before ${nameOf(loss.in)}.`,
        evidence: [
          answerOf(set.exchange, `Set by the answer to ${nameOf(set.exchange)}`, setLine(set.cookie)),
          requestOf(lastGood, `${nameOf(lastGood)} carried both`),
          { at: end, text: `${name} runs out` },
          requestOf(loss.in, `${nameOf(loss.in)} goes without ${name}, and was not accepted`),
        ],
        missing: [`Whether the application needs ${name}: Prove it leaves each cookie out in turn`],
      };
    }
    return undefined;
  },
};
