import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { WindowUser } from '../support/window.ts';

/*
 * A browser opened from the window: its session appears, an edit of the cookie lands in its own jar (HttpOnly included),
 * its next request obeys, undo brings the old one back, and with the browser its profile goes.
 */

needs('chromium', 'xvfb')('a browser opened from the window', () => {
  let desktop: Desktop;
  let user: WindowUser;
  let browser: Browser;
  let page: Page;
  let origin: string;

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    desktop = await startDesktop({
      // A second way into the browser, so that this test can be the user who uses it.
      env: { SESSIONSCOPE_BROWSER_ARGS: '--remote-debugging-port=0 --disable-gpu' },
    });
    user = new WindowUser(desktop.page);
  });
  afterAll(async () => {
    await browser?.close().catch(() => {});
    const problems = desktop?.problems() ?? [];
    await desktop?.close();
    expect(problems).toEqual([]);
  });

  const profiles = () => {
    const folder = path.join(desktop.userData, 'profiles');
    return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
  };
  const jar = async () => (await page.context().cookies(origin)).find(({ name }) => name === 'webpy_session_id');
  const count = async () => {
    await page.goto(`${origin}/count`);
    return page.innerText('body');
  };

  test('the practice site is opened in it, and its session appears', async () => {
    await user.page.getByTestId('home-practice-disk').click();
    await user.page.getByTestId('home-practice-open-chromium').click();
    const portFile = async () => {
      const [profile = ''] = profiles();
      return readFileSync(path.join(profile, 'DevToolsActivePort'), 'utf8');
    };
    await expect.poll(portFile, { timeout: 30_000 }).toMatch(/^\d+\n/);
    const [port, address] = (await portFile()).split('\n');
    browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${address}`);
    const pages = () => browser.contexts().flatMap((context) => context.pages());
    await expect
      .poll(
        () =>
          pages()
            .map((one) => one.url())
            .join(),
        { timeout: 30_000 },
      )
      .toContain('http://127.0.0.1');
    page = pages().find((one) => one.url().startsWith('http://127.0.0.1')) as Page;
    origin = new URL(page.url()).origin;
    await page.getByRole('button', { name: 'Count' }).click();
    expect(await count()).toBe('2');
    const cookie = await jar();
    expect(cookie).toMatchObject({ httpOnly: true });
    await user.page.getByTestId('nav-sessions').click();
    await user.row(cookie?.value ?? '').waitFor();
  });

  test('after logging in on its page the old session goes on under a new id', async () => {
    const before = (await jar())?.value ?? '';
    await page.goto(origin);
    await page.getByRole('button', { name: 'Log in as alice' }).click();
    await page.getByText('You are logged in as').waitFor();
    const after = (await jar())?.value ?? '';
    expect(after).not.toBe(before);
    await user.row(after).waitFor();
    await expect.poll(() => user.row(before).getAttribute('data-state')).toBe('continued');
    await expect.poll(() => user.row(after).getAttribute('data-state')).toBe('live');
    await user.select(after);
    await user.shows('user', 'alice');
  });

  test('a cookie edit lands in its own jar, the next request obeys, and undo brings it back', async () => {
    const alice = (await jar())?.value ?? '';
    expect(await count()).toBe('3');
    // Somebody else's session: a visitor beside the browser.
    const { proxy } = await user.info();
    const other = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      proxy: { server: `http://${proxy.host}:${proxy.port}`, bypass: '<-loopback>' },
      args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'],
    });
    const visitor = await other.newPage();
    for (let i = 0; i < 7; i += 1) await visitor.goto(`${origin}/count`);
    const bob = (await visitor.context().cookies(origin)).find(({ name }) => name === 'webpy_session_id')?.value ?? '';
    await other.close();

    await user.select(alice);
    await user.setCookie(bob);
    await expect.poll(async () => (await jar())?.value).toBe(bob);
    expect(await jar()).toMatchObject({ httpOnly: true, path: '/' });
    expect(await count()).toBe('8');
    await user.undoCookie();
    await expect.poll(async () => (await jar())?.value).toBe(alice);
    expect(await jar()).toMatchObject({ httpOnly: true, path: '/' });
    expect(await count()).toBe('4');
    await page.goto(`${origin}/whoami`);
    expect(await page.innerText('body')).toBe('alice');
  });

  test('the session is opened in a fresh browser, where it goes on', async () => {
    const alice = (await jar())?.value ?? '';
    const [first] = profiles();
    await user.page.getByTestId('nav-sessions').click();
    await user.row(alice).click({ button: 'right' });
    await user.page.getByTestId('menu-fresh').click();
    await user.page.getByTestId('notice').filter({ hasText: 'go on with the session' }).waitFor();
    const fresh = profiles().find((one) => one !== first) ?? '';
    const [port, address] = readFileSync(path.join(fresh, 'DevToolsActivePort'), 'utf8').split('\n');
    const second = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${address}`);
    const tab = second.contexts()[0]?.pages()[0] as Page;
    await tab.goto(`${origin}/whoami`);
    expect(await tab.innerText('body')).toBe('alice');
    // The control: a fresh browser to which nothing was sent knows nobody.
    await tab.context().clearCookies();
    await tab.goto(`${origin}/whoami`);
    expect(await tab.innerText('body')).not.toContain('alice');
    await second.close();
    const running = async () =>
      ((await user.ask('browsers.list')) as { running: { runId: string; startedAt: number }[] }).running;
    const newest = (await running()).toSorted((a, b) => b.startedAt - a.startedAt)[0]?.runId;
    await user.ask('browser.close', { runId: newest });
    await expect.poll(profiles, { timeout: 20_000 }).toEqual([first]);
  });

  test('closed from the window, it is gone with its profile', async () => {
    expect(profiles()).toHaveLength(1);
    await user.page.getByTestId('nav-browsers').click();
    await user.page.getByTestId('running-browser').getByRole('button').click();
    await expect.poll(profiles, { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => user.page.getByTestId('running-browser').count()).toBe(0);
  });
});
