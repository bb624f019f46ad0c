import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyHooks } from '../../../core/proxy/hooks.ts';
import { behaviourChecks, runBehaviour } from '../../support/proxy/behaviour.ts';
import { recorder, themeEditor } from '../../support/proxy/editing-hook.ts';
import { labWithProxy } from '../../support/proxy/lab.ts';

type Running = Awaited<ReturnType<typeof labWithProxy>>;

/** Answers every hook a turn of the event loop later, as a paused or slow hook does. */
const slow: ProxyHooks = {
  name: 'slow',
  request: () => new Promise((resolve) => setImmediate(resolve)),
  response: () => new Promise((resolve) => setImmediate(resolve)),
};
const recording = recorder();

const settings: readonly { name: string; hooks: ProxyHooks[]; edits: boolean }[] = [
  { name: 'without hooks', hooks: [], edits: false },
  { name: 'while recording', hooks: [recording], edits: false },
  { name: 'with a cookie rule active and recording', hooks: [themeEditor, recorder()], edits: true },
  { name: 'with hooks that answer later', hooks: [slow, themeEditor, recorder()], edits: true },
];

describe.each(settings)('behaviour $name', ({ name, hooks, edits }) => {
  let running: Running;

  beforeAll(async () => {
    running = await labWithProxy(hooks);
    running.lab.edits = edits;
  });
  afterAll(() => running.close());

  it('is what client and origin would see without a proxy', async () => {
    expect(behaviourChecks).toHaveLength(96);
    const { passed, failed } = await runBehaviour(running.lab);
    console.log(`behaviour ${name}: ${passed}/${behaviourChecks.length}`);
    expect(failed).toEqual([]);
    expect(passed).toBe(96);
  });
});

describe('the recording of the behaviour suite', () => {
  it('saw every exchange begin and end once', () => {
    expect(recording.counts.requests).toBeGreaterThan(100);
    expect(
      recording.ended.filter(
        ({ status, error, url }) => status === undefined && error === undefined && url.includes('//'),
      ),
    ).toEqual([]);
    expect(recording.counts.frames).toBeGreaterThanOrEqual(18);
    expect(recording.counts.informational).toBeGreaterThanOrEqual(4);
  });
});
