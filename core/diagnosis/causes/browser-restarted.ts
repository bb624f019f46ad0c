import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, setBefore, setLine, span } from '../evidence.ts';

export const browserRestarted: Cause = {
  id: 'browser-restarted',
  title: 'The browser was closed in between',
  why: 'A cookie without Max-Age and Expires lives until the browser closes.',
  tell: 'All cookies of that kind are gone at once, and those with an end are still sent.',
  remedy: 'Give the cookie Max-Age where a login should survive a restart of the browser.',
  explain(facts, loss) {
    if (loss.kind !== 'not-sent') return undefined;
    const set = setBefore(facts, loss.at);
    if (set === undefined || set.cookie.judgement.cookie?.expires !== undefined) return undefined;
    const before = loss.lastGood;
    if (before !== undefined && before.visitor !== loss.in.visitor) return undefined;
    if (before === undefined) return undefined;
    const others = before.cookies.filter((one) => one.name !== facts.subject.name);
    const still = others.filter((one) => loss.in.cookies.some((now) => now.name === one.name));
    return {
      certainty: others.length > 0 && still.length === 0 ? 'likely' : 'possible',
      sentence: `${facts.subject.name} has no Max-Age and ended with the browser, which was closed in the ${span(loss.at - before.at)} before this request.`,
      evidence: [
        answerOf(
          set.exchange,
          `Set by the answer to ${nameOf(set.exchange)}: no Max-Age, no Expires`,
          setLine(set.cookie),
        ),
        requestOf(before, `${nameOf(before)}: the last request with it`),
        requestOf(loss.in, `${nameOf(loss.in)}: without it`),
      ],
      ...(still.length > 0 ? { against: [`${still.map(({ name }) => name).join(', ')} is still sent`] } : {}),
      missing: ['Whether the browser was closed'],
    };
  },
};
