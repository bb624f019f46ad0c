import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, setBefore, setLine, span } from '../evidence.ts';
import { isWebView } from './other-profile.ts';

const WEEK_MS = 7 * 86_400_000;

export const browserCapped: Cause = {
  id: 'browser-capped',
  title: 'Safari’s limits, or the jar of a web view',
  why: 'Safari ends cookies that scripts set after seven days (a day after a link with tracking parameters), and each web view of an application has a jar of its own.',
  tell: 'The request comes from a web view, or from Safari more than a week after the cookie was set without HttpOnly.',
  remedy: 'Set the cookie in an answer, with HttpOnly; let logins of applications open in the system’s browser.',
  explain(facts, loss) {
    if (loss.kind !== 'not-sent' && loss.kind !== 'not-stored') return undefined;
    const agent = loss.in.request.get('user-agent') ?? '';
    const before = loss.lastGood;
    const line = `User-Agent: ${agent}`;
    if (isWebView(agent) && before !== undefined && !isWebView(before.request.get('user-agent'))) {
      return {
        certainty: 'possible',
        sentence: `${nameOf(loss.in)} came from the web view of an application, which has a cookie jar of its own.`,
        evidence: [
          requestOf(before, `${nameOf(before)} was the last with the session`),
          requestOf(loss.in, `${nameOf(loss.in)} from a web view`, line),
        ],
        missing: ['Whether the user opened a link inside an application'],
      };
    }
    const set = setBefore(facts, loss.at);
    const isSafari = /Safari\//.test(agent) && !/Chrom(e|ium)|Android|CriOS|FxiOS|EdgiOS/.test(agent);
    if (!isSafari || set === undefined || set.cookie.judgement.cookie?.httpOnly === true) return undefined;
    const age = loss.at - (set.exchange.answeredAt ?? set.exchange.at);
    if (age < WEEK_MS) return undefined;
    return {
      certainty: 'possible',
      sentence: `Safari keeps cookies that scripts write for seven days; ${facts.subject.name} is ${span(age)} old and open to scripts.`,
      evidence: [
        answerOf(set.exchange, 'Set without HttpOnly', setLine(set.cookie)),
        requestOf(loss.in, `${nameOf(loss.in)} from Safari`, line),
      ],
      missing: ['Whether a script wrote the cookie again'],
    };
  },
};
