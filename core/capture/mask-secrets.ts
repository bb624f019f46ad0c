import { tokenizeCookie, tokenizeSetCookie } from '../cookies/tokenizer.ts';
import { nameMeaning } from './score-names.ts';

/** What stands in the place of a secret. */
export const MASK = '[masked]';

/** Names that hold a secret wherever they stand: in a form, in a query. */
const SECRET_NAME =
  /pass(word|wd|phrase)?$|^pwd$|secret|token|api[-_]?key|credential|^code$|signature|^sig$|otp|^pin$/i;

function isSecretName(name: string): boolean {
  if (SECRET_NAME.test(name)) return true;
  const { kind } = nameMeaning(name);
  return kind === 'framework' || kind === 'session-word' || kind === 'csrf';
}

/** Header fields with the values of cookies, credentials and tokens masked; names and attributes stay. */
export function maskFields(rawHeaders: readonly string[]): string[] {
  return rawHeaders.map((value, i) => {
    if (i % 2 === 0) return value;
    const name = (rawHeaders[i - 1] ?? '').toLowerCase();
    if (name === 'cookie') {
      return tokenizeCookie(value)
        .map((token) => (token.hasEquals ? ` ${token.name}=${MASK}` : token.raw.trim() === '' ? token.raw : ` ${MASK}`))
        .join(';')
        .trimStart();
    }
    if (name === 'set-cookie') {
      const { pair, attributes } = tokenizeSetCookie(value);
      return [`${pair.name}=${pair.value === '' ? '' : MASK}`, ...attributes.map((a) => a.raw)].join(';');
    }
    if (name === 'authorization' || name === 'proxy-authorization')
      return `${/^[\w-]+(?=\s)/.exec(value)?.[0] ?? ''} ${MASK}`.trim();
    if (name === 'location' || name === 'referer' || name === 'content-location') return maskUrl(value);
    return /^x-/.test(name) && isSecretName(name.slice(2)) ? MASK : value;
  });
}

/** A URL whose user, session parameters and secrets are masked. */
export function maskUrl(url: string): string {
  const masked = (whole: string, before: string, name: string) =>
    isSecretName(unescaped(name)) ? `${before}${name}=${MASK}` : whole;
  const query = url.indexOf('?');
  const [path, rest] = query < 0 ? [url, ''] : [url.slice(0, query), url.slice(query)];
  return (
    path.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#@]*@/i, `$1${MASK}@`).replace(/(;)([^=;#/]+)=([^;#/]*)/g, masked) +
    rest.replace(/([?&;])([^=;&#]+)=([^;&#]*)/g, masked)
  );
}

/** A form body (`a=1&password=2`) with passwords and tokens masked. */
export function maskForm(body: string): string {
  return maskUrl(`?${body}`).slice(1);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
