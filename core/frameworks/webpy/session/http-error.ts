import { PythonError } from '../../../python/python-error.ts';

/**
 * web.py's `HTTPError`: ends the request with a status, headers that are added to those already set, and a body. It is
 * thrown by handlers; `currentHeader` and status are applied when the application catches it.
 */
export class HTTPError extends Error {
  readonly status: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly data: unknown;

  constructor(status: string, headers: Readonly<Record<string, string>> = {}, data: unknown = '') {
    super(status);
    this.name = 'HTTPError';
    this.status = status;
    this.headers = Object.entries(headers);
    this.data = data;
  }
}

/** The answer to a session that expired or came from another address: `200 OK` with `expired_message`. */
export class SessionExpired extends HTTPError {
  constructor(message: unknown) {
    super('200 OK', {}, message);
    this.name = 'SessionExpired';
  }
}

const NOT_FOUND = { 'Content-Type': 'text/html; charset=utf-8' };
const HTML = { 'Content-Type': 'text/html' };

/** `404 Not Found`. */
export function notfound(message: unknown = 'not found'): HTTPError {
  return new HTTPError('404 Not Found', NOT_FOUND, message);
}

/** `405 Method Not Allowed`, with what the page's class has. */
export function nomethod(allowed: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']): HTTPError {
  return new HTTPError('405 Method Not Allowed', { ...HTML, Allow: allowed.join(', ') }, 'method not allowed');
}

/** `500 Internal Server Error`. */
export function internalerror(message: unknown = 'internal server error'): HTTPError {
  return new HTTPError('500 Internal Server Error', HTML, message);
}

/** An error of a missing name on the session, as Python words it. */
export function noAttribute(name: string): PythonError {
  return new PythonError('AttributeError', `'ThreadedDict' object has no attribute '${name}'`);
}
