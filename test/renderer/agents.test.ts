import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { AgentInfo } from '../../core/model/agent.ts';
import { needs } from '../support/needs.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

const AGENT: AgentInfo = {
  agentId: 'agent-1',
  client: 'a coding agent\u202e',
  version: '2.0',
  state: 'waiting',
  wants: { writes: true, secrets: false },
  since: Date.parse('2026-03-01T10:00:00Z'),
  calls: [],
};

needs('chromium')('agents in the window', () => {
  let folder: string;
  let shown: TestWindow;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-agents-window-'));
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
  ])(
    '%s, %s: one that waits is let in and stopped by keyboard, and what it did can be read',
    async (theme, language) => {
      const { page, complaints } = await shown.open('sample', { settings: { theme, language } });
      const tell = (agents: readonly AgentInfo[]) =>
        page.evaluate((list) => window.fake?.emit('agents.changed', { agents: [...list] }), agents);
      await page.getByTestId('session-row').first().waitFor();
      expect(await page.getByTestId('agents-open').count()).toBe(0);
      await tell([AGENT]);
      await page.getByTestId('agents-open').focus();
      await page.keyboard.press('Enter');
      expect(await page.getByTestId('agent').textContent()).toContain('a coding agent\\u{202e}');
      await page.getByTestId('agent-allow').focus();
      await page.keyboard.press('Enter');
      const called = () => page.evaluate(() => window.fake?.calls.filter(({ method }) => method.startsWith('agent.')));
      expect(await called()).toEqual([
        { method: 'agent.decide', request: { agentId: 'agent-1', allow: true, remember: false } },
      ]);
      const call = { at: AGENT.since, tool: 'kill', input: '{"session":"3"}', outcome: 'refused', tookMs: 4 } as const;
      await tell([{ ...AGENT, state: 'allowed', calls: [{ ...call, reason: 'not allowed' }] }]);
      await page.getByTestId('agents').locator('summary').focus();
      await page.keyboard.press('Enter');
      expect(await page.getByTestId('agent-call').textContent()).toMatch(/kill.*(refused|被拒绝).*not allowed.*"3"/);
      await page.evaluate(axe.source);
      const wrong = await page.evaluate(async () => {
        const engine = (globalThis as unknown as { axe: typeof axe }).axe;
        return (await engine.run(document, { resultTypes: ['violations'] })).violations.map(({ id }) => id);
      });
      expect(wrong).toEqual([]);
      const shots = process.env['SESSIONSCOPE_SHOTS'];
      if (shots !== undefined) await page.screenshot({ path: path.join(shots, `agents-${theme}.png`) });
      await page.getByTestId('agent-stop').focus();
      await page.keyboard.press('Enter');
      expect((await called())?.at(-1)).toEqual({ method: 'agent.stop', request: { agentId: 'agent-1' } });
      expect(complaints).toEqual([]);
    },
  );
});
