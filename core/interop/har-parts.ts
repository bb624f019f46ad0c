import { tokenizeCookie, tokenizeSetCookie } from '../cookies/tokenizer.ts';

export type Pair = { name: string; value: string };

/** A flat list of header fields as HAR has them. */
export function pairs(rawHeaders: readonly string[]): Pair[] {
  const list: Pair[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    list.push({ name: rawHeaders[i] ?? '', value: rawHeaders[i + 1] ?? '' });
  }
  return list;
}

/** The first value of a field; empty when there is none. */
export function fieldValue(rawHeaders: readonly string[], lowerCaseName: string): string {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === lowerCaseName);
  return at < 0 ? '' : (rawHeaders[at + 1] ?? '');
}

/** The cookies of a request's header fields. */
export function cookiesOf(rawHeaders: readonly string[]): Pair[] {
  return pairs(rawHeaders)
    .filter(({ name }) => name.toLowerCase() === 'cookie')
    .flatMap(({ value }) => tokenizeCookie(value))
    .filter(({ raw }) => raw.trim() !== '')
    .map(({ name, value }) => ({ name, value }));
}

/** The cookies of a response's header fields, with the attributes that HAR and Chromium have for them. */
export function setCookiesOf(rawHeaders: readonly string[]): unknown[] {
  return pairs(rawHeaders)
    .filter(({ name }) => name.toLowerCase() === 'set-cookie')
    .map(({ value: header }) => {
      const { pair, attributes } = tokenizeSetCookie(header);
      const last = (name: string) => attributes.filter((a) => a.name.toLowerCase() === name).at(-1);
      const expires = Date.parse(last('expires')?.value ?? '');
      const [path, domain, sameSite] = [last('path'), last('domain'), last('samesite')];
      return {
        name: pair.name,
        value: pair.value,
        ...(path === undefined ? {} : { path: path.value }),
        ...(domain === undefined ? {} : { domain: domain.value }),
        ...(Number.isNaN(expires) ? {} : { expires: new Date(expires).toISOString() }),
        httpOnly: last('httponly') !== undefined,
        secure: last('secure') !== undefined,
        ...(sameSite === undefined ? {} : { sameSite: sameSite.value }),
      };
    });
}

/** The parameters of an address, decoded where they can be. */
export function queryOf(url: string): Pair[] {
  const at = url.indexOf('?');
  if (at < 0) return [];
  return url
    .slice(at + 1)
    .split('#', 1)[0]!
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0
        ? { name: plain(part), value: '' }
        : { name: plain(part.slice(0, equals)), value: plain(part.slice(equals + 1)) };
    });
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}
