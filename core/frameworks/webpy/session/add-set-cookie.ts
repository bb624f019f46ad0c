import { formatSetCookie, HeaderError, type SetCookieForm } from '../../../cookies/set-cookie.ts';
import { CookieError } from '../../../cookies/simple-cookie.ts';
import { PythonError } from '../../../python/python-error.ts';
import { truthy, typeName } from '../../../python/python-operations.ts';
import { pythonStr } from '../../../python/python-text.ts';
import type { WebContext } from './context.ts';

/** Arguments of `web.setcookie` before Python's conversions: any value may stand anywhere. */
export interface LooseCookie {
  readonly name: unknown;
  readonly value: unknown;
  readonly expires?: unknown;
  readonly domain?: unknown;
  readonly secure?: unknown;
  readonly httponly?: unknown;
  readonly path?: unknown;
  readonly samesite?: unknown;
}

/**
 * Adds one Set-Cookie header to the answer, as `web.setcookie` does.
 *
 * @throws PythonError `http.cookies.CookieError`, ValueError, AttributeError or OverflowError, as Python raises
 */
export function addSetCookie(context: WebContext, form: SetCookieForm, cookie: LooseCookie): void {
  context.headers.push(['Set-Cookie', setCookieValue(cookie, context.homepath, context.clock(), form)]);
}

/** The value of that header. `now` in milliseconds since 1970. */
export function setCookieValue(cookie: LooseCookie, homepath: string, now: number, form: SetCookieForm): string {
  const samesite = cookie.samesite;
  if (truthy(samesite) && typeof samesite !== 'string') {
    throw new PythonError('AttributeError', `'${typeName(samesite)}' object has no attribute 'lower'`);
  }
  const call = {
    name: pythonStr(cookie.name),
    value: pythonStr(cookie.value),
    expires: expiresOf(cookie.expires ?? (cookie.expires === null ? null : '')),
    domain: truthy(cookie.domain) ? pythonStr(cookie.domain) : null,
    secure: truthy(cookie.secure),
    httponly: truthy(cookie.httponly),
    path: truthy(cookie.path) ? pythonStr(cookie.path) : null,
    samesite: typeof samesite === 'string' ? samesite : null,
  };
  try {
    return formatSetCookie(call, homepath, now, form);
  } catch (error) {
    throw asPythonError(error);
  }
}

/** Ints are seconds; everything else is printed. */
function expiresOf(expires: unknown): number | string {
  if (typeof expires === 'boolean' || typeof expires === 'bigint') return Number(expires);
  if (typeof expires === 'number' && Number.isInteger(expires) && !Object.is(expires, -0)) return expires;
  return pythonStr(expires);
}

function asPythonError(error: unknown): unknown {
  if (error instanceof CookieError) return new PythonError('http.cookies.CookieError', error.message, { cause: error });
  if (error instanceof URIError) {
    return new PythonError('UnicodeEncodeError', "'utf-8' codec can't encode: surrogates not allowed", {
      cause: error,
    });
  }
  if (!(error instanceof RangeError)) return error;
  const name = error instanceof HeaderError ? 'ValueError' : 'OverflowError';
  return new PythonError(name, error.message, { cause: error });
}
