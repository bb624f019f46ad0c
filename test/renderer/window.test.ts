import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { needs } from '../support/needs.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

// A walk through all screens with axe takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

type Violation = { rule: string; where: string };

/** Every violation that axe finds in what is on the screen. */
async function violations(page: Page): Promise<Violation[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const engine = (globalThis as unknown as { axe: typeof axe }).axe;
    const { violations: found } = await engine.run(document, { resultTypes: ['violations'] });
    return found.flatMap((one) => one.nodes.map((node) => ({ rule: `${one.id}: ${one.help}`, where: node.html })));
  });
}

const first = (page: Page) => page.getByTestId('session-row').first().click();
const tab = (name: string) => async (page: Page) => {
  await first(page);
  await page.getByTestId(`tab-${name}`).click();
};
const stage = async (page: Page, value: string) => {
  await first(page);
  await page.getByTestId('node-count').dblclick();
  await page.getByTestId('node-input').fill(value);
  await page.keyboard.press('Enter');
};

/** A walk through the screens on one page: how to get there from the one before, and what shows that it is there. */
type Step = readonly [name: string, act: (page: Page) => Promise<unknown>, there: string];
const click =
  (...ids: string[]) =>
  async (page: Page) => {
    for (const id of ids) await page.getByTestId(id).first().click();
  };

const WALKS: readonly [scenario: string, steps: readonly Step[]][] = [
  [
    'sample',
    [
      ['sessions', async () => {}, 'session-row'],
      ['data', click('session-row'), 'node-count'],
      ['a wrong value', (page) => stage(page, 'x'), 'node-input'],
      [
        'staged and previewed',
        async (page) => {
          await page.getByTestId('node-input').fill('42');
          await page.keyboard.press('Enter');
          await page.getByTestId('edit-preview').click();
        },
        'preview-panel',
      ],
      ['data as text', click('data-view-text'), 'data-text'],
      ['cookie', click('tab-cookie'), 'cookie-judgement'],
      ['timeline', click('tab-timeline'), 'timeline'],
      ['flows of a session', click('tab-flows', 'flow-row'), 'flow-detail'],
      ['raw', click('tab-raw'), 'hex'],
      ['lab', click('tab-lab'), 'policy-evidence'],
      [
        'compare',
        async (page) => {
          await page.getByTestId('compare-sessions').click();
          await page.getByTestId('compare-with').selectOption({ index: 1 });
          await page.getByTestId('compare-dialog').getByRole('table').first().waitFor();
        },
        'compare-dialog',
      ],
      [
        'prove it',
        async (page) => {
          await page.keyboard.press('Escape');
          await page.getByTestId('compare-dialog').waitFor({ state: 'detached' });
          await page.getByTestId('prove-it').click();
        },
        'proof',
      ],
      [
        'no record',
        async (page) => {
          await page.keyboard.press('Escape');
          await page.getByTestId('prove-dialog').waitFor({ state: 'detached' });
          await page.getByTestId('session-row').nth(1).click();
          await page.getByTestId('tab-data').click();
        },
        'empty',
      ],
      ['flows', click('nav-flows', 'flow-row', 'flow-replay-changes'), 'replay-form'],
      ['stores', click('nav-stores', 'record-row'), 'record-pane'],
      ['lab screen', click('nav-lab'), 'session-row'],
      ['browsers', click('nav-browsers'), 'browser-chromium'],
      ['settings', click('nav-settings'), 'settings-theme'],
      ['palette', (page) => page.keyboard.press('Control+k'), 'palette'],
      [
        'help',
        async (page) => {
          await page.keyboard.press('Escape');
          await page.getByTestId('palette').waitFor({ state: 'detached' });
          await page.getByTestId('nav-settings').focus();
          await page.keyboard.press('?');
        },
        'help',
      ],
    ],
  ],
  [
    'empty',
    [
      ['start', async () => {}, 'home'],
      ['own browser', click('home-own'), 'home-own-steps'],
    ],
  ],
  ['error', [['error', async () => {}, 'problem']]],
  [
    'conflict',
    [
      [
        'merge',
        async (page) => {
          await stage(page, '99');
          await page.getByTestId('edit-apply').click();
        },
        'conflict-apply',
      ],
    ],
  ],
];

