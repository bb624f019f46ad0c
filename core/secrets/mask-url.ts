import { type Hide, MASK } from './mask-types.ts';
import { looksRandom, looksSecret, nameVerdict } from './secret-names.ts';
import { maskShapes } from './value-shapes.ts';

/** What stands before a segment of a path that lets somebody in: `/password-reset/TOKEN`, `/invite/TOKEN`. */
const BEFORE_TOKEN =
  /^(?:.*[-_.])?(reset|password|token|tokens|magic|magiclink|link|verify|verification|confirm|confirmation|activate|activation|invite|invites|invitation|invitations|unsubscribe|key|keys|apikey|secret|secrets|session|sessions|s|sid|webhook|webhooks|hook|hooks|auth|login|signin|share|shared|download|otp|sso|impersonate|recover|recovery)$/i;

/**
 * An address (absolute, or from its path on) whose login, secret parameters and tokens are masked: in the path, the query
 * and the fragment.
 */
export function maskUrlWith(url: string, hide: Hide, deep: (text: string) => string): string {
  const hash = url.indexOf('#');
  const [main, fragment] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash + 1)];
  const question = main.indexOf('?');
  const [place, query] = question < 0 ? [main, undefined] : [main.slice(0, question), main.slice(question + 1)];
  return (
    maskPath(maskLogin(place, hide), hide) +
    (query === undefined ? '' : `?${maskPairs(query, hide, deep)}`) +
    (hash < 0 ? '' : `#${maskFragment(fragment, hide, deep)}`)
  );
}

function maskLogin(place: string, hide: Hide): string {
  const scheme = /^([a-z][a-z\d+.-]*:)?\/\//i.exec(place)?.[0];
  if (scheme === undefined) return place;
  const rest = place.slice(scheme.length);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const at = authority.lastIndexOf('@');
  if (at < 0 || authority.slice(0, at) === MASK) return place;
  return `${scheme}${hide('login of an address')}${authority.slice(at)}${slash < 0 ? '' : rest.slice(slash)}`;
}

function maskPath(place: string, hide: Hide): string {
  const scheme = /^(?:[a-z][a-z\d+.-]*:)?\/\/[^/]*/i.exec(place)?.[0] ?? '';
  let before = '';
  const segments = place
    .slice(scheme.length)
    .split('/')
    .map((segment) => {
      const masked = maskSegment(segment, before, hide);
      before = segment;
      return masked;
    });
  return maskShapes(scheme + segments.join('/'), hide);
}

function maskSegment(segment: string, before: string, hide: Hide): string {
  if (segment === '' || segment.includes(MASK)) return segment;
  // ASP.NET without cookies: `/(S(id))/`.
  if (/^\((?:[ASF]\([\w-]+\))+\)$/.test(segment)) {
    return segment.replace(/([ASF])\([\w-]+\)/g, (_, kind: string) => `${kind}(${hide('session id in the path')})`);
  }
  const [own = '', ...parameters] = segment.split(';');
  const bare = unescaped(own);
  const token = BEFORE_TOKEN.test(before) && (looksRandom(bare) || isUuid(bare)) ? hide(before) : own;
  return [token, ...parameters.map((pair) => maskPair(pair, hide, (text) => text))].join(';');
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);

/** `a=1&b=2`, as queries, forms and fragments have it; `;` separates as well. */
export function maskPairs(pairs: string, hide: Hide, deep: (text: string) => string): string {
  return pairs
    .split(/([&;])/)
    .map((pair, i) => (i % 2 === 1 ? pair : maskPair(pair, hide, deep)))
    .join('');
}

function maskPair(pair: string, hide: Hide, deep: (text: string) => string): string {
  const equals = pair.indexOf('=');
  if (equals < 0) return deepValue(pair, deep);
  const name = unescaped(pair.slice(0, equals));
  const raw = pair.slice(equals + 1);
  if (raw === '' || raw === MASK) return pair;
  const verdict = nameVerdict(name, 'parameter');
  if (verdict === 'secret' || (verdict === 'maybe' && looksSecret(unescaped(raw), name, 'parameter'))) {
    return `${pair.slice(0, equals)}=${hide(name)}`;
  }
  return `${pair.slice(0, equals)}=${deepValue(raw, deep)}`;
}

/** A value that is itself an address, JSON or a token is looked into; one without a secret stays byte for byte. */
function deepValue(raw: string, deep: (text: string) => string): string {
  const plain = unescaped(raw);
  const masked = deep(plain);
  if (masked === plain) return raw;
  return plain === raw ? masked : encodeURIComponent(masked.toWellFormed()).replaceAll(encodeURIComponent(MASK), MASK);
}

function maskFragment(fragment: string, hide: Hide, deep: (text: string) => string): string {
  if (/^!?\//.test(fragment)) return maskUrlWith(fragment, hide, deep);
  if (fragment.includes('='))
    return maskPairs(fragment.replace(/^\?/, ''), hide, deep).replace(/^/, /^\?/.exec(fragment)?.[0] ?? '');
  return looksRandom(fragment) && fragment.length >= 32 ? hide('fragment') : maskShapes(fragment, hide);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}
