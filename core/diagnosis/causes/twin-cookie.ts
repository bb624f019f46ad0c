import type { Cause } from '../cause.ts';
import { nameOf, requestOf, sentLine, short } from '../evidence.ts';
import { sentValues } from '../loss.ts';

export const twinCookie: Cause = {
  id: 'twin-cookie',
  title: 'Two cookies of one name',
  why: 'Two cookies of one name with other paths or domains are sent together, and the application reads one of them, the wrong one.',
  tell: 'The request carries the name twice, the session’s value among them, and was not accepted.',
  remedy:
    'Set the cookie with one Path and one Domain everywhere, and delete the other one with the attributes that it was set with.',
  explain({ subject }, loss) {
    if (!('in' in loss)) return undefined;
    const values = sentValues(loss.in, subject.name);
    if (values.length < 2 || !values.includes(subject.value) || new Set(values).size < 2) return undefined;
    if (loss.kind !== 'not-accepted' && loss.kind !== 'replaced') return undefined;
    return {
      certainty:
        loss.lastGood === undefined || sentValues(loss.lastGood, subject.name).length < 2 ? 'likely' : 'possible',
      sentence: `The browser sends two cookies named ${subject.name} (${values.map(short).join(' and ')}), and the application read the other one.`,
      evidence: [requestOf(loss.in, nameOf(loss.in), sentLine(loss.in, subject.name))],
      missing: ['Which of the two the application reads'],
    };
  },
};
