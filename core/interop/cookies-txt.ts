import { problem } from '../model/problem.ts';
import type { CookieView } from '../model/session.ts';
import { asCharacters, cookieBytes } from './cookie-bytes.ts';

const HTTP_ONLY = '#HttpOnly_';
const HEAD = '# Netscape HTTP Cookie File';

/**
 * Cookies in the file format of Netscape, which curl, wget and browsers' extensions read: seven fields with tabs between
 * them. `HttpOnly` cookies have their domain behind `#HttpOnly_`.
 * @returns the text, and what the format cannot hold
 */
export function cookiesTxt(cookies: readonly CookieView[]): { text: string; notes: string[] } {
  const notes: string[] = [];
  const lines = [HEAD];
  let lost = false;
  for (const cookie of cookies) {
    const { domain = '', hostOnly, path, secure, httpOnly, expires } = cookie;
    const { name, value } = asCharacters(cookie, notes);
    if (/[\t\r\n]/.test(`${name}${value}${path}`)) {
      notes.push(`${name} holds a tab or a line break and was left out`);
      continue;
    }
    if (cookie.sameSite !== undefined || cookie.partitioned) lost = true;
    if (cookie.priority !== undefined) notes.push('Priority has no place in this format');
    if (expires !== undefined && expires % 1000 !== 0) notes.push('Fractions of a second of the expiry are left out');
    const bare = domain.replace(/^\./, '');
    lines.push(
      [
        `${httpOnly ? HTTP_ONLY : ''}${hostOnly ? bare : `.${bare}`}`,
        hostOnly ? 'FALSE' : 'TRUE',
        path,
        secure ? 'TRUE' : 'FALSE',
        // 0 means until the browser closes.
        String(expires === undefined ? 0 : Math.max(1, Math.floor(expires / 1000))),
        name,
        value,
      ].join('\t'),
    );
  }
  if (lost) notes.push('SameSite and Partitioned have no place in this format');
  return { text: `${lines.join('\n')}\n`, notes: [...new Set(notes)] };
}

/**
 * Reads such a file. Lines that are none are named in the notes; comments and empty lines pass.
 * @throws ProblemError `bad-cookies` when there is not one cookie in it
 */
export function readCookiesTxt(text: string): { cookies: CookieView[]; notes: string[] } {
  const cookies: CookieView[] = [];
  const notes: string[] = [];
  text.split(/\r?\n/).forEach((line, number) => {
    const httpOnly = line.startsWith(HTTP_ONLY);
    if (line.trim() === '' || (line.startsWith('#') && !httpOnly)) return;
    const fields = (httpOnly ? line.slice(HTTP_ONLY.length) : line).split('\t');
    // Some writers leave the last tab out when the value is empty.
    const [domain = '', subdomains = '', path = '', secure = '', expires = '', name = '', ...value] = fields;
    if (fields.length < 6 || domain === '' || !path.startsWith('/') || !/^(-?\d+(\.\d+)?)?$/.test(expires.trim())) {
      notes.push(`Line ${number + 1} is no cookie and was left out`);
      return;
    }
    // Python's cookiejar leaves the expiry of a session cookie empty; others write 0 or -1.
    const seconds = Number(expires);
    cookies.push({
      name: cookieBytes(name),
      value: cookieBytes(value.join('\t')),
      domain: domain.replace(/^\./, '').toLowerCase(),
      hostOnly: !/^true$/i.test(subdomains),
      path,
      ...(seconds > 0 ? { expires: seconds * 1000 } : {}),
      secure: /^true$/i.test(secure),
      httpOnly,
      partitioned: false,
      others: [],
    });
  });
  if (cookies.length === 0) {
    throw problem('bad-cookies', 'There is no cookie in this file', {
      remedy:
        'It should have one cookie on each line: domain, subdomains, path, secure, expiry, name, value, with tabs.',
    });
  }
  return { cookies, notes };
}