needs('chromium')('the window', () => {
  let folder: string;
  let shown: TestWindow;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-window-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);

  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(() => shown.closePages());

  it.each((['light', 'dark'] as const).flatMap((theme) => WALKS.map((walk) => [theme, ...walk] as const)))(
    '%s, %s: nothing for axe to say on any screen, nothing in the console',
    async (theme, scenario, steps) => {
      const { page, complaints } = await shown.open(scenario, { settings: { theme, language: 'en' } });
      for (const [name, act, there] of steps) {
        await act(page);
        await page.getByTestId(there).first().waitFor();
        expect([name, await violations(page)]).toEqual([name, []]);
      }
      expect(complaints).toEqual([]);
    },
    120_000,
  );

  it('in Chinese: nothing for axe to say, no text left in English on the way', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'zh-CN' } });
    await tab('lab')(page);
    await page.getByTestId('policy-outcome').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await page.getByTestId('tab-data').textContent()).toBe('数据');
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('says below the field what a filter cannot mean, and lists nothing meanwhile', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    const field = page.getByTestId('filter');
    const rows = page.getByTestId('session-row');
    await rows.first().waitFor();
    for (const [screen, row] of [
      ['sessions', 'session-row'],
      ['flows', 'flow-row'],
    ] as const) {
      await page.getByTestId(`nav-${screen}`).click();
      await page.getByTestId(row).first().waitFor();
      for (const [text, sentence] of [
        ['hots:shop', 'Did you mean host?'],
        ['(host:shop', 'never closed'],
        ['status>many', 'is no status'],
      ] as const) {
        await field.fill(text);
        await page.getByTestId('filter-problem').filter({ hasText: sentence }).waitFor();
        expect(await field.getAttribute('aria-invalid')).toBe('true');
        expect(await page.getByTestId(row).count()).toBe(0);
      }
      expect(await violations(page)).toEqual([]);
      await field.fill('');
      await page.getByTestId(row).first().waitFor();
      expect(await page.getByTestId('filter-problem').count()).toBe(0);
    }
    expect(complaints).toEqual([]);
  });

  it('completes fields and values, by keyboard', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.getByTestId('session-row').first().waitFor();
    const field = page.getByTestId('filter');
    await page.keyboard.press('Control+f');
    await page.keyboard.type('ho');
    await page.getByTestId('filter-option').filter({ hasText: 'host' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await field.inputValue()).toBe('host:');
    await page.keyboard.type('sh');
    await page.getByTestId('filter-option').filter({ hasText: 'shop.test' }).first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    expect(await field.inputValue()).toBe('host:shop.test');
    await page.keyboard.press('Escape');
    // Escape closes the list first, and only then empties the field.
    await page.keyboard.type(' sta');
    await page.getByTestId('filter-option').first().waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('filter-option').count()).toBe(0);
    expect(await field.inputValue()).not.toBe('');
    await page.keyboard.press('Escape');
    expect(await field.inputValue()).toBe('');
    expect(complaints).toEqual([]);
  });

  it('finds sessions, edits, writes, undoes and kills by keyboard alone', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.keyboard.press('Control+f');
    await page.keyboard.type('host:shop');
    await page.getByTestId('sessions-count').filter({ hasText: '4 of 6' }).waitFor();
    // The first closes the completions, the second clears the filter.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByTestId('sessions-count').filter({ hasText: '6 sessions' }).waitFor();
    await page.getByTestId('sessions').focus();
    await page.keyboard.press('j');
    await page.getByTestId('inspector').waitFor();
    await page.getByTestId('data-tree').focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await page.getByTestId('node-input').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('100');
    await page.keyboard.press('Enter');
    await page.getByTestId('node-count').filter({ hasText: '41→100' }).waitFor();
    // The focus is back in the tree: undo and redo act on what is staged.
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'data-tree');
    await page.keyboard.press('Control+z');
    await page.getByTestId('edit-apply').and(page.locator(':disabled')).waitFor();
    await page.keyboard.press('Control+Shift+z');
    await page.getByTestId('edit-apply').and(page.locator(':enabled')).waitFor();
    await page.getByTestId('edit-apply').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('node-count').filter({ hasText: /^100$/ }).waitFor();
    await page.getByTestId('data-tree').focus();
    await page.keyboard.press('Control+z');
    await page.getByTestId('node-count').filter({ hasText: /^41$/ }).waitFor();
    await page.getByTestId('kill-session').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'kill-confirm');
    await page.keyboard.press('Escape');
    await page.getByTestId('kill-session').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByTestId('inspector').locator('[data-state="ended"]').waitFor();
    await page.getByTestId('toast-undo').last().focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('node-count').filter({ hasText: /^41$/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('adds, renames, removes and finds values in the tree', async () => {
    const { page } = await shown.open('sample');
    await first(page);
    await page.getByTestId('data-tree').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Insert');
    await page.getByTestId('add-key').fill('flag');
    await page.getByTestId('add-type').selectOption('bool');
    await page.getByTestId('add-value').fill('True');
    await page.getByTestId('add-submit').click();
    await page.getByTestId('node-ip').click();
    await page.keyboard.press('Delete');
    await page.getByTestId('node-session_id').click();
    await page.keyboard.press('Shift+F2');
    await page.getByTestId('key-input').fill('sid');
    await page.keyboard.press('Enter');
    await page.getByTestId('edit-preview').filter({ hasText: 'Preview 3 changes' }).click();
    const text = await page.getByTestId('differences').innerText();
    expect(text).toMatch(/flag/);
    expect(text).toMatch(/ip/);
    await page.getByTestId('edit-apply').click();
    await page.getByTestId('node-sid').waitFor();
    expect(await page.getByTestId('node-ip').count()).toBe(0);
    await page.getByTestId('data-search').fill('reviewer');
    await page.locator('[data-hit="true"]').filter({ hasText: 'reviewer' }).waitFor();
  });

  it('merges with what the application wrote, value by value', async () => {
    const { page } = await shown.open('conflict');
    await stage(page, '99');
    await page.getByTestId('node-ip').dblclick();
    await page.getByTestId('node-input').fill('10.0.0.1');
    await page.keyboard.press('Enter');
    await page.getByTestId('edit-apply').click();
    await page.getByTestId('conflict-theirs-count').check();
    await page.getByTestId('conflict-apply').click();
    await page
      .getByTestId('node-ip')
      .filter({ hasText: /^"10\.0\.0\.1"$/ })
      .waitFor();
    await page.getByTestId('node-count').filter({ hasText: /^77$/ }).waitFor();
  });

  it('marks what the application changed, and says so to a person who is editing', async () => {
    const { page } = await shown.open('sample');
    await first(page);
    await page.getByTestId('node-count').waitFor();
    await page.evaluate(() => window.fake?.use('s1'));
    await page.getByTestId('node-count').filter({ hasText: /^42$/ }).waitFor();
    await page.getByTestId('changed-mark').first().waitFor();
    await stage(page, '7');
    await page.evaluate(() => window.fake?.use('s1'));
    await page.getByTestId('theirs').waitFor();
  });

  it('does not jump while rows arrive: the rows that are read stay where they are', async () => {
    const { page } = await shown.open('many');
    const list = page.getByTestId('sessions');
    await list.hover();
    await page.mouse.wheel(0, 2_000);
    await page.waitForFunction(() => (document.querySelector('[data-testid="sessions"]')?.scrollTop ?? 0) > 1_000);
    const place = () =>
      page.evaluate(() => {
        const box = document.querySelector('[data-testid="sessions"]')?.getBoundingClientRect();
        const row = [...document.querySelectorAll('[data-testid="session-row"]')].find(
          (one) => one.getBoundingClientRect().top >= (box?.top ?? 0) + 100,
        );
        return { key: row?.getAttribute('data-session'), top: Math.round(row?.getBoundingClientRect().top ?? 0) };
      });
    const before = await place();
    await page.evaluate(() => {
      for (let n = 0; n < 5; n++) window.fake?.appear(n);
      window.fake?.use('s300');
    });
    await page.getByTestId('sessions-count').filter({ hasText: '10,005' }).waitFor();
    await page.getByTestId('sessions-moved').waitFor();
    const after = await place();
    expect(after.key).toBe(before.key);
    // The bar that counts moved sessions takes its height from the list; a row is 50 pixels.
    expect(Math.abs(after.top - before.top)).toBeLessThan(50);
    await page.getByTestId('sessions-moved').getByRole('button').click();
    expect(await page.getByTestId('sessions-moved').count()).toBe(0);
  });

  it('keeps only what is seen in the document, for 10,000 sessions and 100,000 nodes', async () => {
    const { page } = await shown.open('big');
    await first(page);
    await page.getByLabel('Expand all').click();
    await page.getByTestId('data-tree').focus();
    await page.keyboard.press('End');
    await page.getByTestId('node-items[24999].n').waitFor();
    expect(await page.getByRole('treeitem').count()).toBeLessThan(80);
  });

  it('asks the lab anew when the question changes, and names a field that it cannot read', async () => {
    const { page } = await shown.open('sample');
    await tab('lab')(page);
    const outcome = (name: string) =>
      page.locator(`[data-testid="policy-outcome"][data-outcome="${name}"][data-settled="true"]`);
    await outcome('new-session').waitFor();
    await page.getByTestId('policy-after').fill('10 min');
    await outcome('accepted').waitFor();
    await page.getByTestId('policy-ignore-change-ip').uncheck();
    await page.getByTestId('policy-address').fill('127.0.0.2');
    await outcome('expired-message').waitFor();
    await page.getByTestId('policy-timeout').fill('');
    await page.getByRole('alert').filter({ hasText: 'Seconds, or what stands in the Python program' }).waitFor();
  });

  it('edits a cookie, says where it is in force, and undoes it', async () => {
    const { page } = await shown.open('sample');
    await tab('cookie')(page);
    await page.getByTestId('cookie-value').fill('81d0');
    await page.getByTestId('cookie-preview').click();
    expect(await page.getByTestId('cookie-after').innerText()).toContain('sid=81d0; Path=/');
    await page.getByTestId('cookie-apply').click();
    await page.getByTestId('cookie-applied').filter({ hasText: 'rewritten by the proxy' }).waitFor();
    await page.getByTestId('rules').waitFor();
    await page.getByTestId('cookie-undo').click();
    await page.getByTestId('rules').waitFor({ state: 'detached' });
  });

  it('remembers theme, language, panes and filter', async () => {
    const { page } = await shown.open('sample');
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('settings-theme').selectOption('dark');
    await page.getByTestId('settings-language').selectOption('zh-CN');
    await page.getByTestId('nav-sessions').click();
    await page.getByTestId('filter').fill('host:shop');
    await page.getByRole('separator').focus();
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => /"sessions":\{/.test(localStorage.getItem('sessionscope-settings') ?? ''));
    const width = () => page.getByTestId('sessions').evaluate((element) => Math.round(element.clientWidth));
    const before = await width();
    await page.reload();
    await page.getByTestId('session-row').first().waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.getByTestId('filter').inputValue()).toBe('host:shop');
    expect(await page.getByTestId('nav-sessions').innerText()).toBe('会话');
    expect(await width()).toBe(before);
  });

  it('shows a failed attach in its place, with what to do', async () => {
    const { page } = await shown.open('empty');
    await page.getByTestId('attach-address').fill('/missing/folder');
    await page.getByTestId('attach-submit').click();
    await page.getByTestId('home-attach').getByRole('alert').filter({ hasText: 'Check the path' }).waitFor();
  });
});
