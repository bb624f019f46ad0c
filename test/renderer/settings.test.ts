import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { needs } from '../support/needs.ts';
import { violations } from './support/axe.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

vi.setConfig({ testTimeout: 60_000 });

needs('chromium')('settings of the window', () => {
  let shown: TestWindow;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-settings-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);
  afterEach(() => shown.closePages());
  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are found by typing, and used and saved as they are changed', async () => {
    const { page, complaints } = await shown.open('sample');
    const first = page.getByTestId('session-row').first();
    const height = async () => (await first.boundingBox())?.height;
    expect(await height()).toBe(44);
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('settings-find').fill('rows');
    await expect.poll(() => page.getByTestId('proxy-settings').count()).toBe(0);
    await page.getByTestId('settings-density').getByText('One line').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('settings-font-size').getByText('125 %').click();
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('settings-find').fill('nothing like this');
    await page.getByText('No setting of this name.').waitFor();
    await page.getByTestId('nav-sessions').click();
    expect(await height()).toBe(28);
    const size = () => first.evaluate((row) => getComputedStyle(row).fontSize);
    expect(await size()).toBe('16.25px');
    expect(await violations(page)).toEqual([]);
    await page.reload();
    await first.waitFor();
    expect(await height()).toBe(28);
    expect(await size()).toBe('16.25px');
    expect(complaints).toEqual([]);
  });

  it('a kept filter stands in the rail, and is put in and taken out there', async () => {
    const settings = { language: 'en', theme: 'dark', views: ['host:intranet'] };
    const { page, complaints } = await shown.open('sample', { settings });
    const view = page.getByTestId('rail-views').getByRole('button');
    await page.getByTestId('nav-stores').click();
    await view.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('session-row').count()).toBe(1);
    expect(await view.getAttribute('aria-pressed')).toBe('true');
    expect(await violations(page)).toEqual([]);
    await view.click();
    await expect.poll(() => page.getByTestId('session-row').count()).toBeGreaterThan(1);
    expect(complaints).toEqual([]);
  });

  it('nothing lies outside of the page at half its width, as with 200 % zoom', async () => {
    const { page } = await shown.open('sample', { viewport: { width: 640, height: 450 } });
    for (const screen of ['home', 'stores', 'values', 'browsers', 'settings']) {
      await page.getByTestId(`nav-${screen}`).click();
      const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(inner, screen).toBeLessThanOrEqual(outer ?? 0);
    }
  });

  it('in forced colours what is selected has an outline', async () => {
    const { page } = await shown.open('sample', { forcedColors: 'active' });
    await page.getByTestId('session-row').first().click();
    const outline = await page
      .getByTestId('session-row')
      .first()
      .evaluate((row) => getComputedStyle(row).outlineStyle);
    expect(outline).toBe('solid');
  });
});
