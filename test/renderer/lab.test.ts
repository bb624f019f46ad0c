import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { needs } from '../support/needs.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

// A walk through all screens with axe takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** Every violation that axe finds in what is on the screen. */
async function violations(page: Page) {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const engine = (globalThis as unknown as { axe: typeof axe }).axe;
    const { violations: found } = await engine.run(document, { resultTypes: ['violations'] });
    return found.flatMap((one) => one.nodes.map((node) => ({ rule: `${one.id}: ${one.help}`, where: node.html })));
  });
}

const lab = async (page: Page, part: 'ask' | 'matrix' | 'live') => {
  await page.getByTestId('nav-lab').click();
  await page.getByTestId('session-row').first().click();
  await page.getByTestId(`lab-${part}`).click();
};
const settled = (page: Page) => page.locator('[data-testid="matrix"][data-settled="true"]').waitFor();
const activeName = (page: Page, map: string) => page.getByTestId(`matrix-cell-${map}`).getAttribute('aria-label');

needs('chromium')('the lab', () => {
  let folder: string;
  let shown: TestWindow;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-lab-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);

  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(() => shown.closePages());

  it.each([
    ['light', 'en', 1440],
    ['dark', 'en', 1000],
    ['light', 'zh-CN', 1280],
  ] as const)(
    '%s, %s, %d wide: nothing for axe to say in any state, nothing in the console',
    async (theme, language, width) => {
      const { page, complaints } = await shown.open('sample', {
        settings: { theme, language },
        viewport: { width, height: 860 },
      });
      const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['no session', () => page.getByTestId('nav-lab').click()],
        ['one question', () => lab(page, 'ask').then(() => page.getByTestId('policy-evidence').waitFor())],
        ['matrix', () => lab(page, 'matrix').then(() => settled(page))],
        [
          'evidence of a cell',
          async () => {
            await page.getByTestId('matrix-map-0-0').click({ position: { x: 200, y: 40 } });
            await page.getByTestId('matrix-evidence').getByTestId('policy-outcome').waitFor();
          },
        ],
        [
          'in words',
          async () => {
            await page.getByTestId('matrix-evidence-close').click();
            await page.getByTestId('matrix-words').locator('summary').click();
            await page.getByTestId('matrix-words').getByRole('table').waitFor();
          },
        ],
        [
          'a range that cannot be read',
          async () => {
            await page.getByTestId('matrix-more').locator('summary').click();
            await page.getByTestId('matrix-timeoutTo').fill('1 s');
            await page.getByRole('alert').waitFor();
          },
        ],
        ['check-up', () => lab(page, 'live').then(() => page.getByTestId('experiments').waitFor())],
        [
          'announcement',
          () =>
            page
              .getByTestId('live-run')
              .click()
              .then(() => page.getByTestId('live-confirm').waitFor()),
        ],
        [
          'running',
          async () => {
            await page.getByTestId('live-confirm-go').click();
            await page.getByTestId('live-confirm').waitFor({ state: 'detached' });
          },
        ],
        [
          'results',
          async () => {
            await page.getByTestId('run-restored').waitFor();
            await page.getByTestId('run-outcome-address-change').click();
            await page.getByTestId('run-evidence-address-change').waitFor();
          },
        ],
        [
          'no record',
          async () => {
            await page.getByTestId('session-row').nth(1).click();
            await page.getByTestId('experiment-lacks-idle-expiry').waitFor();
            await page.getByTestId('lab-matrix').click();
            await page.getByTestId('lab-go-live').waitFor();
          },
        ],
      ];
      for (const [name, act] of steps) {
        await act();
        expect([name, await violations(page)]).toEqual([name, []]);
      }
      expect(complaints).toEqual([]);
    },
  );

  it('moves through the heat map by keyboard, names each cell, and opens its evidence', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await lab(page, 'matrix');
    await settled(page);
    await page.getByTestId('matrix-ignore-change-ip').uncheck();
    await page.getByTestId('matrix-more').locator('summary').click();
    await page.getByTestId('matrix-detail').selectOption('coarse');
    await page.getByTestId('matrix-took').filter({ hasText: '1,152 cells in 120 ms' }).waitFor();
    const map = page.getByTestId('matrix-map-0-1');
    await map.focus();
    expect(await map.getAttribute('role')).toBe('grid');
    expect(await map.getAttribute('aria-rowcount')).toBe('12');
    expect(await map.getAttribute('aria-colcount')).toBe('24');
    const active = await map.getAttribute('aria-activedescendant');
    expect(await page.locator(`#${active}`).getAttribute('role')).toBe('gridcell');
    await page.keyboard.press('Control+Home');
    expect(await activeName(page, '0-1')).toBe('timeout 5 min, used after 1 min, from 127.0.0.2: the expired message');
    expect(await page.getByTestId('matrix-pointed').innerText()).toBe(await activeName(page, '0-1'));
    await page.keyboard.press('Control+End');
    expect(await activeName(page, '0-0')).toBe('timeout 7 d, used after 14 d, from 127.0.0.1: a new session');
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await activeName(page, '0-0')).toMatch(/^timeout 10 min, used after .*, from 127\.0\.0\.1: accepted$/);
    const name = await activeName(page, '0-1');
    await page.keyboard.press('Enter');
    const evidence = page.getByTestId('matrix-evidence');
    await evidence.locator('[data-outcome="expired-message"][data-settled="true"][data-address="127.0.0.2"]').waitFor();
    expect(await page.getByTestId('matrix-evidence-name').innerText()).toBe(name);
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'matrix-evidence');
    const asked = (await page.evaluate(() =>
      window.fake?.calls.filter(({ method }) => method === 'policy.ask').at(-1),
    )) as {
      request: { question: unknown };
    };
    expect(asked.request.question).toMatchObject({
      parameters: { timeout: 600, ignore_change_ip: false },
      profile: '0.62',
    });
    await page.keyboard.press('Escape');
    await evidence.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'matrix-map-0-1');
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'matrix-map-1-0');
    await page.keyboard.press(' ');
    await page.getByTestId('matrix-evidence-ask').click();
    await page.locator('[data-testid="policy-outcome"][data-timeout="600"][data-settled="true"]').waitFor();
    expect(await page.getByTestId('policy-profile').inputValue()).toBe('intended');
    expect(complaints).toEqual([]);
  });

  it('tells outcomes apart without colour: a letter in each cell or strokes, and words', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await lab(page, 'matrix');
    await settled(page);
    const fills = () =>
      page
        .getByTestId('matrix-map-0-0')
        .locator('pattern')
        .evaluateAll((patterns) =>
          patterns.map(
            (one) => one.querySelector('text')?.textContent ?? one.querySelector(':not(rect)')?.outerHTML ?? '',
          ),
        );
    expect(new Set(await fills()).size).toBe(4);
    await page.getByTestId('matrix-more').locator('summary').click();
    await page.setViewportSize({ width: 1600, height: 900 });
    await page.getByTestId('matrix-detail').selectOption('coarse');
    await expect.poll(fills, { timeout: 10_000 }).toEqual(['A', 'N', 'M', 'E']);
    await page.getByTestId('matrix-words').locator('summary').click();
    const row = page.getByTestId('matrix-words').getByRole('row', { name: /^1 h/ });
    expect(await row.innerText()).toMatch(/accepted → a new session from/);
  });

  it('keeps ten thousand cells light: few elements, and the pointer names the cell under it', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await lab(page, 'matrix');
    await settled(page);
    await page.getByTestId('matrix-profile-intended').uncheck();
    await page.getByTestId('matrix-more').locator('summary').click();
    await page.getByTestId('matrix-detail').selectOption('fine');
    await page.locator('[data-testid="matrix"][data-cells="10000"][data-settled="true"]').waitFor();
    expect(await page.getByTestId('matrix').locator('*').count()).toBeLessThan(400);
    const map = page.getByTestId('matrix-map-0-0');
    const box = await map.boundingBox();
    if (box === null) throw new Error('the map has no box');
    await page.mouse.move(box.x + box.width - 3, box.y + 2);
    expect(await page.getByTestId('matrix-pointed').innerText()).toBe(
      'timeout 5 min, used after 14 d, from 127.0.0.1: a new session',
    );
    await page.mouse.down();
    await page.mouse.up();
    expect(await page.getByTestId('matrix-evidence-name').innerText()).toBe(
      'timeout 5 min, used after 14 d, from 127.0.0.1: a new session',
    );
  });

  it('names a field of the matrix that it cannot read, and keeps the last answer', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await lab(page, 'matrix');
    await settled(page);
    await page.getByTestId('matrix-more').locator('summary').click();
    await page.getByTestId('matrix-addresses').fill('localhost');
    await page.getByRole('alert').filter({ hasText: 'Addresses such as' }).waitFor();
    expect(await page.getByTestId('matrix-addresses').getAttribute('aria-invalid')).toBe('true');
    await page.getByTestId('matrix-addresses').fill('127.0.0.1');
    await page.locator('[data-testid="matrix"][data-settled="true"][data-cells="2304"]').waitFor();
  });

  it('announces what writes, asks first, runs, judges, shows evidence and what it may save', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await lab(page, 'live');
    await page.getByTestId('run-none').waitFor();
    expect(await page.getByTestId('live-announce').innerText()).toBe('4 of them write; you are asked first.');
    expect(await page.getByTestId('experiment-absolute-lifetime').isDisabled()).toBe(true);
    await page.getByTestId('live-absolute').fill('12 h');
    await page.getByTestId('experiment-logout').uncheck();
    await page.getByTestId('live-run').focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByTestId('live-confirm');
    await dialog.waitFor();
    expect(await dialog.innerText()).toContain('idle-expiry, absolute-lifetime, address-change, unknown-id write');
    const runs = () =>
      page.evaluate(() =>
        window.fake?.calls.filter(({ method }) => method === 'lab.run').map(({ request }) => request),
      );
    expect(await runs()).toMatchObject([{ confirmed: false }]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByTestId('run').count()).toBe(0);
    await page.getByTestId('live-run').click();
    await page.getByTestId('live-confirm-go').click();
    // The focus comes back to where the question was asked from.
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'live-run');
    await page.getByTestId('run-restored').waitFor();
    // Where there is no room beside the settings, the results are scrolled to.
    const top = (await page.getByTestId('run').boundingBox())?.y ?? Number.POSITIVE_INFINITY;
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(200);
    expect((await runs())?.at(-1)).toMatchObject({
      key: 's1',
      experiments: ['idle-expiry', 'cookie-alone', 'absolute-lifetime', 'address-change', 'unknown-id'],
      settings: {
        idleSeconds: 86_400,
        absoluteSeconds: 43_200,
        addressMayChange: false,
        addresses: ['127.0.0.2', '::1'],
      },
      confirmed: true,
    });
    const verdicts = await page
      .getByTestId('run-outcome')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-verdict')));
    // What failed first.
    expect(verdicts).toEqual(['does-not-hold', 'holds', 'holds', 'holds', 'not-applicable']);
    expect(await page.getByTestId('run-counts').innerText()).toBe(
      '3 hold · 1 do not · 0 cannot tell · 1 not applicable',
    );
    const toggle = page.getByTestId('run-outcome-address-change');
    await toggle.focus();
    await page.keyboard.press('Enter');
    expect(await toggle.getAttribute('aria-expanded')).toBe('true');
    const evidence = page.getByTestId('run-evidence-address-change');
    expect(await evidence.innerText()).toContain('The same session from 127.0.0.2');
    expect(await evidence.innerText()).toContain("{'count': 42, 'ip': '127.0.0.1'}");
    for (const [form, name] of [
      ['policy', 'lab-shop.test.yaml'],
      ['html', 'lab-shop.test.html'],
      ['json', 'lab-shop.test.json'],
      ['junit', 'lab-shop.test.xml'],
    ] as const) {
      const download = page.waitForEvent('download');
      await page.getByTestId(`run-save-${form}`).click();
      const file = await download;
      expect(file.suggestedFilename()).toBe(name);
      expect(await readFile(await file.path(), 'utf8')).toContain('"sessionKey":"s1"');
    }
    await evidence.getByTestId('run-evidence-flow').last().click();
    await page.getByTestId('flow-detail').waitFor();
    expect(complaints).toEqual([]);
  });

  it('cancels, keeps earlier runs, and says loudly when something could not be put back', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await lab(page, 'live');
    await page.getByTestId('live-run').click();
    await page.getByTestId('live-confirm-go').click();
    await page.getByTestId('run-progress').getByText(/Now: /).waitFor();
    await page.getByTestId('run-cancel').click();
    await page.locator('[data-testid="run"][data-state="cancelled"]').waitFor();
    // Only what writes is asked for.
    await page.getByTestId('live-none').click();
    expect(await page.getByTestId('live-run').isDisabled()).toBe(true);
    await page.getByTestId('experiment-cookie-alone').check();
    await page.getByTestId('live-run').click();
    await page.locator('[data-testid="run"][data-state="done"]').waitFor();
    expect(await page.getByTestId('live-confirm').count()).toBe(0);
    expect(await page.getByTestId('run-history').locator('option').count()).toBe(2);
    await page.getByTestId('run-history').selectOption('lab1');
    await page.locator('[data-testid="run"][data-state="cancelled"]').waitFor();
    await page.evaluate(async () => {
      const { runs } = (await window.fake?.handlers['lab.runs']({})) ?? { runs: [] };
      const run = runs.find(({ runId }) => runId === 'lab1');
      const problem = {
        kind: 'store-refused' as const,
        message: 'The folder is read-only',
        remedy: 'Make it writable.',
      };
      if (run !== undefined)
        window.fake?.emit('lab.changed', { run: { ...run, state: 'failed', restored: false, problem } });
    });
    await page
      .getByRole('alert')
      .filter({ hasText: 'Not everything could be put back: The folder is read-only' })
      .waitFor();
    expect(await page.getByTestId('run-restored').count()).toBe(0);
  });

  it('without a record says why, and what works without', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.getByTestId('nav-lab').click();
    await page.getByTestId('empty').filter({ hasText: 'Select a session first' }).waitFor();
    await page.getByTestId('session-row').nth(2).click();
    await page.getByTestId('lab-go-live').click();
    await page.getByRole('note').filter({ hasText: 'Those that only send requests work without' }).waitFor();
    expect(await page.getByTestId('experiment-lacks-idle-expiry').innerText()).toContain('the record');
  });
});
