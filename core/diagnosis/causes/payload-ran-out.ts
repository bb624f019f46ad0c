import type { Cause } from '../cause.ts';
import { nameOf, requestOf, span } from '../evidence.ts';

export const payloadRanOut: Cause = {
  id: 'payload-ran-out',
  title: 'The value itself has run out',
  why: 'A signed value carries its own end (exp of a JWT, the stamp of a signed cookie), whatever the browser still sends.',
  tell: 'The end that stands in the value lies before the request that was refused.',
  remedy: 'Renew the value before it ends, or give it a longer life.',
  explain({ subject }, loss) {
    if (loss.kind !== 'not-accepted' && loss.kind !== 'replaced' && loss.kind !== 'deleted') return undefined;
    const end = subject.payloadExpires;
    if (end === undefined || end > loss.at) return undefined;
    return {
      certainty: 'certain',
      sentence: `${subject.name} carries its own end, which passed ${span(loss.at - end)} before ${nameOf(loss.in)}.`,
      evidence: [
        { at: end, text: 'The value ends' },
        requestOf(loss.in, `${nameOf(loss.in)} was answered ${loss.in.status}`),
      ],
    };
  },
};
