import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';
import { WindowUser } from '../support/window.ts';

/*
 * Inside of what is stored and carried, in the real window: the bytes of a selected value, the layers of a record and
 * other layers for it, the opcodes of its pickle, and a cookie's value that is edited through its layers.
 */

needs('chromium', 'xvfb')('inside a record and a cookie', () => {
  let desktop: Desktop;
  let user: WindowUser;
  let alice: Visitor;
  let server: http.Server;
  const carried: string[] = [];

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    desktop = await startDesktop();
    user = new WindowUser(desktop.page);
    const { proxy } = await user.info();
    alice = await openVisitor(`http://${proxy.host}:${proxy.port}`);
    server = http.createServer((request, response) => {
      const cookie = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
      if (cookie !== undefined) carried.push(cookie);
      const value = Buffer.from('{"user": "alice", "cart": [1, 2], "n": 3}').toString('base64').replaceAll('=', '%3D');
      if (request.url === '/login') response.setHeader('Set-Cookie', `session=${value}; HttpOnly; Path=/`);
      response.end('hello');
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  });

  afterAll(async () => {
    await alice?.close();
    const problems = desktop?.problems() ?? [];
    await desktop?.close();
    server?.close();
    expect(problems).toEqual([]);
  });

  test('the bytes of the selected value are lit at each depth, and its opcodes', async () => {
    const { practice } = (await user.ask('practice.start', { kind: 'disk' })) as { practice: { origin: string } };
    await alice.text(`${practice.origin}/count`);
    await alice.text(`${practice.origin}/count`);
    const id = await alice.cookie('webpy_session_id', practice.origin);
    const { page } = user;
    await page.getByTestId('nav-sessions').click();
    await user.select(id);
    await user.shows('count', '2');
    await user.value('session_id').click();
    await user.tab('raw').click();
    await page.getByTestId('raw-layer-1').click();
    const lit = async () => (await page.locator('.hex-row .v-str [data-testid="lit"]').allInnerTexts()).join('');
    await expect.poll(lit).toContain(id);
    await expect.poll(() => page.getByTestId('raw-span').innerText()).toMatch(/bytes \d+ to \d+/);
    await page.getByTestId('raw-layer-0').click();
    // Which of four letters begins a group of three bytes cannot be seen from here.
    const inside = async () => {
      const letters = (await lit()).replaceAll('·', '');
      return ['', 'A', 'AA', 'AAA'].map((pad) => Buffer.from(pad + letters, 'base64').toString('latin1')).join(' ');
    };
    await expect.poll(inside).toContain(id.slice(4, 36));
    await page.getByTestId('raw-opcodes').click();
    await expect
      .poll(() => page.locator('.opcode-row[data-lit="true"]').allInnerTexts())
      .toEqual([expect.stringContaining(id), expect.stringContaining('MEMOIZE')]);
    await page.getByTestId('raw-place').fill('count');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => (await page.locator('.opcode-row[data-lit="true"]').allInnerTexts()).join(' '))
      .toMatch(/BININT1\s+2/);
    const steps = page.getByTestId('layer-steps');
    expect((await steps.innerText()).replace(/\s+/g, ' ')).toMatch(/base64 .* pickle .*protocol/);
  });

  test('other layers are tried, used for the record, and given up again', async () => {
    const { page } = user;
    await page.getByTestId('raw-choose').click();
    await page.getByTestId('layers-input').fill('base64/nonsense');
    await page.getByTestId('layers-try').click();
    await page.getByTestId('problem').getByText('nonsense').waitFor();
    await page.getByTestId('layers-input').fill('text');
    await page.getByTestId('layers-try').click();
    await expect.poll(() => page.getByTestId('layers-use').isEnabled()).toBe(true);
    await page.getByTestId('layers-use').click();
    await user.tab('data').click();
    await page.locator('.peel').getByText('text').waitFor();
    await user.tab('raw').click();
    await page.getByTestId('raw-choose').click();
    await page.getByTestId('layers-guess').click();
    await user.shows('count', '2');
  });

  test('a cookie is edited inside its value; the application gets the new value with the same layers', async () => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await alice.text(`${origin}/login`);
    await alice.text(`${origin}/`);
    const { page } = user;
    await page.getByTestId('nav-sessions').click();
    const { sessions } = (await user.ask('sessions.list')) as { sessions: { id: string; carrier: { name: string } }[] };
    const session = sessions.find(({ carrier }) => carrier.name === 'session');
    await user.select(session?.id ?? '');
    await user.tab('cookie').click();
    expect(await page.getByTestId('cookie-layers').innerText()).toMatch(/base64 → json/);
    await page.getByTestId('node-n').dblclick();
    await page.getByTestId('node-input').fill('42');
    await page.keyboard.press('Enter');
    await page.getByTestId('cookie-inside-take').click();
    const value = page.getByTestId('cookie-value');
    const inside = (text: string) => Buffer.from(decodeURIComponent(text), 'base64').toString();
    await expect.poll(async () => inside(await value.inputValue())).toBe('{"user": "alice", "cart": [1, 2], "n": 42}');
    await page.getByTestId('cookie-apply').click();
    await page.getByTestId('cookie-applied').waitFor();
    await alice.text(`${origin}/`);
    expect(inside(carried.at(-1) ?? '')).toBe('{"user": "alice", "cart": [1, 2], "n": 42}');
    expect(carried.at(-1)).toMatch(/%3D$|[^=]$/);
  });
});
