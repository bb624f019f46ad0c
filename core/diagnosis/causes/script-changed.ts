import type { Cause } from '../cause.ts';
import { nameOf, requestOf, sentLine, setBefore } from '../evidence.ts';
import { sentValues } from '../loss.ts';

export const scriptChanged: Cause = {
  id: 'script-changed',
  title: 'A script or the user changed the cookie in the browser',
  why: 'A cookie without HttpOnly can be written by every script of the page, and by hand.',
  tell: 'The browser sends a value that no answer has set.',
  remedy: 'Set the cookie with HttpOnly, so that scripts cannot reach it.',
  explain(facts, loss) {
    if (loss.kind !== 'other-value') return undefined;
    const { name } = facts.subject;
    const values = sentValues(loss.in, name);
    const issued = facts.exchanges.some((one) =>
      one.set.some((cookie) => cookie.name === name && values.includes(cookie.value)),
    );
    if (issued) return undefined;
    const set = setBefore(facts, loss.at);
    if (set?.cookie.judgement.cookie?.httpOnly === true) {
      return {
        certainty: 'possible',
        sentence: `The browser sends a value of ${name} that no answer set here; it is HttpOnly, so it was changed by hand or by an answer that was not recorded.`,
        evidence: [requestOf(loss.in, nameOf(loss.in), sentLine(loss.in, name))],
        missing: ['Answers that did not pass the proxy'],
      };
    }
    return {
      certainty: 'likely',
      sentence: `A script of the page wrote ${name}: the browser sends a value that no answer set, and the cookie is not HttpOnly.`,
      evidence: [requestOf(loss.in, nameOf(loss.in), sentLine(loss.in, name))],
      missing: ['Answers that did not pass the proxy'],
    };
  },
};
