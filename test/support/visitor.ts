import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** A visitor of the application: a real Chromium through the proxy, with a cookie jar of their own. */
export interface Visitor {
  readonly page: Page;
  /** Goes to an address and gives the text of the page. */
  text(url: string): Promise<string>;
  /** Sends a form without fields from the page that is open. */
  post(url: string): Promise<string>;
  /** The value of a cookie as the browser holds it. */
  cookie(name: string, url: string): Promise<string>;
  /** Somebody else, in the same browser. */
  another(): Promise<Visitor>;
  /** Ends the browser, everybody's. */
  close(): Promise<void>;
}

/** Opens a headless Chromium whose every request, loopback too, goes through the proxy at `http://host:port`. */
export async function openVisitor(proxy: string): Promise<Visitor> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    proxy: { server: proxy, bypass: '<-loopback>' },
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return visitorIn(browser, await browser.newContext());
}

async function visitorIn(browser: Browser, context: BrowserContext): Promise<Visitor> {
  const page = await context.newPage();
  return {
    page,
    async text(url) {
      const response = await page.goto(url);
      return (await response?.text()) ?? '';
    },
    async post(url) {
      return page.evaluate(async (target) => (await fetch(target, { method: 'POST' })).text(), url);
    },
    async cookie(name, url) {
      const found = (await context.cookies(url)).find((cookie) => cookie.name === name);
      if (found === undefined) throw new Error(`the browser holds no cookie ${name} for ${url}`);
      return found.value;
    },
    another: async () => visitorIn(browser, await browser.newContext()),
    close: () => browser.close(),
  };
}
