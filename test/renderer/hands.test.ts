import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { needs } from '../support/needs.ts';
import { violations } from './support/axe.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

vi.setConfig({ testTimeout: 60_000 });

needs('chromium')('rows, by mouse and by keyboard', () => {
  let shown: TestWindow;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-hands-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);
  afterEach(() => shown.closePages());
  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const rows = (page: Page) => page.getByTestId('session-row');
  const menu = (page: Page) => page.getByTestId('context-menu');

  it('a row has its menu at the pointer, and acts on that row', async () => {
    const { page, complaints } = await shown.open('sample');
    await rows(page).nth(1).click({ button: 'right' });
    await menu(page).waitFor();
    expect(await rows(page).nth(1).getAttribute('aria-selected')).toBe('true');
    expect(await menu(page).getByRole('menuitem').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Open/), expect.stringMatching(/^Kill…/)]),
    );
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('menu-copy-id').click();
    await page.getByTestId('notice').waitFor();
    await menu(page).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('the menu opens and works by keyboard, and the focus comes back to the list', async () => {
    const { page } = await shown.open('sample');
    await page.getByTestId('sessions').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+F10');
    await menu(page).waitFor();
    await page.keyboard.press('Escape');
    await menu(page).waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('sessions');
    await page.keyboard.press('ContextMenu');
    await menu(page).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await menu(page).waitFor({ state: 'detached' });
  });

  it('several sessions are selected, killed after a question that names them, and brought back together', async () => {
    const { page } = await shown.open('sample');
    await page.getByTestId('sessions').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByTestId('bulk').filter({ hasText: '3 selected' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Delete');
    const dialog = page.getByTestId('kill-dialog');
    await dialog.waitFor();
    expect(await violations(page)).toEqual([]);
    const named = await dialog.getByRole('listitem').count();
    expect(named).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const ended = () => page.locator('[data-testid="session-row"][data-state="ended"]').count();
    const before = await ended();
    await page.getByTestId('bulk-kill').click();
    await page.getByTestId('kill-dialog-confirm').click();
    await expect.poll(ended).toBe(before + named);
    await page.getByTestId('toast-undo').click();
    await expect.poll(ended).toBe(before);
  });

  it('two sessions are compared from the list', async () => {
    const { page } = await shown.open('sample');
    await rows(page).nth(0).click();
    await rows(page)
      .nth(1)
      .click({ modifiers: ['ControlOrMeta'] });
    await page.getByTestId('bulk-compare').click();
    await page.getByTestId('compare-dialog').getByRole('table').first().waitFor();
  });

  it('a flow is copied for other programs, and several are saved together', async () => {
    const { page } = await shown.open('sample');
    await page.getByTestId('nav-flows').click();
    const flows = page.getByTestId('flow-row');
    await flows.first().click({ button: 'right' });
    for (const form of ['curl', 'fetch', 'python', 'httpie']) {
      await page.getByTestId(`menu-copy-${form}`).waitFor();
    }
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('menu-copy-python').click();
    await page.getByTestId('notice').first().waitFor();
    await flows.nth(0).click();
    await flows.nth(2).click({ modifiers: ['Shift'] });
    await flows.nth(1).click({ button: 'right' });
    await page.getByTestId('menu-har').filter({ hasText: 'Save 3 flows as HAR' }).waitFor();
  });

  it('filters that were used are offered again, and kept ones stay', async () => {
    const { page } = await shown.open('sample');
    const field = page.getByTestId('filter');
    await field.fill('host:shop');
    await page.keyboard.press('Enter');
    await field.fill('state:live');
    await page.keyboard.press('Enter');
    await page.getByTestId('filter-views').click();
    await page.getByTestId('menu-view-keep').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('menu-view-keep').click();
    await page.getByTestId('filter-views').click();
    await page.getByTestId('menu-view-0').filter({ hasText: 'state:live' }).waitFor();
    await page.getByTestId('menu-used-0').filter({ hasText: 'host:shop' }).click();
    expect(await field.inputValue()).toBe('host:shop');
    // By keyboard alone: kept filters are a menu like any other.
    await page.getByTestId('filter-views').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('menu-view-0').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('state:live');
  });

  it('everything of it is there in Chinese and in the dark', async () => {
    const { page } = await shown.open('sample', {
      colorScheme: 'dark',
      settings: { language: 'zh-CN', theme: 'dark' },
    });
    await page.getByTestId('sessions').focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.getByTestId('bulk').filter({ hasText: '已选择' }).waitFor();
    await page.keyboard.press('Shift+F10');
    await menu(page).waitFor();
    expect(await menu(page).innerText()).not.toMatch(/[A-Za-z]{5,}/);
    expect(await violations(page)).toEqual([]);
  });

  it('a session is named, pinned and hidden by keyboard, and had back', async () => {
    const { page, complaints } = await shown.open('sample');
    await page.getByTestId('sessions').focus();
    await page.keyboard.press('End');
    const last = await rows(page).last().getAttribute('data-session');
    await page.keyboard.press('F2');
    await page.getByTestId('name-input').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.type('The broken one');
    await page.keyboard.press('Enter');
    await page.getByTestId('session-name').filter({ hasText: 'The broken one' }).waitFor();
    await page.getByTestId('sessions').focus();
    await page.keyboard.press('Shift+F10');
    await page.getByTestId('menu-pin').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => rows(page).first().getAttribute('data-session')).toBe(last);
    const count = await rows(page).count();
    await rows(page).nth(1).click({ button: 'right' });
    await page.getByTestId('menu-hide').click();
    await expect.poll(() => rows(page).count()).toBe(count - 1);
    await page.getByTestId('toast-undo').click();
    await expect.poll(() => rows(page).count()).toBe(count);
    expect(complaints).toEqual([]);
  });

  it('sessions are grouped; arrows pass over the heads; the lists are cleared and had back', async () => {
    const { page, complaints } = await shown.open('sample');
    const count = await rows(page).count();
    await page.getByTestId('sessions-arrange').click();
    await page.getByTestId('menu-group-host').click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('session-group').first().waitFor();
    await page.getByTestId('sessions').focus();
    await page.keyboard.press('Home');
    const seen = new Set<string | null>();
    for (let i = 0; i < count; i += 1) {
      seen.add(await page.locator('[data-testid="session-row"][data-active="true"]').getAttribute('data-session'));
      await page.keyboard.press('ArrowDown');
    }
    expect(seen.size).toBe(count);
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('sessions-arrange').click();
    await page.getByTestId('menu-clear').click();
    await page.getByTestId('sessions-show-hidden').waitFor();
    await page.getByTestId('toast-undo').click();
    await expect.poll(() => rows(page).count()).toBe(count);
    expect(complaints).toEqual([]);
  });

  it('flows are sorted by their columns, which can be chosen', async () => {
    const { page, complaints } = await shown.open('sample');
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('flow-sort-size').focus();
    await page.keyboard.press('Enter');
    const sizes = async () => page.getByTestId('flow-row').locator('.num').first().innerText();
    await expect.poll(sizes).toMatch(/kB|MB/);
    await page.getByTestId('flow-columns').click();
    await page.getByTestId('menu-column-type').click();
    await page.getByTestId('menu-column-size').click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('flow-sort-type').waitFor();
    expect(await page.getByTestId('flow-sort-size').count()).toBe(0);
    // Head and rows have the same columns, with and without a scroll bar.
    const lefts = (box: string) =>
      page
        .locator(box)
        .first()
        .evaluate((one) => [...one.children].map((cell) => Math.round(cell.getBoundingClientRect().left)));
    expect(await lefts('.flow-head')).toEqual(await lefts('.flow-row'));
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('a HAR, cookies.txt and storageState are read where they are dropped', async () => {
    const { page, complaints } = await shown.open('sample');
    const drop = (name: string, text: string) =>
      page.evaluate(
        ([fileName, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([content], fileName));
          document.body.dispatchEvent(
            new DragEvent('dragover', { dataTransfer: data, bubbles: true, cancelable: true }),
          );
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        },
        [name, text] as const,
      );
    const called = (method: string) =>
      page.evaluate((one) => window.fake?.calls.filter((call) => call.method === one).length, method);
    await drop('traffic.json', '{"log":{"version":"1.2","entries":[]}}');
    await expect.poll(() => called('import.end')).toBe(1);
    await drop('jar.txt', '# Netscape HTTP Cookie File\n');
    await expect.poll(() => called('import.cookies')).toBe(1);
    await drop('state', '{"cookies":[],"origins":[]}');
    await expect.poll(() => called('import.cookies')).toBe(2);
    expect(await called('stores.attach')).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('the palette has every act of the selected session, and a session goes to another browser', async () => {
    const { page, complaints } = await shown.open('sample');
    await rows(page).first().click();
    await page.keyboard.press('Control+k');
    const palette = page.getByTestId('palette');
    const offered = await palette.getByRole('option').allInnerTexts();
    for (const act of [
      /^Kill/,
      /^Age by/,
      /^Prove it/,
      /^Why/,
      /^Name/,
      /^Pin/,
      /^Save as HAR/,
      /^Read a HAR/,
      /^Practice site/,
    ])
      expect(
        offered.some((one) => act.test(one)),
        String(act),
      ).toBe(true);
    await page.keyboard.type('fresh');
    await page.keyboard.press('Enter');
    const stored = () =>
      page.evaluate(() =>
        window.fake?.calls
          .filter(({ method }) => /^(browser.launch|import.cookies)$/.test(method))
          .map((call) => call.method),
      );
    await expect.poll(stored).toEqual(['browser.launch', 'import.cookies']);
    await page.getByTestId('notice').filter({ hasText: 'Open shop.test there' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Kill');
    await page.keyboard.press('Enter');
    await page.getByTestId('kill-dialog').waitFor();
    expect(complaints).toEqual([]);
  });
});
