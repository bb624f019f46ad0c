import { parseUrl } from '../../../model/web-address.ts';
import { type PyDict, pyDict } from '../../../python/python-dict.ts';
import { PythonError } from '../../../python/python-error.ts';
import { addSetCookie } from './add-set-cookie.ts';
import { needContext, type WebContext } from './context.ts';
import { HTTPError } from './http-error.ts';

/** The functions of `web` that handlers call; each works on the request that is being handled. */

/** The rest of `setcookie`'s arguments by name. */
export interface CookieOptions {
  readonly expires?: unknown;
  readonly domain?: string | null;
  readonly secure?: boolean;
  readonly httponly?: boolean;
  readonly path?: string | null;
  readonly samesite?: string | null;
}

/**
 * `web.setcookie(name, value, expires="", domain=None, secure=False, httponly=False, path=None, samesite=None)`: adds one
 * Set-Cookie header. An int `expires` is seconds from now, negative for a date long past. Python's named arguments can be
 * given as one object: `setcookie('age', 25, { expires: 3600, secure: true })`.
 */
export function setcookie(
  name: string,
  value: unknown,
  expires: unknown = '',
  domain: string | null = null,
  secure: boolean = false,
  httponly: boolean = false,
  path: string | null = null,
  samesite: string | null = null,
): void {
  const named = isOptions(expires) ? expires : { expires, domain, secure, httponly, path, samesite };
  const context = needContext();
  addSetCookie(context, context.cookieForm, { name, value, ...named });
}

function isOptions(expires: unknown): expires is CookieOptions {
  return typeof expires === 'object' && expires !== null && Object.getPrototypeOf(expires) === Object.prototype;
}

/**
 * `web.cookies()`: the request's cookies, decoded: `cookies().get(name)`. Names that must be there and defaults as in
 * Python; a default that is a list makes the value a list.
 *
 * @throws PythonError StopIteration when a required name is missing; the status is then 400
 */
export function cookies(...wanted: readonly (string | Readonly<Record<string, unknown>>)[]): PyDict {
  const context = needContext();
  const found = pyDict([], 'storage');
  for (const [name, value] of context.cookies) found.set(name, value);
  for (const want of wanted) {
    if (typeof want === 'string') requireCookie(context, found, want);
    else for (const [name, fallback] of Object.entries(want)) fillIn(found, name, fallback);
  }
  return found;
}

function requireCookie(context: WebContext, found: PyDict, name: string): void {
  if (found.has(name)) return;
  context.apply(new HTTPError('400 Bad Request', { 'Content-Type': 'text/html' }, 'bad request'));
  throw new PythonError('StopIteration');
}

function fillIn(found: PyDict, name: string, fallback: unknown): void {
  if (!found.has(name)) found.set(name, fallback);
  else if (Array.isArray(fallback)) found.set(name, [found.get(name)]);
}

/** `web.input(name=default)`: values of the query and of a posted form; the last of a name counts. */
export function input(defaults: Readonly<Record<string, unknown>> = {}): PyDict {
  const context = needContext();
  const found = pyDict([], 'storage');
  for (const [name, value] of new URLSearchParams(context.query)) found.set(name, value);
  if (context.contentType.toLowerCase().startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(Buffer.from(context.body).toString('utf8'));
    for (const [name, value] of form) found.set(name, value);
  }
  for (const [name, fallback] of Object.entries(defaults)) fillIn(found, name, fallback);
  return found;
}

/** `web.header(name, value)`: adds a header to the answer. */
export function header(name: string, value: string): void {
  if (/[\r\n]/.test(name + value)) throw new PythonError('ValueError', 'invalid characters in header');
  needContext().headers.push([name, value]);
}

/** `web.ctx`: the request that is being handled. */
export const ctx: WebContext = new Proxy({} as WebContext, {
  get: (_, name) => {
    const context = needContext();
    const value: unknown = Reflect.get(context, name, context);
    return typeof value === 'function' ? value.bind(context) : value;
  },
  set: (_, name, value) => Reflect.set(needContext(), name, value, needContext()),
});

/** `raise web.seeother(url)`: a redirect with status 303; a path is taken within the application. */
export function seeother(url: string, absolute = false): HTTPError {
  return redirect(url, '303 See Other', absolute);
}

/** `raise web.redirect(url)`. */
export function redirect(url: string, status = '301 Moved Permanently', absolute = false): HTTPError {
  const context = needContext();
  let location = /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : joinPath(context.path, url);
  if (location.startsWith('/')) location = (absolute ? context.realhome : context.home) + location;
  return new HTTPError(status, { 'Content-Type': 'text/html', Location: location }, '');
}

function joinPath(base: string, relative: string): string {
  if (relative.startsWith('/')) return relative;
  const joined = parseUrl(relative, `http://base${base}`);
  if (joined === undefined) return relative;
  return joined.pathname + joined.search + joined.hash;
}
