import { wouldSend } from '../../cookies/would-send.ts';
import type { Cause } from '../cause.ts';
import { answerOf, nameOf, requestOf, sentLine, setLine } from '../evidence.ts';

const STATE = /state|pkce|verifier|nonce|oauth|oidc|csrf|callback|correlation/i;

export const oauthStateLost: Cause = {
  id: 'oauth-state-lost',
  title: 'The cookie of the login attempt did not come back',
  why: 'A login at an identity provider keeps a state or PKCE value in a cookie until the browser comes back. It is missing when the provider answers by a form from its own site and the cookie is SameSite=Lax, when the login ends in another browser, or when a second tab replaced it.',
  tell: 'The request that started the login set such a cookie; the one that comes back from the provider does not carry it.',
  remedy:
    'Set it with SameSite=None; Secure where the provider answers with form_post, else as Lax for the host that the callback has; keep one for each attempt.',
  explain(facts, loss) {
    if (loss.kind !== 'login-fails') return undefined;
    const back = loss.in;
    const start = facts.exchanges.findLast(
      ({ at, location, address, set }) =>
        at < back.at &&
        location !== undefined &&
        location.host !== address.host &&
        address.hostname === back.address.hostname &&
        set.some(({ name, judgement }) => STATE.test(name) && !judgement.removes),
    );
    const cookie = start?.set.findLast(({ name, judgement }) => STATE.test(name) && !judgement.removes);
    if (start === undefined || cookie === undefined || back.cookies.some(({ name }) => name === cookie.name))
      return undefined;
    const kept = cookie.judgement.cookie;
    const no =
      kept === undefined || !cookie.judgement.stored
        ? cookie.judgement.reasons.filter(({ verdict }) => verdict === 'no')
        : wouldSend(kept, {
            url: back.address.href,
            at: back.at,
            method: back.method,
            site: back.crossSite ? 'cross-site' : 'same-site',
            topLevel: back.navigation,
          }).reasons.filter(({ verdict }) => verdict === 'no');
    return {
      certainty: no.length > 0 ? 'certain' : 'likely',
      sentence: `The login began with ${cookie.name}, and ${nameOf(back)} came back without it${no.length > 0 ? `: ${no.map(({ text }) => text).join('. ')}` : ''}.`,
      evidence: [
        answerOf(start, `${nameOf(start)} sent the browser to ${start.location?.host}`, setLine(cookie)),
        requestOf(back, `${nameOf(back)} comes back`, sentLine(back, cookie.name)),
        answerOf(back, `It was answered ${back.status}`),
      ],
      ...(no.length > 0 ? {} : { missing: ['Whether the login ended in another browser or tab'] }),
    };
  },
};
