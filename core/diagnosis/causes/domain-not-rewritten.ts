import type { Cause } from '../cause.ts';
import { answerOf, nameOf, setBefore, setLine } from '../evidence.ts';

const HERE = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

export const domainNotRewritten: Cause = {
  id: 'domain-not-rewritten',
  title: 'Domain of another site on this computer',
  why: 'A development proxy or a rewrite passes the answer of a server on as it is: its Domain names the real site, and the browser is at localhost.',
  tell: 'The address is localhost or 127.0.0.1, and the Set-Cookie has a Domain that does not cover it.',
  remedy: 'Let the proxy rewrite it (Vite: cookieDomainRewrite: ""), or set no Domain in development.',
  explain(facts, loss) {
    if (loss.kind !== 'not-stored') return undefined;
    const set = setBefore(facts, Number.POSITIVE_INFINITY);
    const domain = /;\s*domain\s*=\s*([^;]+)/i.exec(set?.cookie.text ?? '')?.[1]?.trim();
    if (set === undefined || domain === undefined || set.cookie.judgement.stored) return undefined;
    const { hostname } = set.exchange.address;
    const own = domain.replace(/^\./, '').toLowerCase();
    if (!HERE.test(hostname) || hostname === own || hostname.endsWith(`.${own}`)) return undefined;
    return {
      certainty: 'certain',
      sentence: `The browser is at ${hostname} and did not take ${facts.subject.name}, whose Domain is ${domain}: nothing between it and the server rewrites it.`,
      evidence: [
        answerOf(
          set.exchange,
          `Answer of ${set.exchange.address.origin} to ${nameOf(set.exchange)}`,
          setLine(set.cookie),
        ),
        answerOf(loss.in, `${nameOf(loss.in)} does not carry it`),
      ],
    };
  },
};
