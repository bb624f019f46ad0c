import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf } from '../evidence.ts';
import { isTooLarge } from '../loss.ts';

export const headerTooLarge: Cause = {
  id: 'header-too-large',
  title: 'The Cookie header is too large',
  why: 'Servers and proxies refuse large headers: nginx 8 kB a line, Node 16 kB in all, Apache 8 kB a line.',
  tell: 'The answer is 431, 400 or 502 and the Cookie header has more than 4 kB.',
  remedy: 'Keep less in cookies, delete stale ones, or raise the limit of the part that answered.',
  explain(facts, loss) {
    if (!('in' in loss)) return undefined;
    const bad = [loss.in, ...facts.exchanges.filter(({ at }) => at <= loss.at).slice(-5)].find(isTooLarge);
    if (bad === undefined) return undefined;
    const largest = bad.cookies.toSorted((a, b) => b.value.length - a.value.length).slice(0, 3);
    return {
      certainty: bad.status === 431 ? 'certain' : 'likely',
      sentence: `The Cookie header has ${bad.cookieBytes} bytes, and the server answered ${bad.status}.`,
      evidence: [
        requestOf(bad, `Largest: ${largest.map(({ name, value }) => `${name} ${value.length}`).join(', ')} bytes`),
        answerOf(
          bad,
          `${nameOf(bad)} was answered ${bad.status}`,
          bad.response.get('server') === undefined ? undefined : `Server: ${bad.response.get('server')}`,
        ),
      ],
    };
  },
};
