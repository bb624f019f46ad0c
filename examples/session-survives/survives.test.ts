import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
// In a project of your own: from 'sessionscope/test'.
import {
  openSessionscope,
  type SessionMatchers,
  type Sessionscope,
  sessionMatchers,
} from '../../core/testing/index.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends SessionMatchers {}
}
expect.extend(sessionMatchers);

let folder: string;
let scope: Sessionscope;
let browser: Browser;
let origin: string;
let app: ReturnType<typeof spawn>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'shop-'));
  app = spawn(process.execPath, [path.join(import.meta.dirname, 'app.mjs')], {
    env: { ...process.env, SESSIONS: path.join(folder, 'sessions') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: app.stdout as NodeJS.ReadableStream });
  origin = await new Promise<string>((resolve) => lines.once('line', resolve));
  scope = await openSessionscope({ store: `disk:${path.join(folder, 'sessions')}?as=session-file-store` });
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    proxy: { server: scope.proxy, bypass: '<-loopback>' },
    args: ['--no-sandbox'],
  });
});

afterAll(async () => {
  await browser?.close();
  await scope?.close();
  app?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test('a customer who comes back the next day is still logged in', async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/login`);
  await page.fill('[name=user]', 'alice');
  await page.fill('[name=password]', 'secret');
  await page.click('button');
  await page.waitForURL('**/account');
  await page.reload();

  const session = await scope.session({ cookie: 'shop.sid' });
  expect(await session.data()).toMatchObject({ user: 'alice' });
  await expect(session).toSurvive('25h');
});

test('the shop explains a logout', async () => {
  const session = await scope.session({ cookie: 'shop.sid' });
  await session.age('60d');
  const [page] = browser.contexts().flatMap((context) => context.pages());
  await page?.goto(`${origin}/account`);
  expect(page?.url()).toBe(`${origin}/login`);
  const { loss, answer } = await session.why();
  expect(loss, answer).not.toBeNull();
});
