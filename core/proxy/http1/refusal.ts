import { STATUS_CODES } from 'node:http';
import { HeadError } from './head-error.ts';

/** The complete answer to a request that could not be read or is not allowed; the connection ends with it. */
export function refusalText(error: Error): string {
  const status = error instanceof HeadError ? error.status : 500;
  const body = `Sessionscope: ${error.message}\n`;
  const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="sessionscope"\r\n' : '';
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nContent-Type: text/plain; charset=utf-8\r\n${challenge}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}
