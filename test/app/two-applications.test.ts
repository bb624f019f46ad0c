import { existsSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { WindowUser } from '../support/window.ts';

/*
 * Two applications on one host, as everybody has them on this machine: the practice site and one of the user's own, on
 * another port. The launched Chromium is the judge of what a cookie is.
 */

const NAME = 'webpy_session_id';
const MINE = 'b'.repeat(40);

needs('chromium', 'xvfb')('two applications of one host', () => {
  let desktop: Desktop;
  let user: WindowUser;
  let browser: Browser;
  let page: Page;
  let practice: string;
  let mine: string;
  /** What the user's own application sets with its answers. */
  let sets: string[] = [];
  const app = http.createServer((_request, response) => {
    if (sets.length > 0) response.setHeader('Set-Cookie', sets);
    response.setHeader('Content-Type', 'text/html');
    response.end('<p>mine</p>');
  });

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
    mine = `127.0.0.1:${(app.address() as AddressInfo).port}`;
    desktop = await startDesktop({
      env: { SESSIONSCOPE_BROWSER_ARGS: '--remote-debugging-port=0 --disable-gpu' },
    });
    user = new WindowUser(desktop.page);
  });

  test('the practice site is open in the launched Chromium', async () => {
    await user.page.getByTestId('home-practice-disk').click();
    await user.page.getByTestId('home-practice-open-chromium').click();
    const portFile = () => {
      const folder = path.join(desktop.userData, 'profiles');
      const [profile = ''] = existsSync(folder) ? readdirSync(folder) : [];
      return readFileSync(path.join(folder, profile, 'DevToolsActivePort'), 'utf8');
    };
    await expect.poll(portFile, { timeout: 30_000 }).toMatch(/^\d+\n/);
    const [port, address] = portFile().split('\n');
    browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${address}`);
    const pages = () => browser.contexts().flatMap((context) => context.pages());
    const found = () => pages().find((one) => one.url().startsWith('http://127.0.0.1'));
    await expect.poll(() => found()?.url() ?? '', { timeout: 30_000 }).toContain('http://127.0.0.1');
    page = found() as Page;
    practice = new URL(page.url()).host;
    await page.goto(`http://${practice}/count`);
    await user.page.getByTestId('nav-sessions').click();
  });

  afterAll(async () => {
    await browser?.close().catch(() => {});
    const problems = desktop?.problems() ?? [];
    await desktop?.close();
    app.closeAllConnections();
    app.close();
    expect(problems).toEqual([]);
  });

  /** The cookies of the name in the browser itself, whatever port set them. */
  const jar = async () => (await page.context().cookies(`http://${mine}/sub/`)).filter(({ name }) => name === NAME);
  const row = (host: string, id: string) =>
    user.page.locator(`[data-testid="session-row"][data-session-id="${id}"][data-host="${host}"]`);
  const theOne = async () => {
    const [cookie, ...more] = await jar();
    expect(more).toEqual([]);
    return cookie;
  };

  test('a kill that is undone is seen at once, without a request', async () => {
    const id = (await theOne())?.value ?? '';
    await row(practice, id).click();
    await user.kill();
    await expect.poll(() => row(practice, id).getAttribute('data-state')).toBe('ended');
    await user.undoKill();
    await expect.poll(() => row(practice, id).getAttribute('data-state')).toBe('live');
    // The toast has ended with what it offered.
    await expect.poll(() => user.page.getByTestId('toast-undo').count()).toBe(0);
  });

  test('an undo that the application has built upon asks where it was pressed', async () => {
    const id = (await theOne())?.value ?? '';
    await row(practice, id).click();
    await user.setValue('count', '41');
    await expect.poll(() => user.value('count').innerText()).toContain('41');
    await page.goto(`http://${practice}/count`);
    await user.shows('count', '42');
    await user.undo();
    const question = user.page.getByTestId('undo-question');
    await question.waitFor();
    expect(await question.innerText()).toMatch(/Only what I changed[\s\S]*whole earlier record/);
    await question.getByTestId('undo-mine').click();
    await expect.poll(() => question.count()).toBe(0);
    await page.goto(`http://${practice}/whoami`);
  });

  test('an edit of the jar that the application overwrites says so, and a rule holds it', async () => {
    const id = (await theOne())?.value ?? '';
    await page.goto(`http://${practice}/count`);
    await row(practice, id).click();
    await user.tab('cookie').click();
    await user.page.getByTestId('cookie-sameSite').selectOption('Strict');
    await user.page.getByTestId('cookie-apply').click();
    await expect.poll(async () => (await theOne())?.sameSite).toBe('Strict');
    await expect.poll(() => user.page.getByTestId('cookie-sameSite').inputValue()).toBe('Strict');
    await page.goto(`http://${practice}/count`);
    const truth = user.page.getByTestId('cookie-truth');
    await expect.poll(() => truth.getAttribute('data-edit')).toBe('overwritten');
    expect(await user.page.getByTestId('cookie-changed-by').innerText()).toContain('/count');
    await user.page.getByTestId('cookie-hold').click();
    await expect.poll(() => truth.getAttribute('data-edit')).toBe('applied');
    await page.goto(`http://${practice}/count`);
    expect((await theOne())?.sameSite).toBe('Strict');
    expect(await truth.getAttribute('data-edit')).toBe('applied');
    await user.undoCookie();
    await page.goto(`http://${practice}/count`);
    expect((await theOne())?.sameSite).not.toBe('Strict');
  });

  test('the other application’s cookie is sent along: no state, no record, nothing to press; and it can be lost to it', async () => {
    const id = (await theOne())?.value ?? '';
    sets = [];
    await page.goto(`http://${mine}/`);
    const along = row(mine, id);
    await along.waitFor();
    expect(await along.innerText()).toContain(`issued by ${practice}`);
    await along.click();
    const note = user.page.getByTestId('foreign-cookie');
    await note.waitFor();
    expect(await note.innerText()).toContain('localhost');
    expect(await user.page.getByTestId('kill-session').isDisabled()).toBe(true);
    expect(await user.page.getByTestId('age-session').isDisabled()).toBe(true);
    // As web.py does with an id that it does not know.
    sets = [`${NAME}=${MINE}; HttpOnly; Path=/`];
    await page.goto(`http://${mine}/`);
    expect((await theOne())?.value).toBe(MINE);
    await expect.poll(() => row(practice, id).getAttribute('data-state')).toBe('replaced');
    await expect.poll(() => row(mine, MINE).getAttribute('data-state')).toMatch(/live|anonymous/);
    expect(await along.innerText()).toContain('did not accept it');
  });

  test('two paths are two cookies, and what the browser refuses is no session of its', async () => {
    const [sub, root] = ['c'.repeat(40), 'd'.repeat(40)];
    sets = [`${NAME}=${sub}; Path=/sub/`, `${NAME}=${root}; HttpOnly; Path=/`];
    await page.goto(`http://${mine}/sub/x`);
    expect((await jar()).map(({ value, path: at }) => [value, at])).toEqual(
      expect.arrayContaining([
        [sub, '/sub/'],
        [root, '/'],
      ]),
    );
    await row(mine, sub).filter({ hasText: '/sub/' }).waitFor();
    await row(mine, root).waitFor();
    sets = [];
    await page.goto(`http://${mine}/sub/x`);
    await row(mine, sub).click();
    await user.page.getByTestId('cookie-clash').waitFor();

    const refused = 'e'.repeat(40);
    sets = [`${NAME}=${refused}; Path=/; SameSite=None`];
    await page.goto(`http://${mine}/`);
    await expect.poll(() => row(mine, refused).getAttribute('data-state')).toBe('refused');
    expect((await jar()).map(({ value }) => value)).not.toContain(refused);
    await expect.poll(() => row(mine, root).getAttribute('data-state')).toBe('live');
  });
});
