import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { CdpPipe } from '../../core/browser/cdp-pipe.ts';
import { findBrowsers } from '../../core/browser/find-browsers.ts';

/** A real Chromium without a window, on a profile of its own, for comparing our rules with what it does. */
export interface RealChromium {
  readonly cdp: CdpPipe;
  /** E.g. `156.0.8078.114`. */
  readonly version: string;
  close(): Promise<void>;
}

/** A page in a context of its own: no cookies of another page, and its own proxy where one is given. */
export interface RealPage {
  readonly contextId: string;
  readonly sessionId: string;
  send<T>(method: string, params?: Record<string, unknown>): Promise<T>;
  /** Resolves when the page has loaded. */
  goTo(url: string): Promise<void>;
  /** The value of an expression, awaited. */
  evaluate<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}

export async function openPage({ cdp }: RealChromium, proxy?: { host: string; port: number }): Promise<RealPage> {
  const through =
    proxy === undefined ? {} : { proxyServer: `http://${proxy.host}:${proxy.port}`, proxyBypassList: '<-loopback>' };
  const { browserContextId } = await cdp.send<{ browserContextId: string }>('Target.createBrowserContext', through);
  const { targetId } = await cdp.send<{ targetId: string }>('Target.createTarget', {
    url: 'about:blank',
    browserContextId,
  });
  const { sessionId } = await cdp.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  const send = <T>(method: string, params: Record<string, unknown> = {}) => cdp.send<T>(method, params, sessionId);
  await send('Page.enable');
  return {
    contextId: browserContextId,
    sessionId,
    send,
    async goTo(url) {
      const loaded = new Promise<void>((resolve) => {
        const stop = cdp.onEvent((event) => {
          if (event.sessionId !== sessionId || event.method !== 'Page.loadEventFired') return;
          stop();
          resolve();
        });
      });
      const { errorText } = await send<{ errorText?: string }>('Page.navigate', { url });
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
      await loaded;
    },
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send<{
        result: { value: T };
        exceptionDetails?: { exception?: { description?: string } };
      }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'page failed');
      return result.value;
    },
    async close() {
      await cdp.send('Target.disposeBrowserContext', { browserContextId });
    },
  };
}

/** @param preferences merged into the profile's `Default/Preferences`, e.g. the third-party mode. */
export async function startChromium(
  options: { readonly args?: readonly string[]; readonly preferences?: Record<string, unknown> } = {},
): Promise<RealChromium> {
  const found = findBrowsers().find(({ family }) => family === 'chromium');
  if (found === undefined) throw new Error('there is no Chromium here');
  const profile = mkdtempSync(join(tmpdir(), 'sessionscope-chromium-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(options.preferences ?? {}));
  const child: ChildProcess = spawn(
    found.path,
    [
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
      '--headless=new',
      '--disable-gpu',
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LocalNetworkAccessChecks',
      ...(options.args ?? []),
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  const [, , , to, from] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const cdp = new CdpPipe(to, from);
  const { product } = await cdp.send<{ product: string }>('Browser.getVersion');
  return {
    cdp,
    version: product.replace(/^.*\//, ''),
    async close() {
      await cdp.send('Browser.close').catch(() => undefined);
      const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), 4000);
      await gone;
      clearTimeout(timer);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
