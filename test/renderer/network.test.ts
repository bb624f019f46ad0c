import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { TRUST_TARGETS } from '../../renderer/src/parts/trust/trust-targets.ts';
import { needs } from '../support/needs.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

/* The screens of traffic and of the proxy's own address and certificate, on the fake engine. */

async function violations(page: Page): Promise<{ rule: string; where: string }[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const engine = (globalThis as unknown as { axe: typeof axe }).axe;
    const { violations: found } = await engine.run(document, { resultTypes: ['violations'] });
    return found.flatMap((one) => one.nodes.map((node) => ({ rule: `${one.id}: ${one.help}`, where: node.html })));
  });
}

needs('chromium')('the network in the window', () => {
  let folder: string;
  let shown: TestWindow;
  const shots = process.env['SESSIONSCOPE_SHOTS'];
  const shot = async (page: Page, name: string) => {
    if (shots !== undefined) await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: false });
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-network-window-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);
  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => shown.closePages());

  it.each([
    ['light', 'en'],
    ['dark', 'zh-CN'],
  ])('%s, %s: the frames of a WebSocket are read by keyboard', async (theme, language) => {
    const { page, complaints } = await shown.open('sample', { settings: { theme, language } });
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('flows').focus();
    await page.keyboard.press('End');
    const frames = page.getByTestId('frame');
    await frames.first().waitFor();
    await frames.nth(1).locator('summary').focus();
    await page.keyboard.press('Enter');
    await frames.nth(1).locator('pre').waitFor();
    expect(await frames.nth(1).locator('pre').textContent()).toContain('{"cart":[1,2]}{"cart":[1,2]}');
    await frames.nth(3).locator('summary').click();
    expect(await frames.nth(3).locator('.warn').textContent()).not.toBe('');
    expect(await frames.nth(5).textContent()).toMatch(/1001 · (going away|离开) · “moving”/);
    expect(await violations(page)).toEqual([]);
    await frames.first().scrollIntoViewIfNeeded();
    await shot(page, `frames-${theme}`);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['light', 'en'],
    ['dark', 'zh-CN'],
  ])('%s, %s: the proxy is opened to other computers and closed, by keyboard alone', async (theme, language) => {
    const { page, complaints } = await shown.open('sample', { settings: { theme, language } });
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('network-ask').focus();
    await page.keyboard.press('Enter');
    const password = page.getByTestId('network-password');
    await password.waitFor();
    const proposed = await password.inputValue();
    expect(proposed).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}$/);
    await password.fill('short');
    await page.keyboard.press('Enter');
    await page.getByTestId('network-dialog').getByTestId('problem').waitFor();
    expect(await violations(page)).toEqual([]);
    await shot(page, `network-ask-${theme}`);
    await password.fill(proposed);
    await page.keyboard.press('Enter');
    const open = page.getByTestId('network-is-open');
    await open.waitFor();
    expect(await open.textContent()).toContain('192.168.1.20:8641');
    expect(await open.textContent()).toContain(proposed);
    expect(await violations(page)).toEqual([]);
    await shot(page, `network-open-${theme}`);
    // Seen from every screen, and one key away.
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('network-tag').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('network-close').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('network-ask').waitFor();
    expect(await page.getByTestId('network-tag').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['light', 'en'],
    ['dark', 'zh-CN'],
  ])('%s, %s: the certificate is installed with help, and removed after a warning', async (theme, language) => {
    const { page, complaints } = await shown.open('sample', { settings: { theme, language } });
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('trust-open').focus();
    await page.keyboard.press('Enter');
    const where = page.getByTestId('trust-where');
    await where.waitFor();
    expect(await where.inputValue()).toBe('chromiumLinux');
    for (const { id } of TRUST_TARGETS) {
      await where.selectOption(id);
      const text = (await page.getByTestId('trust-dialog').textContent()) ?? '';
      expect(text).not.toMatch(/trust\.\w+/);
    }
    await where.selectOption('java');
    expect(await violations(page)).toEqual([]);
    await shot(page, `trust-${theme}`);
    await page.keyboard.press('Escape');
    await page.getByTestId('trust-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('certificate-remove').click();
    await page.getByTestId('remove-dialog').waitFor();
    await shot(page, `certificate-remove-${theme}`);
    await page.getByTestId('remove-confirm').click();
    await page.getByTestId('remove-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('certificate-remove').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it.each([
    ['light', 'en'],
    ['dark', 'zh-CN'],
  ])('%s, %s: a request sent many times shows which answers differ, and how', async (theme, language) => {
    const { page, complaints } = await shown.open('sample', { settings: { theme, language } });
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('flow-row').first().click();
    await page.getByTestId('flow-replay-changes').click();
    await page.getByTestId('replay-more').locator('summary').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('replay-times').fill('8');
    await page.keyboard.press('Enter');
    const groups = page.getByTestId('replay-group');
    await groups.nth(1).waitFor();
    expect(await groups.count()).toBe(2);
    expect(await groups.first().textContent()).toMatch(/^6 ×200.*(same status and size|状态和大小相同)/);
    expect(await groups.nth(1).textContent()).toMatch(/^2 ×40931 B.*(different|不同)/);
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('replay-results').scrollIntoViewIfNeeded();
    await shot(page, `replay-results-${theme}`);
    await groups.nth(1).getByTestId('compare-result').focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByTestId('compare-dialog');
    await dialog.locator('td').filter({ hasText: '409' }).first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('in Chinese: what the engine refuses is said in Chinese, with its own sentence below', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'zh-CN' } });
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('upstream-kind').selectOption('proxy');
    await page.getByTestId('upstream-address').fill('not an address');
    await page.getByTestId('upstream-save').click();
    const problem = page.getByTestId('proxy-settings').getByTestId('problem');
    await problem.waitFor();
    expect(await problem.locator('strong').textContent()).toBe('上游代理的地址无效');
    expect(await problem.locator('[lang=en]').textContent()).toBe('not an address is no address of a proxy');
    await shot(page, 'problem-zh');
  });

  it('at 900 pixels nothing of the settings is cut off', async () => {
    const { page } = await shown.open('sample', {
      settings: { theme: 'light', language: 'en' },
      viewport: { width: 900, height: 700 },
    });
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('tls-add').click();
    const wider = await page.evaluate(() =>
      [...document.querySelectorAll('.page-inner *')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth)
        .map((one) => one.outerHTML.slice(0, 80)),
    );
    expect(wider).toEqual([]);
    await page.locator('.page').evaluate((one) => one.scrollTo(0, 500));
    await shot(page, 'settings-narrow');
    await page.getByTestId('trust-open').click();
    await page.getByTestId('trust-where').selectOption('java');
    await shot(page, 'trust-narrow');
  });
});
