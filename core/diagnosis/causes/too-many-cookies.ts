import type { Cause } from '../cause.ts';
import { requestOf } from '../evidence.ts';

/** Chromium begins to throw the oldest away beyond this, some thirty at once. */
const LIMIT = 180;

export const tooManyCookies: Cause = {
  id: 'too-many-cookies',
  title: 'Too many cookies of one site',
  why: 'A browser keeps about 180 cookies of a site; beyond that the oldest go, the session among them.',
  tell: 'More names were set on the site than a browser keeps, and the session is among the older ones.',
  remedy: 'Delete cookies that are no longer needed, and keep their content in the session.',
  explain(facts, loss) {
    if (loss.kind !== 'not-sent') return undefined;
    const names = new Set<string>();
    for (const exchange of facts.exchanges) {
      if (exchange.at > loss.at) break;
      for (const { name, judgement } of exchange.set) if (judgement.stored) names.add(name);
      for (const { name } of exchange.cookies) names.add(name);
    }
    if (names.size <= LIMIT) return undefined;
    return {
      certainty: 'likely',
      sentence: `${names.size} different cookies were set on this site; browsers keep about ${LIMIT} and throw the oldest away.`,
      evidence: [
        requestOf(loss.in, `${loss.in.cookies.length} cookies are sent, ${facts.subject.name} is not among them`),
      ],
      missing: ['What the browser’s jar held before'],
    };
  },
};
