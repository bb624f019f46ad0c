import { mkdirSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { sealData, unsealData } from 'iron-session';
import { jwtVerify, SignJWT } from 'jose';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { type StackApp, startSignedCookies } from '../support/stacks/stacks.ts';
import { until } from '../support/until.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';
import { WindowUser } from '../support/window.ts';

/*
 * Sessions that stand in a signed or sealed cookie, in the real window: the key is entered, the user is changed, and the
 * framework itself shows the change at the next request. Without the key, and with a wrong one, the window says so.
 */

/** It comes without types. */
const cookieSession = createRequire(import.meta.url)('cookie-session') as (
  options: object,
) => (request: object, response: object, next: () => void) => void;

const KEY = 'a key for the tests of this window alone, 40 or more';
const JWT_KEY = new TextEncoder().encode(KEY);

interface Case {
  readonly name: string;
  readonly cookie: string;
  start(): Promise<StackApp>;
}

const CASES: readonly Case[] = [
  { name: 'Flask', cookie: 'session', start: () => startSignedCookies('flask', KEY) },
  { name: 'Django signed_cookies', cookie: 'sessionid', start: () => startSignedCookies('django', KEY) },
  {
    name: 'cookie-session',
    cookie: 'session',
    start: () => {
      const sessions = cookieSession({ name: 'session', keys: [KEY] });
      return served((request, response) => {
        sessions(request, response, () => {
          const session = (request as unknown as { session: { user?: string } }).session;
          if (request.url === '/login') session.user = 'alice';
          response.end(session.user ?? 'nobody');
        });
      });
    },
  },
  {
    name: 'iron-session',
    cookie: 'iron-session',
    start: () =>
      served(async (request, response) => {
        if (request.url === '/login') {
          const sealed = await sealData({ user: 'alice' }, { password: KEY });
          response.setHeader('Set-Cookie', `iron-session=${sealed}; HttpOnly; Path=/`);
        }
        const value = cookieOf(request, 'iron-session');
        const session = value === undefined ? {} : await unsealData<{ user?: string }>(value, { password: KEY });
        response.end(session.user ?? 'nobody');
      }),
  },
  {
    name: 'a JSON Web Token',
    cookie: 'access_token',
    start: () =>
      served(async (request, response) => {
        if (request.url === '/login') {
          const token = await new SignJWT({ user: 'alice' })
            .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
            .setExpirationTime('2h')
            .sign(JWT_KEY);
          response.setHeader('Set-Cookie', `access_token=${token}; HttpOnly; Path=/`);
        }
        const value = cookieOf(request, 'access_token');
        const read = value === undefined ? undefined : await jwtVerify(value, JWT_KEY).catch(() => undefined);
        response.end(read === undefined ? 'nobody' : String(read.payload['user']));
      }),
  },
];

needs(
  'chromium',
  'xvfb',
  'flask',
  'django',
)('signed and sealed sessions', () => {
  let desktop: Desktop;
  let user: WindowUser;
  let visitor: Visitor;

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    desktop = await startDesktop();
    user = new WindowUser(desktop.page);
    const { proxy } = await user.info();
    visitor = await openVisitor(`http://${proxy.host}:${proxy.port}`);
  });

  afterAll(async () => {
    await visitor?.close();
    const problems = desktop?.problems() ?? [];
    await desktop?.close();
    expect(problems).toEqual([]);
  });

  test.each(CASES)(
    '$name: without the key, with a wrong one, with the right one; the application obeys the edit',
    async ({ name, cookie, start }) => {
      const app = await start();
      try {
        const { page } = user;
        await visitor.text(`${app.origin}/login`);
        expect(await visitor.text(`${app.origin}/whoami`)).toBe('alice');
        const { host } = new URL(app.origin);
        const { sessions } = (await until(
          () =>
            user.ask('sessions.list', { filter: `host=${host} cookie=${cookie} -is:foreign` }) as Promise<{
              sessions: { id: string }[];
            }>,
          (list) => list.sessions.length === 1,
        )) as { sessions: { id: string }[] };
        await page.getByTestId('nav-sessions').click();
        await user.select(sessions[0]?.id ?? '');
        await user.tab('cookie').click();

        const signature = page.getByTestId('cookie-inside').getByTestId('signature');
        const sealed = name === 'iron-session';
        if (sealed) await page.getByTestId('cookie-inside').getByTestId('problem').waitFor();
        else await expect.poll(() => signature.getAttribute('data-state')).toBe('unchecked');
        await pictures(page, name, 'no-key');

        await addKey(page, 'not this one');
        const state = (one: string) =>
          expect
            .poll(() => page.getByTestId('cookie-inside').locator('[data-state]').first().getAttribute('data-state'))
            .toBe(one);
        if (sealed)
          await page
            .getByText(/made with another key/)
            .first()
            .waitFor();
        else await state('invalid');
        await until(
          () =>
            user.ask('sessions.list', { filter: `host=${host} signature:invalid` }) as Promise<{ sessions: unknown[] }>,
          (list) => list.sessions.length === 1,
        );
        await page.locator(`[data-host="${host}"] [data-testid="session-signature"]`).waitFor();
        await pictures(page, name, 'wrong-key');

        await addKey(page, KEY);
        await state('valid');
        await page.getByTestId('node-user').dblclick();
        await page.getByTestId('node-input').fill('eve');
        await page.keyboard.press('Enter');
        await page.getByTestId('cookie-inside-take').click();
        await expect.poll(() => page.getByTestId('cookie-value').inputValue()).not.toBe(sessions[0]?.id);
        await page.getByTestId('cookie-apply').click();
        await page.getByTestId('cookie-applied').waitFor();
        expect(await visitor.text(`${app.origin}/whoami`), 'the framework itself reads the new value').toBe('eve');
        await page.getByTestId('cookie-undo').click();
        await until(
          () => visitor.text(`${app.origin}/whoami`),
          (text) => text === 'alice',
        );
      } finally {
        await app.stop();
      }
    },
    120_000,
  );

  test('any value: pasted, published key found, key entered, edited, signed again; nothing is kept', async () => {
    const { page } = user;
    const token = await new SignJWT({ user: 'alice' })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(new TextEncoder().encode('your-256-bit-secret'));
    await page.getByTestId('nav-values').click();
    await page.getByTestId('values-text').fill(`Bearer ${token}`);
    await page.locator('[data-finding="weak-key"]').waitFor();
    await page.locator('[data-finding="jwt-no-exp"]').waitFor();
    await page.getByTestId('values-key').fill('your-256-bit-secret');
    await page.keyboard.press('Enter');
    const state = () => page.getByTestId('values-screen').getByTestId('signature').getAttribute('data-state');
    await expect.poll(state).toBe('valid');
    await page.getByTestId('node-user').dblclick();
    await page.getByTestId('node-input').fill('eve');
    await page.keyboard.press('Enter');
    await page.getByTestId('cookie-inside-take').press('Enter');
    const made = (await page.getByTestId('values-made').innerText()).trim();
    const read = await jwtVerify(made, new TextEncoder().encode('your-256-bit-secret'));
    expect(read.payload['user']).toBe('eve');
    await pictures(page, 'any value', 'made');
    await page.getByTestId('values-clear').click();
  });
});

async function addKey(page: Page, key: string): Promise<void> {
  const keys = page.getByTestId('cookie-inside').getByTestId('keys');
  if ((await keys.getAttribute('open')) === null) await keys.locator('summary').click();
  await page.getByTestId('keys-new').fill(key);
  await page.getByTestId('keys-add').click();
  await expect.poll(() => page.getByTestId('keys-new').inputValue()).toBe('');
  expect(await page.content()).not.toContain(key);
}

/** Light and dark, both languages, where somebody wants to look at them. */
async function pictures(page: Page, name: string, what: string): Promise<void> {
  const folder = process.env['SESSIONSCOPE_SHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.waitForTimeout(300);
  await page.screenshot({ path: path.join(folder, `${name.replaceAll(/\W+/g, '-')}-${what}.png`) });
}

function cookieOf(request: http.IncomingMessage, name: string): string | undefined {
  const found = request.headers.cookie?.split('; ').find((one) => one.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

async function served(
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<StackApp> {
  const server = http.createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}
