import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

const VALUE = Buffer.from('{"user":"alice","n":41}').toString('base64');

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const engine = (globalThis as unknown as { axe: typeof axe }).axe;
    return (await engine.run(document, { resultTypes: ['violations'] })).violations.map(
      ({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`,
    );
  });
}

needs('chromium')('the screen for any value', () => {
  let folder: string;
  let shown: TestWindow;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-values-window-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);
  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => shown.closePages());

  it.each([
    ['light', 'en', 1280],
    ['dark', 'zh-CN', 900],
  ] as const)(
    '%s, %s: pasted, edited by keyboard, made again; axe and the console are silent',
    async (theme, language, width) => {
      const { page, complaints } = await shown.open('sample', {
        settings: { theme, language },
        viewport: { width, height: 800 },
      });
      const asked = (method: string) =>
        page.evaluate(
          (name) => window.fake?.calls.filter((call) => call.method === name).map(({ request }) => request),
          method,
        );
      await page.getByTestId('nav-values').click();
      expect(await violations(page)).toEqual([]);
      await page.getByTestId('values-text').fill(`Authorization: Bearer ${VALUE}`);
      await page.getByTestId('cookie-layers').waitFor();
      expect(await page.getByTestId('cookie-layers').textContent()).toBe('base64 → json');
      expect((await asked('value.decode'))?.at(-1)).toMatchObject({ of: { text: VALUE } });

      await page.getByTestId('values-key').fill('changeme');
      await page.keyboard.press('Enter');
      await page.getByTestId('values-key-one').waitFor();
      expect(await page.content(), 'a key is not shown').not.toContain('changeme');
      await page.getByTestId('values-more').click();
      await page.getByTestId('values-name').fill('session');
      await expect
        .poll(async () => (await asked('value.findings'))?.at(-1))
        .toMatchObject({ keys: ['changeme'], name: 'session' });

      const row = page.locator('[role="treeitem"]').filter({ hasText: 'alice' }).first();
      await row.click();
      await page.keyboard.press('F2');
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('eve');
      await page.keyboard.press('Enter');
      await page.getByTestId('cookie-inside-take').focus();
      await page.keyboard.press('Enter');
      await page.getByTestId('values-made').waitFor();
      expect(Buffer.from((await page.getByTestId('values-made').innerText()).trim(), 'base64').toString()).toContain(
        'eve',
      );
      expect(await violations(page)).toEqual([]);
      const shots = process.env['SESSIONSCOPE_SHOTS'];
      if (shots !== undefined) await page.screenshot({ path: path.join(shots, `values-${theme}.png`) });
      expect(await asked('keys.add'), 'nothing is kept unless asked').toEqual([]);

      await page.getByTestId('values-keep-host').fill('shop.test:8000');
      await page.keyboard.press('Enter');
      await expect.poll(() => asked('keys.add')).toEqual([{ place: 'site shop.test:8000', key: 'changeme' }]);
      await page.getByTestId('values-again').click();
      expect(await page.getByTestId('values-text').inputValue()).toMatch(/^eyJ/);
      await page.getByTestId('nav-sessions').click();
      await page.getByTestId('nav-values').click();
      expect(await page.getByTestId('values-text').inputValue(), 'it stays while the window is open').toMatch(/^eyJ/);
      await page.getByTestId('values-clear').click();
      expect(await page.getByTestId('values-text').inputValue()).toBe('');
      expect(await page.getByTestId('values-key-one').count()).toBe(0);
      const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
      expect(stored).not.toMatch(/eyJ|changeme/);
      expect(complaints).toEqual([]);
    },
  );

  it('a value that is typed into the palette opens there', async () => {
    const { page } = await shown.open('sample');
    await page.getByTestId('session-row').first().waitFor();
    await page.keyboard.press('ControlOrMeta+k');
    await page.keyboard.type(VALUE);
    await page.keyboard.press('Enter');
    await page.getByTestId('values-screen').waitFor();
    expect(await page.getByTestId('values-text').inputValue()).toBe(VALUE);
  });
});
