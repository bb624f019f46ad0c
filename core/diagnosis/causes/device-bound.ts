import type { Cause } from '../cause.ts';
import { deviceBound as deviceBoundIn } from '../device-bound.ts';
import { answerOf, nameOf, requestOf, setBefore, setLine } from '../evidence.ts';

export const deviceBound: Cause = {
  id: 'device-bound',
  title: 'A device-bound session: its short cookie is renewed',
  why: 'The cookie of a device-bound session (DBSC) is short by design; the browser renews it by proving that it holds a key. A renewal that fails or is skipped shows as a missing cookie.',
  tell: 'Answers register or challenge a device-bound session, and the cookie that ran out is its short one.',
  remedy:
    'Look at the request that renews it: anything but 2xx or 403 with a challenge ends the session or leaves it without its cookie.',
  nothingLost: true,
  explain(facts, loss) {
    if (loss.kind !== 'not-sent' && loss.kind !== 'not-stored') return undefined;
    const bound = deviceBoundIn(facts.exchanges);
    const set = setBefore(facts, loss.at);
    const end = set?.cookie.judgement.cookie?.expires;
    if (bound === undefined || set === undefined || end === undefined || end > loss.at) return undefined;
    return {
      certainty: 'likely',
      sentence: `${facts.subject.name} belongs to a device-bound session and ran out as it should; the browser renews it with ${nameOf(bound.exchange)}.`,
      evidence: [
        answerOf(set.exchange, 'Its short cookie', setLine(set.cookie)),
        answerOf(bound.exchange, 'The session is bound to the device', bound.line),
        requestOf(loss.in, `${nameOf(loss.in)} came in between`),
      ],
      missing: ['Whether the browser renewed it: browsers do so unseen by pages'],
    };
  },
};
