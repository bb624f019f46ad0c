import { tokenizeCookie, tokenizeSetCookie } from '../cookies/tokenizer.ts';
import { type Hide, MASK } from './mask-types.ts';
import { maskUrlWith } from './mask-url.ts';
import { looksRandom, looksSecret, nameVerdict } from './secret-names.ts';
import { maskShapes } from './value-shapes.ts';

/** Fields whose whole value is an address. */
const ADDRESSES =
  /^(location|content-location|referer|origin|x-original-(url|uri)|x-rewrite-url|x-forwarded-(url|uri)|x-accel-redirect|destination|hx-(redirect|location|push-url|replace-url|current-url)|sourcemap|x-sourcemap|ping-from|ping-to|x-http-method-override-url|turbo-location|x-pjax-url|:path)$/;
/** Attributes of Set-Cookie that hold no value of the cookie. */
const ATTRIBUTES =
  /^(expires|max-age|domain|path|secure|httponly|samesite|partitioned|priority|version|comment|port|discard)$/i;

/**
 * The value of a header field with its secrets masked; names, attributes and places stay.
 * @param deep masks a text that stands in a value
 */
export function maskHeaderValue(name: string, value: string, hide: Hide, deep: (text: string) => string): string {
  const lower = name.toLowerCase();
  if (value === '' || value === MASK) return value;
  if (lower === 'cookie' || lower === 'cookie2') return maskCookie(value, hide);
  if (lower === 'set-cookie' || lower === 'set-cookie2') return maskSetCookie(value, hide);
  if (lower === 'www-authenticate' || lower === 'proxy-authenticate') {
    return value.replace(/\b(ntlm|negotiate)[ \t]+([\w+/=-]{8,})/gi, (_, scheme: string) => `${scheme} ${hide(name)}`);
  }
  if (/(^|-)authorization$/.test(lower)) {
    const scheme = /^[\w-]+(?=\s)/.exec(value)?.[0];
    return `${scheme === undefined ? '' : `${scheme} `}${hide(name)}`;
  }
  if (ADDRESSES.test(lower)) return maskUrlWith(value, hide, deep);
  if (lower === 'refresh')
    return value.replace(
      /(\burl\s*=\s*["']?)([^"']+)/i,
      (_, lead: string, url: string) => lead + maskUrlWith(url, hide, deep),
    );
  if (lower === 'link') return value.replace(/<([^>]*)>/g, (_, url: string) => `<${maskUrlWith(url, hide, deep)}>`);
  if (lower === 'sec-websocket-protocol') {
    return value
      .split(/(,\s*)/)
      .map((one) =>
        looksRandom(one) || (/(^|[.-])(bearer|auth|token)[.-]?/i.test(one) && one.length > 24)
          ? hide(name)
          : maskShapes(one, hide),
      )
      .join('');
  }
  const verdict = nameVerdict(name, 'header');
  // Figures of limits (`X-RateLimit-Remaining-Tokens: 400`) are none.
  if (verdict === 'secret' && !(/tokens?$/i.test(name) && /^\d{1,9}$/.test(value.trim()))) return hide(name);
  if (verdict === 'maybe' && looksSecret(value, name, 'header')) return hide(name);
  return deep(value);
}

/** All values of a request's cookies; names stay. */
function maskCookie(value: string, hide: Hide): string {
  return tokenizeCookie(value)
    .map((token) => {
      if (token.hasEquals) return ` ${token.name}=${hide(token.name)}`;
      return token.raw.trim() === '' ? token.raw : ` ${hide('a cookie without a name')}`;
    })
    .join(';')
    .trimStart();
}

function maskSetCookie(value: string, hide: Hide): string {
  const { pair, attributes } = tokenizeSetCookie(value);
  const known = attributes.map(({ raw, name }) => {
    const equals = raw.indexOf('=');
    if (equals < 0 || ATTRIBUTES.test(name.trim())) return raw;
    // No attribute that browsers know: perhaps the rest of a value with a semicolon.
    return `${raw.slice(0, equals)}=${hide(name)}`;
  });
  return [`${pair.name}=${pair.value === '' ? '' : hide(pair.name)}`, ...known].join(';');
}
