import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, sentLine, setBefore, setLine } from '../evidence.ts';

export const deletionMissed: Cause = {
  id: 'deletion-missed',
  title: 'The logout deleted nothing',
  why: 'A cookie is deleted only by a Set-Cookie with the same name, domain and path; otherwise the browser keeps it.',
  tell: 'The logout’s answer deletes the name with another path or domain (or not at all), and later requests still carry it.',
  remedy: 'Delete the cookie with the Path and Domain that it was set with, and end the session on the server too.',
  explain(facts, loss) {
    if (loss.kind !== 'still-in' || loss.lastGood === undefined) return undefined;
    const logout = loss.lastGood;
    const { name } = facts.subject;
    const deletion = logout.set.findLast((one) => one.name === name && one.judgement.removes);
    const set = setBefore(facts, logout.at);
    return {
      certainty: 'certain',
      sentence:
        deletion === undefined
          ? `${nameOf(logout)} neither deleted ${name} nor ended the session on the server: ${nameOf(loss.in)} is still accepted.`
          : `${nameOf(logout)} deleted a cookie ${name} with another path or domain; the session’s own stayed, and the server still accepts it.`,
      evidence: [
        ...(set === undefined ? [] : [answerOf(set.exchange, 'The session’s cookie', setLine(set.cookie))]),
        ...(deletion === undefined
          ? [answerOf(logout, `${nameOf(logout)} deletes no cookie`)]
          : [answerOf(logout, 'What the logout deletes', setLine(deletion))]),
        requestOf(loss.in, `${nameOf(loss.in)} is accepted`, sentLine(loss.in, name)),
      ],
    };
  },
};
