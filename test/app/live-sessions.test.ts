import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';
import { startWebpy, type Webpy } from '../support/webpy/webpy.ts';
import { WindowUser } from '../support/window.ts';

/*
 * The life of a session in the real window, on the real web.py with a login: rotation, the difference of each request,
 * conflict and merge, an overwritten edit with its culprit, undo after a restart.
 */

needs(
  'webpy',
  'chromium',
  'xvfb',
)('the life of a session', () => {
  let folder: string;
  let sessions: string;
  let userData: string;
  let webpy: Webpy;
  let desktop: Desktop;
  let user: WindowUser;
  let alice: Visitor;
  let id: string;
  const problems: string[] = [];

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-life-'));
    sessions = path.join(folder, 'sessions');
    userData = path.join(folder, 'data');
    webpy = await startWebpy({ store: { kind: 'disk', dir: sessions }, app: 'login' });
    await open();
    await user.attachFromHome(sessions);
  });

  afterAll(async () => {
    await alice?.close();
    await close();
    await webpy?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
  });

  const open = async () => {
    desktop = await startDesktop({ userData });
    user = new WindowUser(desktop.page);
    const { proxy } = await user.info();
    await alice?.close();
    alice = await openVisitor(`http://${proxy.host}:${proxy.port}`);
  };
  const close = async () => {
    problems.push(...(desktop?.problems() ?? []));
    await desktop?.close();
  };
  const get = (target: string) => alice.text(`${webpy.origin}${target}`);
  const entries = async () => {
    await user.tab('timeline').click();
    return user.page.getByTestId('timeline-entry').allInnerTexts();
  };

  test('a new id at login: the old session goes on under it', async () => {
    await get('/count');
    const before = await alice.cookie('webpy_session_id', webpy.origin);
    await user.row(before).waitFor();
    expect(await alice.post(`${webpy.origin}/login?user=alice&rotate=1`)).toBe('hello alice');
    id = await alice.cookie('webpy_session_id', webpy.origin);
    expect(id).not.toBe(before);
    await user.select(id);
    await expect.poll(entries).toEqual(expect.arrayContaining([expect.stringContaining('Took the place')]));
    const follows = (await entries()).find((text) => text.includes('Took the place'));
    expect(follows).toContain(`the same visitor, before ${before.slice(0, 4)}…`);
    await expect.poll(() => user.row(before).getAttribute('data-state')).toBe('continued');
  });

  test('the data difference of each request is in the timeline, with its flow', async () => {
    for (const expected of ['2', '3', '4']) {
      expect(await get('/count')).toBe(expected);
      const [from, to] = [String(Number(expected) - 1), expected];
      await expect
        .poll(async () => (await entries()).map((text) => text.replace(/\s+/g, ' ')))
        .toEqual(
          expect.arrayContaining([expect.stringMatching(new RegExp(`Data changed.*count.* ${from} →.* ${to}`))]),
        );
    }
    const changed = user.page.locator('[data-testid="timeline-entry"][data-kind="data-changed"]').first();
    await changed
      .getByRole('button', { name: 'Show the flow' })
      .or(changed.getByRole('link', { name: 'Show the flow' }))
      .click();
    await user.page.getByTestId('flow-detail').getByText(`${webpy.origin}/count`).first().waitFor();
    await user.page.getByTestId('nav-sessions').click();
    await user.select(id);
  });

  test('conflict: the application writes between read and apply; the merge keeps both', async () => {
    await user.tab('data').click();
    await user.shows('count', '4');
    await user.value('user').click();
    await user.page.keyboard.press('F2');
    await user.page.getByTestId('node-input').fill('mallory');
    await user.page.keyboard.press('Enter');
    await user.page.getByTestId('edit-preview').click();
    expect(await get('/count')).toBe('5');
    await user.page.getByTestId('edit-apply').click();
    const dialog = user.page.getByTestId('conflict-dialog');
    await dialog.waitFor();
    expect((await dialog.innerText()).replace(/\s+/g, ' ')).toMatch(/user.*mallory/);
    expect((await dialog.innerText()).replace(/\s+/g, ' ')).toMatch(/count.*5/);
    await user.page.getByTestId('conflict-apply').click();
    await dialog.waitFor({ state: 'hidden' });
    await user.shows('user', 'mallory');
    await user.shows('count', '5');
    expect(await get('/whoami')).toBe('mallory');
    expect(await get('/count')).toBe('6');
  });

  test('an overwritten cookie edit names its culprit', async () => {
    await user.select(id);
    await user.setCookie('0123456789abcdef0123456789abcdef01234567');
    await expect.poll(() => user.page.getByTestId('cookie-undo').first().isEnabled()).toBe(true);
    // The application does not know this id: it gives another one, which goes against the edit.
    await get('/count');
    await expect
      .poll(async () => {
        const { edits } = (await user.ask('edits.list')) as {
          edits: { what: string; state: string; overwrittenBy?: string }[];
        };
        return edits.find(({ what }) => what === 'cookie');
      })
      .toMatchObject({ state: 'overwritten', overwrittenBy: expect.stringContaining(`GET ${webpy.origin}/count`) });
    await expect
      .poll(entries)
      .toEqual(
        expect.arrayContaining([expect.stringMatching(new RegExp(`GET ${webpy.origin}/count`.replaceAll('/', '.')))]),
      );
  });

  test('undo after a restart', async () => {
    await user.select(id);
    await user.setValue('user', 'eve');
    await user.shows('user', 'eve');
    await close();
    await open();
    await user.page.getByTestId('nav-sessions').click();
    await user.select(id);
    await user.shows('user', 'eve');
    await user.undo();
    await user.shows('user', 'mallory');
  });
});
