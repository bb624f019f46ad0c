import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { httpDate } from '../cookies/set-cookie.ts';
import { problem } from '../model/problem.ts';
import type { Application } from './application.ts';
import type { AppRequest, AppResponse } from './context.ts';

/** Longest request body that is read. */
const MAX_BODY = 10 * 1024 * 1024;

export interface RunningServer {
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves an application on Node's `http`, as web.py's built-in server answers (section 11). Loopback unless told. */
export async function serve(app: Application, options: { host?: string; port?: number } = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0 } = options;
  const server = createServer(listener(app));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(startProblem(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    close: () => close(server),
  };
}

function startProblem(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error;
  const why = error.code === 'EACCES' ? 'must not be used by this account' : 'is in use';
  return problem('port-unavailable', `Port ${port} ${why}`, {
    remedy: 'Choose another port, or 0 for any free one',
    where: `${host}:${port}`,
    cause: error,
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** An application as a listener of Node's `http`, for servers that somebody else made. */
export function listener(app: Application): RequestListener {
  return (request, response) => {
    answer(app, request, response).catch((error: unknown) => {
      app.onError(error);
      cutOff(response);
    });
  };
}

async function answer(app: Application, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = hasBody(request) ? await readBody(request) : undefined;
  if (body === null) {
    response.writeHead(413, { Connection: 'close' }).end('request body too large');
    return;
  }
  const result = await app.respond(requestOf(request, body));
  // Answers of one turn go out one after the other: each send wakes its receiver, which on a busy machine costs more
  // than the rest of the request when it happens between two requests.
  await nextTurn();
  await send(app, request, response, result);
}

/** Of several Cookie headers the last counts, as in web.py's server. */
function requestOf(request: IncomingMessage, body: Uint8Array | undefined): AppRequest {
  const address = request.socket.remoteAddress ?? null;
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    cookieHeader: lastHeader(request.rawHeaders, 'cookie'),
    remoteAddr: address?.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address,
    host: request.headers.host,
    ...(body === undefined ? {} : { body }),
    contentType: request.headers['content-type'],
  };
}

function lastHeader(raw: readonly string[], name: string): string | undefined {
  for (let at = raw.length - 2; at >= 0; at -= 2) if (raw[at]?.toLowerCase() === name) return raw[at + 1];
  return undefined;
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function send(
  app: Application,
  request: IncomingMessage,
  response: ServerResponse,
  answer: AppResponse,
): Promise<void> {
  const space = answer.status.indexOf(' ');
  const head: string[] = answer.headers.flat();
  const isHead = request.method === 'HEAD';
  const chunked =
    !isHead && request.httpVersion !== '1.0' && !answer.headers.some(([name]) => /^content-length$/i.test(name));
  if (isHead) head.push('Connection', 'close');
  else {
    if (chunked) head.push('Transfer-Encoding', 'chunked');
    // Node would announce keep-alive, which HTTP/1.1 has anyway.
    response.removeHeader('Connection');
  }
  head.push('Date', httpDate(app.config.clock()), 'Server', 'localhost');
  response.sendDate = false;
  response.writeHead(Number(answer.status.slice(0, space)), answer.status.slice(space + 1), head);
  for await (const part of answer.body) {
    if (part.length > 0 && !response.write(part)) await drained(response);
  }
  // A poisoned thread of web.py breaks off after the body, without the end of the chunked coding.
  if (answer.reports.some((report) => report.poisonsThread)) cutOff(response);
  else response.end();
}

/** Ends the connection after what was written, without the end of the chunked coding, so that the visitor notices. */
function cutOff(response: ServerResponse): void {
  // Node gathers what is written in one turn and sends it at its end.
  setImmediate(() => response.socket?.end(() => response.destroy()));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}
