import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, setLine } from '../evidence.ts';

export const speculativeRequest: Cause = {
  id: 'speculative-request',
  title: 'A prefetch did it',
  why: 'Browsers and frameworks fetch links before they are clicked; a logout or login that answers GET is carried out by that.',
  tell: 'The request that ended the session says Purpose: prefetch.',
  remedy:
    'Let logout and login answer POST alone, or refuse requests with Sec-Purpose: prefetch, and mark such links as not to be prefetched.',
  explain({ subject }, loss) {
    if (!('in' in loss) || !loss.in.speculative) return undefined;
    if (loss.kind !== 'deleted' && loss.kind !== 'replaced') return undefined;
    const cookie = loss.in.set.findLast((one) => one.name === subject.name);
    const purpose = ['Sec-Purpose', 'Purpose', 'X-Moz', 'Next-Router-Prefetch'].find(
      (name) => loss.in.request.get(name) !== undefined,
    );
    return {
      certainty: 'certain',
      sentence: `The browser fetched ${nameOf(loss.in)} in advance, without a click, and its answer ended the session.`,
      evidence: [
        requestOf(
          loss.in,
          'The browser says that nobody asked for it yet',
          `${purpose}: ${loss.in.request.get(purpose ?? '')}`,
        ),
        answerOf(loss.in, 'Its answer', cookie === undefined ? undefined : setLine(cookie)),
      ],
    };
  },
};
