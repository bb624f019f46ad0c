import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { CONTENT_SECURITY_POLICY } from '../../core/bridge/content-security-policy.ts';
import { answer, type Reply } from '../../core/bridge/wire.ts';
import type { Engine } from '../../core/engine/engine.ts';
import { toProblem } from '../../core/model/problem.ts';
import { percentDecoded } from '../../core/model/web-address.ts';
import { declareOwnService } from '../../core/proxy/private-access/own-services.ts';

export interface WebServer {
  /** The address to open, token included. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
/** Larger than any edit that a user makes, small enough that nobody fills the memory with it. */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
/** A tab that stops reading loses its stream at this backlog and starts again with `reset`. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

/**
 * The web transport of the bridge and the files of the window, on loopback only. Every call needs the random token of
 * the printed address; a foreign `Host` (DNS rebinding) or `Origin` (another page) is refused.
 */
export async function serveWeb(options: {
  /** Of it the transport needs only these two. */
  readonly engine: Pick<Engine, 'handlers' | 'subscribe'>;
  readonly folder: string;
  readonly port: number;
  /** For what failed inside. */
  readonly log?: (line: string) => void;
}): Promise<WebServer> {
  const token = randomBytes(24).toString('base64url');
  const streams = new Set<http.ServerResponse>();
  let hosts: ReadonlySet<string> = new Set();

  const server = http.createServer((request, response) => {
    // Whoever goes away in the middle ends this exchange and nothing else.
    request.on('error', () => response.destroy());
    response.on('error', () => response.destroy());
    respond(request, response).catch((error: unknown) => {
      if (request.aborted || response.destroyed) return;
      options.log?.(`web mode: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'internal error');
    });
  });
  // What is no HTTP at all.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });

  async function respond(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    if (!hosts.has(request.headers.host?.toLowerCase() ?? '')) return refuse(response, 403, 'foreign Host');
    const origin = request.headers.origin;
    if (origin !== undefined && !hosts.has(origin.replace(/^http:\/\//, '')))
      return refuse(response, 403, 'foreign Origin');
    const pathname = pathOf(request.url);
    if (pathname === undefined) return refuse(response, 400, 'malformed request target');
    if (!pathname.startsWith('/api/')) return sendFile(options.folder, pathname, request, response);
    if (!sameToken(request.headers['x-sessionscope-token'], token))
      return refuse(response, 401, 'missing or wrong token');
    const method = pathname.slice('/api/'.length);
    if (method === 'events' && request.method === 'GET') return stream(response);
    if (request.method !== 'POST') return refuse(response, 405, 'POST only');
    // Another page cannot send this type without asking first, which is refused.
    if (request.headers['content-type'] !== 'application/json') return refuse(response, 415, 'application/json only');
    return call(method, request, response);
  }

  async function call(method: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const text = await textOf(request);
    if (text === 'cut off') return void response.destroy();
    if (text === 'too large') return refuse(response, 413, 'request too large');
    let body: unknown;
    try {
      body = JSON.parse(text.text);
    } catch {
      return refuse(response, 400, 'not JSON');
    }
    const reply = replyText(await answer(options.engine.handlers, method, body));
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(reply);
  }

  function stream(response: http.ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    response.write('\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  const stop = options.engine.subscribe((name, event) => {
    if (streams.size === 0) return;
    const line = `${JSON.stringify({ name, event })}\n`;
    for (const response of streams) {
      if (response.writableLength > MAX_BACKLOG_BYTES) response.destroy();
      else response.write(line);
    }
  });

  const port = await listen(server, options.port);
  // An accept that fails (no file descriptors left) is over with that connection.
  server.on('error', (error) => options.log?.(`web mode: ${error.message}`));
  // Through the proxy, too, only the page's own origin comes here.
  const undeclare = declareOwnService(port);
  hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return {
    address: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    token,
    async close() {
      undeclare();
      stop();
      for (const response of streams) response.destroy();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** The path of a request target in origin-form, decoded; undefined for a target that is none. */
function pathOf(target: string | undefined): string | undefined {
  if (target === undefined || !target.startsWith('/') || target.startsWith('//')) return undefined;
  const path = percentDecoded(target.replace(/[?#].*$/s, ''));
  return path === undefined || /[\0\\]/.test(path) ? undefined : path;
}

/** The body of a request; `cut off` when its sender went away before the end. */
async function textOf(request: http.IncomingMessage): Promise<{ text: string } | 'too large' | 'cut off'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
      // The answer must reach the sender: what is left of the body is read and dropped, within reason.
      else if (size > 4 * MAX_REQUEST_BYTES) return 'cut off';
      else chunks.length = 0;
    }
  } catch {
    return 'cut off';
  }
  return size > MAX_REQUEST_BYTES ? 'too large' : { text: Buffer.concat(chunks).toString('utf8') };
}

/** A reply as text; what cannot be written as JSON (it is too long for one text) is answered with the reason. */
function replyText(reply: Reply<unknown>): string {
  try {
    return JSON.stringify(reply);
  } catch (error) {
    const message = `The answer cannot be sent: ${toProblem(error).message}`;
    return JSON.stringify({ ok: false, problem: { kind: 'too-large', message } } satisfies Reply<never>);
  }
}

async function sendFile(
  folder: string,
  pathname: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'GET only');
  const file = path.normalize(path.join(folder, pathname === '/' ? '/index.html' : pathname));
  const body = file.startsWith(folder + path.sep) ? await readFile(file).catch(() => undefined) : undefined;
  if (body === undefined) return refuse(response, 404, 'not found');
  response.writeHead(200, {
    'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Content-Length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refuse(response: http.ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' }).end(`${why}\n`);
}

function sameToken(given: string | string[] | undefined, token: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Listens on the wished port of 127.0.0.1, or on a free one when it is taken. */
async function listen(server: http.Server, wished: number): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((done, fail) => {
      server.once('error', fail);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', fail);
        const address = server.address();
        done(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  return attempt(wished).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    return attempt(0);
  });
}
