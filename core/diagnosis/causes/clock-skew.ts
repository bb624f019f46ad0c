import type { Cause, Explanation } from '../cause.ts';
import { answerOf, nameOf, setBefore, setLine, span } from '../evidence.ts';
import type { Exchange } from '../facts.ts';

const WORTH_MENTIONING_MS = 60_000;

export const clockSkew: Cause = {
  id: 'clock-skew',
  title: 'The clocks of server and browser disagree',
  why: 'Expires is a moment of the server. Where the answer carries no Date to correct it by, a server that is behind makes cookies which have already run out.',
  tell: 'The Date of the answer lies minutes away from when it was received, and the cookie has Expires without Max-Age.',
  remedy: 'Set the server’s clock, and give the cookie Max-Age, which needs no clock.',
  explain(facts, loss) {
    if (loss.kind === 'login-fails') return bornOver(loss.lastGood);
    if (loss.kind !== 'not-sent' && loss.kind !== 'not-stored') return undefined;
    const set = setBefore(facts, loss.at) ?? setBefore(facts, Number.POSITIVE_INFINITY);
    if (set === undefined || !/;\s*expires\s*=/i.test(set.cookie.text) || /;\s*max-age\s*=/i.test(set.cookie.text)) {
      return undefined;
    }
    const date = Date.parse(set.exchange.response.get('date') ?? '');
    const received = set.exchange.answeredAt ?? set.exchange.at;
    if (Number.isNaN(date) || Math.abs(date - received) < WORTH_MENTIONING_MS) return undefined;
    const off = `${span(date - received)} ${date < received ? 'behind' : 'ahead of'}`;
    return {
      certainty: 'possible',
      sentence: `The server’s clock is ${off} the browser’s, and ${facts.subject.name} ends at a moment of the server’s clock.`,
      evidence: [
        answerOf(
          set.exchange,
          `Answer to ${nameOf(set.exchange)}, received ${off} its own Date`,
          `Date: ${set.exchange.response.get('date')}`,
        ),
        answerOf(set.exchange, 'Expires without Max-Age', setLine(set.cookie)),
      ],
      missing: ['Whether the browser corrected Expires by the Date of the answer, as Chromium does'],
    };
  },
};

/** A deletion names a moment long ago; a cookie whose end lies hours back was meant to live. */
const DELETION_MS = 24 * 3_600_000;

/** The login set a cookie that had run out when it came. */
function bornOver(attempt: Exchange | undefined): Explanation | undefined {
  const received = attempt?.answeredAt ?? attempt?.at ?? 0;
  for (const cookie of attempt?.set ?? []) {
    const expires = Date.parse(/;\s*expires\s*=\s*([^;]+)/i.exec(cookie.text)?.[1] ?? '');
    if (attempt === undefined || Number.isNaN(expires) || cookie.value === '' || /;\s*max-age\s*=/i.test(cookie.text))
      continue;
    if (expires > received || received - expires > DELETION_MS) continue;
    return {
      certainty: 'likely',
      sentence: `${nameOf(attempt)} set ${cookie.name} with an end that had passed ${span(received - expires)} earlier: the application’s clock is behind.`,
      evidence: [
        answerOf(attempt, `Answer to ${nameOf(attempt)}`, setLine(cookie)),
        { at: expires, text: `${cookie.name} ends` },
      ],
      missing: ['The clock of the application’s server'],
    };
  }
  return undefined;
}
