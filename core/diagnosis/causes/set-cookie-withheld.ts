import type { Cause } from '../cause.ts';
import { answerOf, nameOf } from '../evidence.ts';

export const setCookieWithheld: Cause = {
  id: 'set-cookie-withheld',
  title: 'The login set no cookie',
  why: 'An application that is to set a Secure cookie and takes the request for plain http leaves it out without a word: TLS ends in front of it, and it does not trust the proxy (trust proxy, X-Forwarded-Proto). Or something in between strips Set-Cookie.',
  tell: 'The login is answered as if it had worked, without a Set-Cookie, and the next page asks for a login again.',
  remedy: 'Let the application trust the proxy and the proxy send X-Forwarded-Proto.',
  explain(_facts, loss) {
    if (loss.kind !== 'login-fails') return undefined;
    const attempt = loss.lastGood;
    if (attempt === undefined || attempt.method !== 'POST' || attempt.set.length > 0) return undefined;
    return {
      certainty: 'likely',
      sentence: `${nameOf(attempt)} was answered ${attempt.status} as after a login, without any Set-Cookie, so the browser has nothing to send with ${nameOf(loss.in)}.`,
      evidence: [
        answerOf(attempt, `${nameOf(attempt)} was answered ${attempt.status}, and sets no cookie`),
        answerOf(loss.in, `${nameOf(loss.in)} asks for a login again`),
      ],
      missing: [
        'Whether the application takes the request for http: replay the login with X-Forwarded-Proto: https',
        'What the answer looked like before anything in between',
      ],
    };
  },
};
