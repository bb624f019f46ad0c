import { wouldSend } from '../../cookies/would-send.ts';
import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, sentLine, setBefore, setLine } from '../evidence.ts';
import { isTwinHost } from '../loss.ts';

/** The rules of sending that follow from path, domain, scheme and site alone. */
const CODES = ['path', 'domain', 'secure', 'same-site-strict', 'same-site-lax', 'same-site-lax-method'];

export const notCovered: Cause = {
  id: 'not-covered',
  title: 'Path, domain, Secure or SameSite keep the cookie back',
  why: 'A cookie goes only with requests that its path, domain, scheme and SameSite cover.',
  tell: 'The browser still has it: requests that it covers carry it, this one is not covered.',
  remedy:
    'Set the cookie with Path=/ and for the host that needs it; over https with Secure; SameSite as the navigation asks.',
  explain(facts, loss) {
    if (loss.kind !== 'not-sent' && loss.kind !== 'not-stored') return undefined;
    const set = setBefore(facts, loss.at);
    const cookie = set?.cookie.judgement.stored === true ? set.cookie.judgement.cookie : undefined;
    if (set === undefined || cookie === undefined) return undefined;
    // Another name of the same host is a cause of its own.
    if (isTwinHost(set.exchange.address.host, loss.in.address.host)) return undefined;
    const { reasons } = wouldSend(cookie, {
      url: loss.in.address.href,
      at: loss.at,
      method: loss.in.method,
      site: loss.in.crossSite ? 'cross-site' : 'same-site',
      topLevel: loss.in.navigation,
    });
    const no = reasons.filter(({ code, verdict }) => verdict === 'no' && CODES.includes(code));
    if (no.length === 0) return undefined;
    return {
      certainty: 'certain',
      sentence: `The browser kept ${facts.subject.name} back: ${no.map(({ text }) => text).join('. ')}.`,
      evidence: [
        answerOf(set.exchange, `Set by the answer to ${nameOf(set.exchange)}`, setLine(set.cookie)),
        requestOf(loss.in, `${nameOf(loss.in)} at ${loss.in.address.origin}`, sentLine(loss.in, facts.subject.name)),
      ],
    };
  },
};
