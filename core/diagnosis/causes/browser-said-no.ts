import type { Cause } from '../cause.ts';
import { nameOf, requestOf } from '../evidence.ts';

const WORDS: Readonly<Record<string, string>> = {
  SecureOnly: 'the cookie is Secure and the request is plain http',
  NotOnPath: 'its path does not cover the request',
  DomainMismatch: 'its domain does not cover the host',
  SameSiteStrict: 'SameSite=Strict, and the request comes from another site',
  SameSiteLax: 'SameSite=Lax, and the cross-site request is no top-level navigation',
  SameSiteUnspecifiedTreatedAsLax:
    'no SameSite is treated as Lax, and the cross-site request is no top-level navigation',
  // Chromium says Schemeful… also where the request comes from another site altogether.
  SchemefulSameSiteStrict:
    'SameSite=Strict, and the request comes from another site, or from the other scheme of this one',
  SchemefulSameSiteLax:
    'SameSite=Lax, and the request is no top-level navigation and comes from another site, or from the other scheme of this one',
  SchemefulSameSiteUnspecifiedTreatedAsLax:
    'no SameSite is treated as Lax, and the request is no top-level navigation and comes from another site, or from the other scheme of this one',
  SameSiteNoneInsecure: 'SameSite=None without Secure',
  UserPreferences: 'the user or the profile blocks cookies of third parties',
  ThirdPartyPhaseout: 'cookies of third parties are blocked',
  ThirdPartyBlockedInFirstPartySet: 'cookies of third parties are blocked, in related sites too',
  AnonymousContext: 'the request was made without credentials',
  SchemeMismatch: 'it was set by the other scheme',
  PortMismatch: 'it was set by another port',
  InvalidPrefix: 'its name has a prefix whose conditions it does not fulfil',
  InvalidDomain: 'its Domain is not one that this host may set',
  OverwriteSecure: 'plain http must not replace a Secure cookie',
  NameValuePairExceedsMaxSize: 'name and value are longer than 4096 bytes',
  DisallowedCharacter: 'it holds a control character',
  NoCookieContent: 'name and value are empty',
  SyntaxError: 'it cannot be read',
};

export const browserSaidNo: Cause = {
  id: 'browser-said-no',
  title: 'The browser left the cookie out, and says why',
  why: 'A browser stores and sends a cookie only where its attributes, the page and the settings allow it.',
  tell: 'The browser that was launched here reports each cookie that it blocks, with its reasons.',
  remedy: 'Change the attribute that the reason names, or send the request from where the cookie is allowed.',
  explain({ subject, browser }, loss) {
    if (!('in' in loss)) return undefined;
    const when = loss.kind === 'not-stored' ? 'storing' : 'sending';
    const fact = browser.find(
      (one) =>
        one.cookie === subject.name && (one.flowId === loss.in.flowId || (when === 'storing' && one.when === when)),
    );
    if (fact === undefined || fact.reasons.length === 0) return undefined;
    const reasons = fact.reasons.map((reason) => WORDS[reason] ?? reason).join('; ');
    return {
      certainty: 'certain',
      sentence: `The browser did not ${fact.when === 'storing' ? 'store' : 'send'} ${subject.name}: ${reasons}.`,
      evidence: [requestOf(loss.in, `The browser's own word on ${nameOf(loss.in)}: ${fact.reasons.join(', ')}`)],
    };
  },
};
