import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'];

/** The Chromium of this machine; undefined where there is none. */
export function chromiumPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(existsSync);
}

export interface TestBrowser {
  readonly context: BrowserContext;
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * A headless Chromium on a profile of its own, driven by Playwright; through a proxy where one is given. Certificates
 * are checked unless `spki` names a key that is accepted. `loopback: false` leaves loopback addresses out of the proxy, as
 * browsers do by themselves.
 */
export async function openTestBrowser(
  options: { proxyPort?: number; spki?: string; loopback?: boolean } = {},
): Promise<TestBrowser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('there is no Chromium on the PATH');
  const profile = await mkdtemp(path.join(tmpdir(), 'sessionscope-test-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--gaia-url=http://127.0.0.1:1',
      '--component-updater=url-source=http://127.0.0.1:1/',
      ...(options.proxyPort === undefined ? [] : [`--proxy-server=http://127.0.0.1:${options.proxyPort}`]),
      ...(options.loopback === false ? [] : ['--proxy-bypass-list=<-loopback>']),
      ...(options.spki === undefined ? [] : [`--ignore-certificate-errors-spki-list=${options.spki}`]),
    ],
  });
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
