import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { needs } from '../support/needs.ts';
import { violations } from './support/axe.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

vi.setConfig({ testTimeout: 60_000 });

needs('chromium')('reading a flow', () => {
  let shown: TestWindow;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-reading-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);
  afterEach(() => shown.closePages());
  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows the bodies at once, as text, source and bytes', async () => {
    const { page, complaints } = await shown.open('sample');
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('flow-row').nth(1).click();
    const response = page.getByTestId('body-response');
    await response.getByText('count: 41').waitFor();
    expect(await response.getAttribute('data-form')).toBe('readable');
    expect(await response.locator('pre').innerText()).not.toContain('<p>');
    await page.getByTestId('body-form-response').getByText('Source').click();
    expect(await response.locator('pre').innerText()).toContain('<p>count: 41</p>');
    await page.getByTestId('body-form-response').getByText('Hex').focus();
    await page.keyboard.press('Enter');
    await response.getByTestId('hex').getByText('3c 21 64 6f').first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('request and response stand side by side where there is room, and one of them can be had alone', async () => {
    const { page } = await shown.open('sample', { viewport: { width: 1920, height: 900 } });
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('flow-row').nth(1).click();
    const request = page.getByRole('region', { name: 'Request', exact: true });
    const response = page.getByRole('region', { name: 'Response', exact: true });
    const [left, right] = [await request.boundingBox(), await response.boundingBox()];
    expect(left?.y).toBe(right?.y);
    expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThanOrEqual((right?.x ?? 0) + 1);
    await page.getByTestId('flow-sides').getByText('Response').click();
    await request.waitFor({ state: 'detached' });
    // The choice holds for the next flow too.
    await page.getByTestId('flow-row').nth(3).click();
    await response.waitFor();
    expect(await request.count()).toBe(0);
  });

  it('a replay says in its place whether the answer is the same', async () => {
    const { page } = await shown.open('sample');
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('flow-row').nth(1).click();
    await page.getByTestId('flow-replay').focus();
    await page.keyboard.press('Enter');
    const outcome = page.getByTestId('replay-outcome');
    await outcome.waitFor();
    expect(await outcome.getAttribute('data-same')).toBe('true');
    expect(await violations(page)).toEqual([]);
    await outcome.getByRole('button', { name: 'Show the new flow' }).click();
    await outcome.waitFor({ state: 'detached' });
  });

  it('the timeline has a picture, is cut down by keyboard, and its times can be those of the clock', async () => {
    const { page, complaints } = await shown.open('sample');
    await page.getByTestId('session-row').first().click();
    await page.getByTestId('tab-timeline').click();
    const entries = page.getByTestId('timeline-entry');
    await entries.first().waitFor();
    const picture = page.getByTestId('life-picture').getByRole('img');
    expect(await picture.getAttribute('aria-label')).toMatch(/^sent \d+ times, changed \d+ times, Cookie in 22 h/);
    const all = await entries.count();
    await page.getByTestId('timeline-part').getByText('Cookie').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => entries.count()).toBeLessThan(all);
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('timeline-absolute').check();
    expect(await entries.first().locator('time').innerText()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await page.getByTestId('timeline-find').fill('no such text');
    await page.getByText('Nothing of this kind has happened.').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
