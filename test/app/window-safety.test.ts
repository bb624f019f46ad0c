import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { presentElectron } from '../../scripts/electron-binary.ts';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';

/* The real window has no way out of its page but the bridge; the program without a window is the command line. */

const ROOT = path.resolve(import.meta.dirname, '../..');

needs('xvfb')('the real window', () => {
  let desktop: Desktop;

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    desktop = await startDesktop();
    await desktop.page.getByTestId('home').waitFor();
  });

  afterAll(async () => {
    await desktop?.close();
  });

  test('is sandboxed and isolated, without Node', async () => {
    const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): {
          sandbox: boolean;
          contextIsolation: boolean;
          nodeIntegration: boolean;
          webSecurity: boolean;
        };
      };
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity };
    });
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true });
    const seen = await desktop.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'electron', '__dirname'].filter((name) => name in globalThis),
    );
    expect(seen).toEqual([]);
    expect(
      await desktop.page.evaluate(() => Object.keys((globalThis as unknown as { sessionscope: object }).sessionscope)),
    ).toEqual(['request', 'subscribe', 'pathForFile', 'onMenu']);
  });

  test('the application menu speaks the language of the window, and its acts arrive there', async () => {
    const labels = () =>
      desktop.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label) ?? []);
    const choose = (id: string) =>
      desktop.app.evaluate(({ Menu }, wanted) => Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(), id);
    await expect.poll(labels).toContain('File');
    await choose('settings');
    await desktop.page.getByTestId('settings-language').selectOption('zh-CN');
    await expect.poll(labels).toContain('文件');
    await desktop.page.getByTestId('settings-language').selectOption('en');
    await expect.poll(labels).toContain('File');
    await choose('help');
    await desktop.page.getByRole('dialog').waitFor();
    await desktop.page.keyboard.press('Escape');
    await choose('home');
    await desktop.page.getByTestId('home').waitFor();
  });

  test('has no permission, whether it asks or only looks, and copies all the same', async () => {
    const names = [
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'clipboard-read',
      'clipboard-write',
      'midi',
      'persistent-storage',
      'screen-wake-lock',
      'storage-access',
      'background-sync',
      'window-management',
      'local-fonts',
      'idle-detection',
    ];
    const states = await desktop.page.evaluate(
      (asked) =>
        Promise.all(
          asked.map((name) =>
            navigator.permissions.query({ name: name as PermissionName }).then(
              ({ state }) => `${name} ${state}`,
              () => `${name} unknown`, // no permission of this runtime
            ),
          ),
        ),
      names,
    );
    expect(states.filter((state) => / (?:granted|prompt)$/.test(state))).toEqual([]);
    expect(states.filter((state) => state.endsWith(' denied')).length).toBeGreaterThan(7);
    const asked = await desktop.page.evaluate(async () => [
      await Notification.requestPermission(),
      await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        (error: Error) => error.name,
      ),
    ]);
    expect(asked).toEqual(['denied', expect.stringMatching(/^Not/)]);
  });

  test('has a strict content security policy: no inline script, no eval, no other host, no frame', async () => {
    const refused = await desktop.page.evaluate(async () => {
      const directives: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective));
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.inlineRan = true';
      document.body.append(inline);
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      document.head.append(style);
      const frame = document.createElement('iframe');
      frame.src = 'https://example.test/';
      document.body.append(frame);
      await fetch('https://example.test/').catch(() => {});
      // In a turn of its own: what a debugger evaluates directly is exempt.
      const evaluated = await new Promise<boolean>((resolve) =>
        setTimeout(() => {
          try {
            resolve(new Function('return true')() as boolean);
          } catch {
            resolve(false);
          }
        }, 50),
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      const ran = (globalThis as unknown as { inlineRan?: boolean }).inlineRan === true;
      return { directives: [...new Set(directives)].sort(), evaluated, ran };
    });
    expect(refused.evaluated).toBe(false);
    expect(refused.ran).toBe(false);
    expect(refused.directives).toEqual(
      expect.arrayContaining(['connect-src', 'frame-src', 'script-src', 'script-src-elem', 'style-src-elem']),
    );
  });

  test('cannot be led to another page or open one', async () => {
    await desktop.page.evaluate(() => {
      location.href = 'https://example.test/';
      window.open('file:///etc/passwd');
    });
    await desktop.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    expect(desktop.page.url()).toBe('app://bundle/');
    expect(desktop.app.windows()).toHaveLength(1);
  });

  test('the bridge answers unknown methods and wrong requests with a problem', async () => {
    const ask = (method: string, request: unknown) =>
      desktop.page.evaluate(
        ([name, body]) =>
          (
            globalThis as unknown as { sessionscope: { request(m: string, r: unknown): Promise<unknown> } }
          ).sessionscope.request(name, body),
        [method, request] as const,
      );
    expect(await ask('__proto__', {})).toMatchObject({ ok: false, problem: { kind: 'unknown-method' } });
    expect(await ask('stores.attach', { address: 7 })).toMatchObject({ ok: false, problem: { kind: 'bad-request' } });
    expect(await ask('app.info', { extra: 1 })).toMatchObject({ ok: false, problem: { kind: 'bad-request' } });
  });

  test('the same program is the command line', async () => {
    const file = path.join(ROOT, 'test/fixtures/webpy/disk/sessions/4c701cf623cb4cb9b3d5ed0ddf251518530dda98');
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const { stdout } = await promisify(execFile)(
      presentElectron() ?? '',
      [...sandbox, '--disable-gpu', '--log-level=3', '.', 'decode', file, '--json'],
      { cwd: ROOT },
    );
    expect(JSON.parse(stdout)).toMatchObject({ layers: ['base64', 'pickle'], lossless: true });
  });
});
