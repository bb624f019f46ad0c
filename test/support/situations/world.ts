import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { Diagnosis } from '../../../core/model/diagnosis.ts';

/*
 * Real situations in which sessions end: a real Chromium goes through the real proxy to servers that run here. Names such
 * as shop.test are answered by an upstream proxy that knows which of the servers is meant.
 */

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** In the order of the header; a name may come twice. */
  readonly cookies: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  cookie(name: string): string | undefined;
}

export interface Replied {
  readonly status?: number;
  readonly set?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Breaks the connection off in the middle of the answer. */
  readonly cut?: boolean;
}

export type Application = (asked: Asked) => Replied | Promise<Replied>;

export const LOGIN_PAGE =
  '<!doctype html><title>Log in</title><form method="post" action="/login"><input name="user"><input type="password" name="password"><button>Log in</button></form>';
export const page = (text: string): string =>
  `<!doctype html><title>Shop</title><h1>${text}</h1><p>Orders, addresses, invoices.</p>`;

/** One profile of a browser. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;

  constructor(context: BrowserContext, shown: Page) {
    this.context = context;
    this.page = shown;
  }

  /** Opens an address as if it was typed. Gives the text of the page; empty where there was none. */
  async go(url: string): Promise<string> {
    await this.page.goto(url).catch(() => undefined);
    return this.page.content().catch(() => '');
  }

  /** Sends a form from the page that is open. */
  async post(url: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await Promise.all([
      this.page.waitForNavigation().catch(() => undefined),
      this.page.evaluate(
        ({ action, values }) => {
          const form = document.createElement('form');
          form.method = 'post';
          form.action = action;
          for (const [name, value] of Object.entries(values)) {
            const field = document.createElement('input');
            Object.assign(field, { name, value, type: 'hidden' });
            form.append(field);
          }
          document.body.append(form);
          form.submit();
        },
        { action: url, values: fields },
      ),
    ]);
  }

  /** Follows a link on the page that is open, as a click does. */
  async follow(url: string): Promise<void> {
    await Promise.all([
      this.page.waitForNavigation().catch(() => undefined),
      this.page.evaluate((href) => {
        const link = document.createElement('a');
        link.href = href;
        document.body.append(link);
        link.click();
      }, url),
    ]);
  }

  /** A request of a script of the page. */
  async fetch(url: string, options: RequestInit = {}): Promise<number> {
    return this.page.evaluate(
      ([address, init]) =>
        fetch(address as string, init as RequestInit).then(
          ({ status }) => status,
          () => 0,
        ),
      [url, options] as const,
    );
  }
}

/** The engine with its proxy, servers by name, and a Chromium. */
export class World {
  readonly engine: Engine;
  readonly folder: string;
  readonly #browser: Browser;
  readonly #proxyPort: number;
  readonly #sites: Map<string, Application | { readonly port: number }>;
  readonly #ends: (() => Promise<unknown> | unknown)[] = [];

  private constructor(
    engine: Engine,
    folder: string,
    browser: Browser,
    proxyPort: number,
    sites: Map<string, Application | { readonly port: number }>,
  ) {
    this.engine = engine;
    this.folder = folder;
    this.#browser = browser;
    this.#proxyPort = proxyPort;
    this.#sites = sites;
  }

  static async open(browser: Browser): Promise<World> {
    const folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-situation-'));
    const engine = await createEngine({ mode: 'web', version: '0', dataFolder: path.join(folder, 'data') });
    const sites = new Map<string, Application | { readonly port: number }>();
    const upstream = http.createServer((request, response) => {
      // Absolute, as to every proxy.
      const { host, pathname, search } = new URL(request.url ?? '', 'http://nowhere.test');
      const site = sites.get(host);
      if (site === undefined) response.writeHead(404).end('no such site');
      else if (typeof site === 'function') void reply(site, request, response, pathname + search);
      else forward(site.port, request, response, pathname + search);
    });
    const port = await listen(upstream);
    await engine.handlers['proxy.settings.set']({ upstream: { address: `http://127.0.0.1:${port}` }, bypass: [] });
    const { proxy } = await engine.handlers['app.info']({});
    const world = new World(engine, folder, browser, proxy.port, sites);
    world.after(() => {
      upstream.closeAllConnections();
      upstream.close();
    });
    return world;
  }

