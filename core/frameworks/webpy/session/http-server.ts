import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpDate } from '../../../cookies/set-cookie.ts';
import { problem } from '../../../model/problem.ts';
import type { Application } from './application.ts';
import type { AppRequest, AppResponse } from './context.ts';

/** Longest request body that is read. */
const MAX_BODY = 10 * 1024 * 1024;

/** A server that `serve` started. */
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
  const answers = new Answers(app);
  return (request, response) => {
    answer(app, answers, request, response).catch((error: unknown) => answers.failed(error, response));
  };
}

async function answer(
  app: Application,
  answers: Answers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fields = readFields(request.rawHeaders);
  const body = fields.hasBody ? await readBody(request) : undefined;
  if (body === null) {
    response.writeHead(413, { Connection: 'close' }).end('request body too large');
    return;
  }
  answers.add({ request, response, answer: await app.respond(requestOf(request, fields, body)) });
}

interface Answered {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: AppResponse;
}

/**
 * Answers of one turn of the event loop go out at its end, one after the other: each send wakes its receiver, which on a
 * busy machine costs more than the rest of the request when it happens between two requests.
 */
class Answers {
  readonly #app: Application;
  #waiting: Answered[] = [];

  constructor(app: Application) {
    this.#app = app;
  }

  add(answered: Answered): void {
    if (this.#waiting.push(answered) === 1) setImmediate(() => this.#sendAll());
  }

  failed(error: unknown, response: ServerResponse): void {
    this.#app.onError(error);
    cutOff(response);
  }

  #sendAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const answered of all) {
      try {
        send(this.#app, answered)?.catch((error: unknown) => this.failed(error, answered.response));
      } catch (error) {
        this.failed(error, answered.response);
      }
    }
  }
}

/** What the application needs of the header fields. */
interface Fields {
  host: string | undefined;
  contentType: string | undefined;
  cookie: string | undefined;
  hasBody: boolean;
}

/** Of several Cookie headers the last counts, as in web.py's server; of the others the first, as Node has them. */
function readFields(raw: readonly string[]): Fields {
  const fields: Fields = { host: undefined, contentType: undefined, cookie: undefined, hasBody: false };
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const value = raw[at + 1] as string;
    switch ((raw[at] as string).toLowerCase()) {
      case 'host':
        fields.host ??= value;
        break;
      case 'content-type':
        fields.contentType ??= value;
        break;
      case 'cookie':
        fields.cookie = value;
        break;
      case 'transfer-encoding':
        fields.hasBody = true;
        break;
      case 'content-length':
        fields.hasBody ||= Number(value) > 0;
        break;
    }
  }
  return fields;
}

function requestOf(request: IncomingMessage, fields: Fields, body: Uint8Array | undefined): AppRequest {
  const address = request.socket.remoteAddress ?? null;
  const asked = {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    cookieHeader: fields.cookie,
    remoteAddr: address?.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address,
    host: fields.host,
    contentType: fields.contentType,
  };
  return body === undefined ? asked : { ...asked, body };
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

/** Longest body that is sent together with its head, as one text. */
const SMALL = 16 * 1024;

/** Sends an answer; a promise where the body comes in parts. */
function send(app: Application, { request, response, answer }: Answered): Promise<void> | undefined {
  const { status, whole } = answer;
  const space = status.indexOf(' ');
  const head: string[] = [];
  let chunked = request.method !== 'HEAD' && request.httpVersionMinor !== 0;
  for (const [name, value] of answer.headers) {
    head.push(name, value);
    if (name.length === 14 && name.toLowerCase() === 'content-length') chunked = false;
  }
  if (request.method === 'HEAD') head.push('Connection', 'close');
  else {
    if (chunked) head.push('Transfer-Encoding', 'chunked');
    // Node would announce keep-alive, which HTTP/1.1 has anyway.
    response.removeHeader('Connection');
  }
  head.push('Date', dateText(app.config.clock()), 'Server', 'localhost');
  response.sendDate = false;
  response.writeHead(Number(status.slice(0, space)), status.slice(space + 1), head);
  // A poisoned thread of web.py breaks off after the body, without the end of the chunked coding.
  const poisoned = answer.reports.some((report) => report.poisonsThread);
  if (whole === undefined || poisoned || whole.length > SMALL) return sendParts(response, answer, poisoned);
  if (!chunked || !response.chunkedEncoding || whole.length === 0) response.end(whole);
  else {
    // The chunks are written here, so that Node sends one text instead of gathering five pieces.
    response.chunkedEncoding = false;
    const text = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('latin1');
    response.end(`${whole.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`, 'latin1');
  }
  return undefined;
}

async function sendParts(response: ServerResponse, answer: AppResponse, poisoned: boolean): Promise<void> {
  for await (const part of answer.body) {
    if (part.length > 0 && !response.write(part)) await drained(response);
  }
  if (poisoned) cutOff(response);
  else response.end();
}

let dateSecond = Number.NaN;
let dateOfSecond = '';

/** `httpDate`, made once a second. */
function dateText(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== dateSecond) {
    dateOfSecond = httpDate(milliseconds);
    dateSecond = second;
  }
  return dateOfSecond;
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
