import { problem } from '../model/problem.ts';
import type { CookieView } from '../model/session.ts';

/** Cookies as Playwright's storageState has them: `expires` in seconds, -1 until the browser closes. */
export function storageState(cookies: readonly CookieView[]): { text: string; notes: string[] } {
  const notes = cookies.some(({ priority }) => priority !== undefined) ? ['Priority has no place in this format'] : [];
  const state = {
    cookies: cookies.map(
      ({ name, value, domain = '', hostOnly, path, expires, httpOnly, secure, sameSite, partitioned }) => ({
        name,
        value,
        domain: hostOnly ? domain.replace(/^\./, '') : `.${domain.replace(/^\./, '')}`,
        path,
        expires: expires === undefined ? -1 : expires / 1000,
        httpOnly,
        secure,
        // Playwright wants one of the three; a browser treats none as Lax.
        sameSite: SAME_SITE[sameSite?.toLowerCase() ?? ''] ?? 'Lax',
        ...(partitioned ? { partitionKey: `https://${domain.replace(/^\./, '')}` } : {}),
      }),
    ),
    origins: [],
  };
  return { text: `${JSON.stringify(state, null, 2)}\n`, notes };
}

const SAME_SITE: Readonly<Record<string, string>> = { strict: 'Strict', lax: 'Lax', none: 'None' };

/** Reads such a state; what it holds beside cookies is named in the notes. @throws ProblemError `bad-cookies` */
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
    const { name, value, domain, path = '/', expires, sameSite } = one;
    if (
      typeof name !== 'string' ||
      typeof value !== 'string' ||
      typeof domain !== 'string' ||
      typeof path !== 'string'
    ) {
      notes.push(`Entry ${i + 1} is no cookie and was left out`);
      return [];
    }
    return [
      {
        name,
        value,
        domain: domain.replace(/^\./, '').toLowerCase(),
        hostOnly: !domain.startsWith('.'),
        path,
        ...(typeof expires === 'number' && expires > 0 ? { expires: expires * 1000 } : {}),
        secure: one['secure'] === true,
        httpOnly: one['httpOnly'] === true,
        ...(typeof sameSite === 'string' ? { sameSite } : {}),
        partitioned: one['partitionKey'] !== undefined,
        others: [],
      },
    ];
  });
  const origins = (state as { origins?: unknown }).origins;
  if (Array.isArray(origins) && origins.length > 0) notes.push('Local storage is not taken over');
  return { cookies, notes };
}