  /** A site by its name (`shop.test`, `shop.test:8080`), answered here. Gives its origin. */
  site(host: string, application: Application): string {
    this.#sites.set(host, application);
    return `http://${host}`;
  }

  /** A site that a server on a port of this computer answers, with the Host of the request. */
  server(host: string, port: number): string {
    this.#sites.set(host, { port });
    return `http://${host}`;
  }

  /** A server on a free port of 127.0.0.1, for what stands in between. */
  async behind(application: Application): Promise<number> {
    const server = http.createServer(
      (request, response) => void reply(application, request, response, request.url ?? '/'),
    );
    const port = await listen(server);
    this.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return port;
  }

  async visitor(options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.#browser.newContext({
      proxy: { server: `http://127.0.0.1:${this.#proxyPort}`, bypass: '<-loopback>' },
      ...options,
    });
    this.after(() => context.close());
    return new Visitor(context, await context.newPage());
  }

  /** Called at the end, last first. */
  after(end: () => Promise<unknown> | unknown): void {
    this.#ends.push(end);
  }

  /**
   * Why a session ended. `value`: its cookie value where it has several sessions; waits until a loss shows, or gives
   * what there is after a while.
   */
  async why(cookie: string, value?: string): Promise<Diagnosis> {
    const end = performance.now() + 4_000;
    for (;;) {
      const { sessions } = await this.engine.handlers['sessions.list']({ filter: 'is:candidate OR is:session' }).catch(
        () => this.engine.handlers['sessions.list']({}),
      );
      const mine = sessions
        .filter(
          ({ carrier, id }) =>
            carrier.kind === 'cookie' && carrier.name === cookie && (value === undefined || id === value),
        )
        .toSorted((a, b) => a.firstSeen - b.firstSeen);
      for (const { key } of mine.slice(0, 1)) {
        const diagnosis = await this.engine.handlers['session.why']({ key });
        if (diagnosis.loss !== null || performance.now() > end) return diagnosis;
      }
      if (performance.now() > end) {
        return { loss: null, answer: `no session ${cookie} is known`, causes: [], alarms: [] };
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Why the newest page of a site asked for a login or was refused, as *Why?* at a request says. */
  async whyLast(origin: string): Promise<Diagnosis> {
    const { flows } = await this.engine.handlers['flows.list']({ limit: 50 });
    const pages = flows.filter(
      ({ url, status }) => url.startsWith(origin) && !url.endsWith('.ico') && status !== undefined,
    );
    // A page that only shows the form comes after the one that sent the browser there.
    const flow = pages.find(({ url, method }) => !(method === 'GET' && url.endsWith('/login'))) ?? pages[0];
    return this.engine.handlers['flow.why']({ id: flow?.id ?? '' });
  }

  async close(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
    await this.engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A Chromium for any number of situations. */
export async function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
}

export async function listen(server: http.Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

async function reply(
  application: Application,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  place: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const cookies = (request.headers.cookie ?? '')
    .split('; ')
    .filter((one) => one.includes('='))
    .map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const);
  const {
    status = 200,
    set = [],
    headers = {},
    body = '',
    cut,
  } = await application({
    method: request.method ?? 'GET',
    path: place,
    headers: request.headers,
    cookies,
    body: Buffer.concat(chunks).toString(),
    cookie: (name) => cookies.find(([one]) => one === name)?.[1],
  });
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    ...headers,
    ...(set.length === 0 ? {} : { 'Set-Cookie': [...set] }),
    ...(cut === true ? { 'Content-Length': String(body.length + 1_000) } : {}),
  });
  if (cut === true) {
    response.write(body, () => response.socket?.destroy());
    return;
  }
  response.end(body);
}

function forward(port: number, request: http.IncomingMessage, response: http.ServerResponse, place: string): void {
  const onward = http.request(
    { host: '127.0.0.1', port, path: place, method: request.method, headers: request.headers, setHost: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.writeHead(502).end());
  request.pipe(onward);
}
