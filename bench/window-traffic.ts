import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Traffic for the bench of the window, in a process of its own: an application with sessions on loopback and its
 * visitors, who come through the proxy. Told over IPC how many requests to send, at which rate.
 */

export interface TrafficAsk {
  readonly proxy: { readonly host: string; readonly port: number };
  readonly requests: number;
  readonly sessions: number;
  /** Requests a second; as many as go when absent. */
  readonly rate?: number;
}

export interface TrafficDone {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
}

const PATHS = ['/', '/cart', '/products/17', '/account', '/api/items?page=2', '/search?q=shoes', '/static/app.css'];
const AT_ONCE = 24;

const site = http.createServer((request, response) => {
  response.setHeader('Content-Type', request.url?.endsWith('.css') === true ? 'text/css' : 'text/html');
  if (request.url === '/' && request.headers.cookie !== undefined) {
    response.setHeader('Set-Cookie', `${request.headers.cookie}; HttpOnly; Path=/; Max-Age=86400`);
  }
  response.statusCode = request.url === '/account' ? 303 : 200;
  response.end(`<h1>${request.url}</h1>`);
});
site.listen(0, '127.0.0.1', () => process.send?.('ready'));

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
let sent = 0;

function one({ proxy, sessions }: TrafficAsk): Promise<boolean> {
  const n = sent++;
  const session = n % sessions;
  const id = createHash('sha1').update(String(session)).digest('hex');
  const { port } = site.address() as AddressInfo;
  const target = `http://shop${session % 20}.localhost:${port}${PATHS[n % PATHS.length]}`;
  return new Promise((done) => {
    http
      .get(
        {
          agent,
          host: proxy.host,
          port: proxy.port,
          path: target,
          headers: { Host: new URL(target).host, Cookie: `sid=${id}`, Accept: 'text/html,*/*;q=0.8' },
        },
        (response) => response.resume().on('end', () => done((response.statusCode ?? 500) < 500)),
      )
      .on('error', () => done(false));
  });
}

process.on('message', async (ask: TrafficAsk) => {
  const start = performance.now();
  let begun = 0;
  let failed = 0;
  const visitor = async () => {
    while (begun < ask.requests) {
      const due = ask.rate === undefined ? 0 : start + (begun * 1_000) / ask.rate - performance.now();
      begun += 1;
      if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
      if (!(await one(ask))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visitor));
  const done: TrafficDone = { requests: begun, failed, seconds: (performance.now() - start) / 1_000 };
  process.send?.(done);
});
