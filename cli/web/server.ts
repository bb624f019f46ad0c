import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { CONTENT_SECURITY_POLICY } from '../../core/bridge/content-security-policy.ts';
import { answer } from '../../core/bridge/wire.ts';
import type { Engine } from '../../core/engine/engine.ts';

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
/** Larger than any edit that a person makes, small enough that nobody fills the memory with it. */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
/** A tab that stops reading loses its stream at this backlog and starts again with `reset`. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

/**
 * The web transport of the bridge and the files of the window, on loopback only. Every call needs the random token of
 * the printed address; a foreign `Host` (DNS rebinding) or `Origin` (another page) is refused.
 */
export async function serveWeb(options: { engine: Engine; folder: string; port: number }): Promise<WebServer> {
  const token = randomBytes(24).toString('base64url');
  const streams = new Set<http.ServerResponse>();
  let hosts: ReadonlySet<string> = new Set();

  const server = http.createServer((request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    if (!hosts.has(request.headers.host?.toLowerCase() ?? '')) return refuse(response, 403, 'foreign Host');
    const origin = request.headers.origin;
    if (origin !== undefined && !hosts.has(origin.replace(/^http:\/\//, '')))
      return refuse(response, 403, 'foreign Origin');
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/api/')) return void sendFile(options.folder, url.pathname, request, response);
    if (!sameToken(request.headers['x-sessionscope-token'], token))
      return refuse(response, 401, 'missing or wrong token');
    const method = url.pathname.slice('/api/'.length);
    if (method === 'events' && request.method === 'GET') return stream(response);
    if (request.method !== 'POST') return refuse(response, 405, 'POST only');
    // Another page cannot send this type without asking first, which is refused.
    if (request.headers['content-type'] !== 'application/json') return refuse(response, 415, 'application/json only');
    return void call(method, request, response);
  });

  async function call(method: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_REQUEST_BYTES) {
        refuse(response, 413, 'request too large');
        return;
      }
      chunks.push(chunk);
    }
    let body: unknown;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      refuse(response, 400, 'not JSON');
      return;
    }
    const reply = JSON.stringify(await answer(options.engine.handlers, method, body));
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
  hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return {
    address: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    token,
    async close() {
      stop();
      for (const response of streams) response.destroy();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

async function sendFile(
  folder: string,
  pathname: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'GET only');
  let asked: string;
  try {
    asked = decodeURIComponent(pathname === '/' ? '/index.html' : pathname);
  } catch {
    return refuse(response, 400, 'bad path');
  }
  const file = path.normalize(path.join(folder, asked));
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
