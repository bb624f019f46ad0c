import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { CONTENT_SECURITY_POLICY } from '../../../core/bridge/content-security-policy.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const config = fileURLToPath(new URL('../../../renderer/vite.config.ts', import.meta.url));

/** The built window behind a static server with the product's policy, and a Chromium to look at it. */
export interface TestWindow {
  readonly origin: string;
  readonly browser: Browser;
  /** A page on the fake engine. What the console or the page complains about is kept in `complaints`. */
  open(
    scenario: string,
    options?: BrowserContextOptions & { settings?: unknown },
  ): Promise<{ page: Page; complaints: string[] }>;
  /** Closes every page that was opened, so that each test starts alone. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

/** Builds the window into `outDir` and serves it. `api` answers under `/api/` where a test plays the engine. */
export async function startWindow(
  outDir: string,
  executablePath: string,
  api?: Parameters<typeof createServer>[1],
): Promise<TestWindow> {
  await build({
    configFile: config,
    logLevel: 'error',
    define: { __WITH_FAKE_ENGINE__: 'true' },
    build: { outDir, emptyOutDir: true },
  });
  const server: Server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (pathname.startsWith('/api/')) {
      if (api === undefined) response.writeHead(404).end();
      else api(request, response);
      return;
    }
    const file = join(outDir, normalize(pathname === '/' ? '/index.html' : pathname));
    try {
      const body = await readFile(file);
      response.writeHead(200, {
        'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      });
      response.end(body);
    } catch {
      response.writeHead(404, { 'Content-Security-Policy': CONTENT_SECURITY_POLICY }).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  return {
    origin,
    browser,
    async open(scenario, options = {}) {
      const { settings, ...contextOptions } = options;
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-US',
        reducedMotion: 'reduce',
        ...contextOptions,
      });
      if (settings !== undefined) {
        await context.addInitScript((value) => {
          if (localStorage.getItem('sessionscope-settings') === null) {
            localStorage.setItem('sessionscope-settings', value);
          }
        }, JSON.stringify(settings));
      }
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(`${origin}/?fake=${scenario}`);
      await page.getByTestId('recording').waitFor();
      return { page, complaints };
    },
    async closePages() {
      for (const context of browser.contexts()) await context.close();
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The Chromium of this machine. */
export function chromiumPath(): string {
  return existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : '/usr/bin/google-chrome';
}
