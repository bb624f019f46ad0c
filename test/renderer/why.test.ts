import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveWeb, type WebServer } from '../../cli/web/server.ts';
import { CAUSES } from '../../core/diagnosis/causes.ts';
import { causesZh } from '../../renderer/src/i18n/causes-zh.ts';
import { needs } from '../support/needs.ts';
import { BROWSER_SITUATIONS } from '../support/situations/browser.ts';
import { Shop } from '../support/situations/shop.ts';
import { World } from '../support/situations/world.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

/* Three real losses, asked about in the window on the real engine. */

/** An answer that takes longer is not looked at. */
const LIMIT_MS = 2_000;
const LOSSES = ['not-covered', 'cookie-ran-out', 'script-changed'];

it('each cause has its Chinese texts', () => {
  expect(Object.keys(causesZh).sort()).toEqual(CAUSES.map(({ id }) => id).sort());
});

needs('chromium')('Why? in the window', () => {
  let folder: string;
  let shown: TestWindow;
  const worlds = new Map<string, { world: World; server: WebServer }>();

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-why-window-'));
    shown = await startWindow(folder, chromiumPath());
    for (const truth of LOSSES) {
      const world = await World.open(shown.browser);
      await BROWSER_SITUATIONS.find((one) => one.truth === truth)?.run(world);
      worlds.set(truth, { world, server: await serveWeb({ engine: world.engine, folder, port: 0 }) });
    }
  }, 180_000);
  afterAll(async () => {
    for (const { world, server } of worlds.values()) {
      await server.close();
      await world.close();
    }
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(truth: string, settings: { theme: string; language: string }): Promise<Page> {
    const place = worlds.get(truth);
    if (place === undefined) throw new Error(`no world for ${truth}`);
    await place.world.engine.handlers['settings.set']({ key: 'window', value: settings });
    const page = await shown.browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    await page.goto(place.server.address);
    return page;
  }

  const LOOKS = [
    { theme: 'light', language: 'en' },
    { theme: 'dark', language: 'en' },
    { theme: 'light', language: 'zh-CN' },
    { theme: 'dark', language: 'zh-CN' },
  ];

  it.each(LOSSES.flatMap((truth, i) => LOOKS.map((look) => ({ truth, ...look })).filter((_, k) => i === 0 || k === i)))(
    '$truth, $theme, $language: explained by keyboard, in time',
    async ({ truth, theme, language }) => {
      const page = await open(truth, { theme, language });
      try {
        const rows = page.getByTestId('session-row');
        await rows.first().waitFor();
        expect(await page.getByTestId('session-lost').count()).toBeGreaterThan(0);
        const { sessions } =
          (await worlds.get(truth)?.world.engine.handlers['sessions.list']({ filter: `lost=${truth}` })) ?? {};
        await page.locator(`[data-session="${sessions?.[0]?.key}"]`).click();
        await page.getByTestId('why').focus();
        const began = performance.now();
        await page.keyboard.press('Enter');
        await page.getByTestId('why-answer').waitFor();
        expect(performance.now() - began).toBeLessThan(LIMIT_MS);
        expect(await page.getByTestId('why-answer').getAttribute('data-cause')).toBe(truth);
        expect(await page.locator('.why-chain > li').count()).toBeLessThanOrEqual(7);
        // What lies ahead is not asked of what is over.
        expect(await page.getByTestId('why-ahead').count()).toBe(0);
        if (language === 'zh-CN')
          expect(await page.getByTestId('why-answer').textContent()).toContain(causesZh[truth]?.title);
        await page.evaluate(axe.source);
        const wrong = await page.evaluate(async () => {
          const engine = (globalThis as unknown as { axe: typeof axe }).axe;
          const { violations } = await engine.run(document, { resultTypes: ['violations'] });
          return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
        });
        expect(wrong).toEqual([]);
        const shots = process.env['SESSIONSCOPE_SHOTS'];
        if (shots !== undefined)
          await page.screenshot({ path: path.join(shots, `why-${truth}-${theme}-${language}.png`) });
        // From the evidence to the request, and from there to the same answer.
        const link = page.locator('.why-chain button').last();
        await link.focus();
        await page.keyboard.press('Enter');
        await page.getByTestId('flow-detail').getByTestId('why').focus();
        await page.keyboard.press('Enter');
        await page.getByTestId('why-answer').waitFor();
        expect(await page.getByTestId('why-answer').getAttribute('data-cause')).toBe(truth);
        await page.keyboard.press('Escape');
        await page.getByTestId('why-answer').waitFor({ state: 'detached' });
      } finally {
        await page.close();
      }
    },
  );

  it('a session that goes on is asked what it will survive', async () => {
    const world = await World.open(shown.browser);
    const shop = new Shop(world, { attributes: '; Path=/; SameSite=Strict' });
    await shop.enter(await world.visitor());
    const server = await serveWeb({ engine: world.engine, folder, port: 0 });
    const page = await shown.browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    try {
      await page.goto(server.address);
      await page.getByTestId('session-row').first().click();
      await page.getByTestId('why').focus();
      await page.keyboard.press('Enter');
      await page.getByTestId('why-ahead').waitFor();
      const verdicts = await page
        .getByTestId('why-ahead')
        .locator('dd')
        .evaluateAll((all) => all.map((one) => [one.getAttribute('data-trial'), one.getAttribute('data-verdict')]));
      expect(verdicts).toEqual([
        ['browser-restart', 'no'],
        ['deploy', 'cannot-tell'],
        ['night', 'depends'],
        ['login-redirect', 'no'],
        ['embedded-frame', 'no'],
      ]);
    } finally {
      await page.close();
      await server.close();
      await world.close();
    }
  });
});
