import { problem } from '../model/problem.ts';
import type { CookieView } from '../model/session.ts';
import { webAddress } from '../model/web-address.ts';
import { asCharacters, cookieBytes } from './cookie-bytes.ts';

/**
 * Cookies as Playwright's storageState has them: `expires` in seconds, -1 until the browser closes.
 * @returns the text, and what the format cannot hold or needs otherwise
 */
export function storageState(cookies: readonly CookieView[]): { text: string; notes: string[] } {
  const notes: string[] = [];
  const state = {
    cookies: cookies.map((cookie) => {
      const { domain = '', hostOnly, path, expires, httpOnly, secure, sameSite, partitioned, partition } = cookie;
      const bare = domain.replace(/^\./, '');
      const kept = SAME_SITE[sameSite?.toLowerCase() ?? ''];
      if (cookie.priority !== undefined) notes.push('Priority has no place in this format');
      if (cookie.sourcePort !== undefined) notes.push('The origin that set a cookie has no place in this format');
      if (kept === undefined) notes.push('Cookies without SameSite are written as Lax, which the format needs');
      if (partitioned && partition === undefined) {
        notes.push('The site of a partition is not known; the site of the cookie is written');
      }
      return {
        ...asCharacters(cookie, notes),
        domain: hostOnly ? bare : `.${bare}`,
        path,
        expires: expires === undefined ? -1 : expires / 1000,
        httpOnly,
        secure,
        // Playwright wants one of the three; a browser treats none as Lax.
        sameSite: kept ?? 'Lax',
        ...(partitioned
          ? {
              partitionKey: partition?.topLevelSite ?? `https://${bare}`,
              ...(partition?.hasCrossSiteAncestor === true ? { _crHasCrossSiteAncestor: true } : {}),
            }
          : {}),
      };
    }),
    origins: [],
  };
  return { text: `${JSON.stringify(state, null, 2)}\n`, notes: [...new Set(notes)] };
}

const SAME_SITE: Readonly<Record<string, string>> = {
  strict: 'Strict',
  lax: 'Lax',
  none: 'None',
  // Extensions of browsers.
  no_restriction: 'None',
};
/** What programs write that has no meaning outside of them. */
const OWN = ['storeId', 'id', 'size', 'sourceType', 'sameParty', 'firstPartyDomain', 'favorite', 'comment'];

/**
 * Reads such a state, and the lists of cookies that extensions (Cookie-Editor, EditThisCookie, Get cookies.txt) and
 * Puppeteer write. What is not taken over is named in the notes.
 * @throws ProblemError `bad-cookies`
 */
export function readStorageState(text: string): { cookies: CookieView[]; notes: string[] } {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw problem('bad-cookies', `This is no JSON: ${(error as Error).message}`);
  }
  const list = Array.isArray(state) ? state : (state as { cookies?: unknown } | null)?.cookies;
  if (!Array.isArray(list)) {
    throw problem('bad-cookies', 'There is no list of cookies in this file', {
      remedy: 'A storageState is an object with a list `cookies`, as Playwright writes it.',
    });
  }
  const notes: string[] = [];
  const cookies = list.flatMap((entry: unknown, i): CookieView[] => {
    const one = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
    const { name, value, path = '/', sameSite } = one;
    const domain = one['domain'] ?? hostOf(one['url']);
    if (
      typeof name !== 'string' ||
      typeof value !== 'string' ||
      typeof domain !== 'string' ||
      typeof path !== 'string'
    ) {
      notes.push(`Entry ${i + 1} is no cookie and was left out`);
      return [];
    }
    // `session` says that an expiry beside it does not count.
    const expires = one['session'] === true ? undefined : seconds(one['expirationDate'] ?? one['expires']);
    const given = typeof sameSite === 'string' ? SAME_SITE[sameSite.toLowerCase()] : undefined;
    if (typeof sameSite === 'string' && given === undefined && !/^(unspecified|)$/i.test(sameSite)) {
      notes.push(`${name}: SameSite ${sameSite.slice(0, 20)} is not known and was left out`);
    }
    const lost = OWN.filter((key) => one[key] !== undefined && one[key] !== null && one[key] !== '');
    if (lost.length > 0) notes.push(`Not taken over, because it means nothing elsewhere: ${lost.join(', ')}`);
    const partition = partitionOf(one);
    const { priority, sourceScheme, sourcePort } = one;
    return [
      {
        name: cookieBytes(name),
        value: cookieBytes(value),
        domain: domain.replace(/^\./, '').toLowerCase(),
        hostOnly: typeof one['hostOnly'] === 'boolean' ? one['hostOnly'] : !domain.startsWith('.'),
        path,
        ...(expires === undefined ? {} : { expires }),
        secure: one['secure'] === true,
        httpOnly: one['httpOnly'] === true,
        ...(given === undefined ? {} : { sameSite: given }),
        ...(typeof priority === 'string' ? { priority } : {}),
        ...(sourceScheme === 'Secure' || sourceScheme === 'NonSecure'
          ? { sourceScheme: sourceScheme === 'Secure' ? ('https' as const) : ('http' as const) }
          : {}),
        ...(typeof sourcePort === 'number' && sourcePort > 0 ? { sourcePort } : {}),
        partitioned: partition !== undefined,
        ...(partition === undefined || partition === null ? {} : { partition }),
        others: [],
      },
    ];
  });
  const origins = (state as { origins?: unknown }).origins;
  if (Array.isArray(origins) && origins.length > 0) notes.push('Local storage is not taken over');
  return { cookies, notes: [...new Set(notes)] };
}

/** Milliseconds since 1970 from seconds, or from a date in words; undefined until the browser closes. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') return number > 0 ? number * 1000 : undefined;
  const date = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}

/** Null: partitioned, by a site that is not said. */
function partitionOf(one: Readonly<Record<string, unknown>>): CookieView['partition'] | null {
  const key = one['partitionKey'];
  if (typeof key === 'string' && key !== '') {
    return { topLevelSite: key, hasCrossSiteAncestor: one['_crHasCrossSiteAncestor'] === true };
  }
  if (typeof key !== 'object' || key === null) return one['partitioned'] === true ? null : undefined;
  const { topLevelSite, sourceOrigin, hasCrossSiteAncestor } = key as Record<string, unknown>;
  const site = topLevelSite ?? sourceOrigin;
  if (typeof site !== 'string' || site === '') return undefined;
  return { topLevelSite: site, hasCrossSiteAncestor: hasCrossSiteAncestor === true };
}

const hostOf = (url: unknown): string | undefined => (typeof url === 'string' ? webAddress(url).hostname : undefined);
