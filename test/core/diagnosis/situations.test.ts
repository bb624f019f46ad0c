import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CAUSES } from '../../../core/diagnosis/causes.ts';
import { needs } from '../../support/needs.ts';
import { SITUATIONS } from '../../support/situations/all.ts';
import { openChromium, World } from '../../support/situations/world.ts';
import { until } from '../../support/until.ts';

/* One real situation for each cause: a real Chromium, the real proxy, real servers. The script runs all of them. */

/** Shown where a browser is launched from here: `test/core/engine/launched-chromium.test.ts`. */
const ELSEWHERE = ['browser-said-no'];
const ONE_EACH = [...new Map(SITUATIONS.map((one) => [one.truth, one])).values()];

it('each cause is the truth of a real situation', () => {
  const shown = new Set([...ELSEWHERE, ...ONE_EACH.map(({ truth }) => truth)]);
  expect(CAUSES.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
});

needs(
  'chromium',
  'nginx',
  'redis',
)('a real session that ended', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  it.each(ONE_EACH)('$truth: $name', async ({ truth, certainty, run }) => {
    const world = await World.open(browser);
    try {
      const { causes, answer } = await run(world);
      const said = `${answer} ${JSON.stringify(causes.map(({ id, certainty: sure }) => [id, sure]))}`;
      expect(causes[0], said).toMatchObject({ id: truth, certainty });
      expect(
        causes.filter((one) => one.certainty === 'certain' && one.id !== truth),
        said,
      ).toEqual([]);
    } finally {
      await world.close();
    }
  });
});

needs('chromium', 'nginx')('one id for two visitors, by a caching nginx in between', () => {
  it('is an alarm on the session that was given away', async () => {
    const browser = await openChromium();
    const world = await World.open(browser);
    try {
      await SITUATIONS.find(({ truth }) => truth === 'shared-cache')?.run(world);
      const { sessions } = await until(
        () => world.engine.handlers['sessions.list']({ filter: 'lost:alarm' }),
        (list) => list.sessions.length > 0,
      );
      const [alarm] = sessions[0]?.alarms ?? [];
      expect(alarm).toMatchObject({ kind: 'shared-id', sentence: expect.stringContaining('GET /start') });
      const { entries } = await world.engine.handlers['session.timeline']({ key: sessions[0]?.key ?? '', limit: 100 });
      expect(entries.filter(({ kind }) => kind === 'alarm')).toHaveLength(1);
    } finally {
      await world.close();
      await browser.close();
    }
  });
});
