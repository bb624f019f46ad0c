import { problem } from '../model/problem.ts';

/** Parameters that hold a password, in the spellings of drivers and hosters. */
const PASSWORD_PARAMETER = /([?&])((?:password|passwd|pwd|pw|auth)=)[^&#]*/gi;

/** The URL with the password replaced by `***`: for windows, messages and logs. Works on malformed URLs as well. */
export function maskStoreUrl(url: string): string {
  return withLogin(url, ':***').replace(PASSWORD_PARAMETER, '$1$2***');
}

/** The URL without its password, for keeping at rest: it has to be given again. Works on malformed URLs as well. */
export function withoutPassword(url: string): string {
  return withLogin(url, '')
    .replace(PASSWORD_PARAMETER, '$1')
    .replace(/([?&])&+/g, '$1')
    .replace(/[?&]+(?=#|$)/, '');
}

/** Puts something in the place of the password in the login, with its colon. */
function withLogin(url: string, password: string): string {
  const scheme = /^\s*[a-z0-9+.-]+:\/\//i.exec(url)?.[0];
  if (scheme === undefined) return url;
  const rest = url.slice(scheme.length);
  // A password that was not encoded may hold `/`, `?`, `#` and `@`: everything up to the last `@` is the login.
  const at = rest.lastIndexOf('@');
  const colon = rest.indexOf(':');
  if (at < 0 || colon < 0 || colon > at) return url;
  return scheme + rest.slice(0, colon) + password + rest.slice(at);
}

/** Replaces a password wherever it occurs in a text, such as a driver's error message. */
export function withoutSecret(text: string, { password }: { readonly password?: string }): string {
  if (password === undefined || password === '') return text;
  return text.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***');
}

/**
 * A table name as users write it: words joined by dots (`sessions`, `app.sessions`). Our own statements quote it, those
 * of a simulated `DBStore` put it in as it is, so nothing but words may pass.
 * @throws ProblemError `bad-table-name`
 */
export function checkTableName(name: string): string {
  const word = /^[\p{L}_][\p{L}\p{N}_$]{0,127}$/u;
  const parts = name.split('.');
  if (parts.length > 3 || !parts.every((part) => word.test(part))) {
    throw problem('bad-table-name', `${JSON.stringify(name)} is not a table name that can be used here`, {
      remedy: 'A table name is made of letters, digits and _, with a schema before a dot if need be: app.sessions',
    });
  }
  return name;
}

/** A query only counts when it has the form of one, so that a path may hold a question mark. */
export function splitQuery(rest: string): { place: string; query: URLSearchParams } {
  const mark = rest.lastIndexOf('?');
  if (mark < 0 || !/^\?(?:[a-z]+=|$)/i.test(rest.slice(mark))) return { place: rest, query: new URLSearchParams() };
  return { place: rest.slice(0, mark), query: new URLSearchParams(rest.slice(mark + 1)) };
}

export function encodePath(text: string): string {
  return text.replace(/[%?#\n\r]/g, (char) => encodeURIComponent(char));
}

/** Percent-decoding that leaves malformed escapes as text: paths are typed by people. */
export function decodeText(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** Why a text is no store URL, without its password. */
export function badUrl(url: string, why: string, remedy: string, cause?: unknown) {
  return problem('bad-store-url', `${JSON.stringify(maskStoreUrl(url))} is not a store URL: ${why}`, { remedy, cause });
}
