import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { ProxyHooks } from '../../../core/proxy/hooks.ts';
import { behaviourChecks, runBehaviour } from '../../support/proxy/behaviour.ts';
import { recorder } from '../../support/proxy/counting-hook.ts';
import { Lab, labWithProxy } from '../../support/proxy/lab.ts';
import { startRecording, THEME_RULES, themeRules } from '../../support/proxy/real-hooks.ts';

/** Answers every hook a turn of the event loop later, as a paused or slow hook does. */
const slow: ProxyHooks = {
  name: 'slow',
  request: () => new Promise((resolve) => setImmediate(resolve)),
  response: () => new Promise((resolve) => setImmediate(resolve)),
};
const counting = recorder();
const recording = startRecording();
afterAll(() => recording.close());

const settings: readonly { name: string; hooks: readonly ProxyHooks[]; edits: boolean }[] = [
  { name: 'without hooks', hooks: [], edits: false },
  { name: 'while recording', hooks: [counting, ...recording.hooks], edits: false },
  { name: 'with a cookie rule active and recording', hooks: [...recording.hooks, themeRules()], edits: true },
  { name: 'with hooks that answer later', hooks: [slow, ...recording.hooks, themeRules()], edits: true },
];

async function passesAll(name: string, lab: Lab): Promise<void> {
  expect(behaviourChecks).toHaveLength(96);
  const { passed, failed } = await runBehaviour(lab);
  console.log(`behaviour ${name}: ${passed}/${behaviourChecks.length}`);
  expect(failed).toEqual([]);
  expect(passed).toBe(96);
}

describe.each(settings)('behaviour $name', ({ name, hooks, edits }) => {
  let running: Awaited<ReturnType<typeof labWithProxy>>;

  beforeAll(async () => {
    running = await labWithProxy(hooks);
    running.lab.edits = edits;
  });
  afterAll(() => running.close());

  it('is what client and origin would see without a proxy', () => passesAll(name, running.lab));
});

describe('behaviour of the whole engine, with its workspace', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-behaviour-'));
  const lab = new Lab();
  let engine: Engine;

  beforeAll(async () => {
    await lab.start();
    engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder });
    const { proxy } = await engine.handlers['app.info']({});
    lab.proxy = { host: proxy.host, port: proxy.port };
    await engine.handlers['proxy.settings.set']({ tls: [{ host: '*', verify: true, ca: lab.originCa }] });
  });
  afterAll(async () => {
    await engine.close();
    lab.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([false, true])(
    'is what client and origin would see without a proxy (with a cookie rule: %s)',
    async (edits) => {
      lab.edits = edits;
      if (edits)
        for (const { on, change } of THEME_RULES) await engine.handlers['rules.add']({ on, change: change as never });
      await passesAll(`of the whole engine${edits ? ' with a cookie rule' : ''}`, lab);
    },
  );
});

describe('the recording of the behaviour suite', () => {
  it('saw every exchange begin and end once', () => {
    expect(counting.counts.requests).toBeGreaterThan(100);
    expect(
      counting.ended.filter(
        ({ status, error, url }) => status === undefined && error === undefined && url.includes('//'),
      ),
    ).toEqual([]);
    expect(counting.counts.frames).toBeGreaterThanOrEqual(18);
    expect(counting.counts.informational).toBeGreaterThanOrEqual(4);
  });

  it('has an end, and an answer or a reason, for each of its flows', () => {
    const flows = [...recording.flows.values()];
    expect(flows.length).toBeGreaterThan(300);
    expect(flows.filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
    expect(
      flows.filter(({ kind, response, error }) => kind !== 'tunnel' && response === undefined && error === undefined),
    ).toEqual([]);
    expect(flows.some(({ editedBy }) => editedBy?.length === 2)).toBe(true);
  });
});
