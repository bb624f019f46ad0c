import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../../core/engine/engine.ts';
import { MeasuredTimeouts } from '../../../core/engine/measured-timeouts.ts';
import { SETTING } from '../../../core/engine/settings.ts';
import type { ExperimentOutcome } from '../../../core/model/lab.ts';
import { openWorkspace } from '../../../core/workspace/workspace.ts';
import { until } from '../../support/until.ts';

/* An idle limit that the lab measured says when a record may be removed. */

const measured = (...values: number[]): ExperimentOutcome => ({
  experimentId: 'idle-limit',
  verdict: 'holds',
  sentence: 'It is kept.',
  evidence: [],
  measured: values.map((value) => ({ label: 'idle limit', value, unit: 's' })),
  tookMs: 1,
});

describe('measured timeouts', () => {
  it('are learnt from one exact limit, and found again', () => {
    const saved = new Map<string, unknown>();
    const settings = {
      get: (key: string) => saved.get(key),
      set: (key: string, value: unknown) => saved.set(key, value),
    };
    const timeouts = new MeasuredTimeouts(settings);
    timeouts.learn('shop.test', measured(3_600));
    // A range, nothing at all, and another experiment's figure are no limit.
    timeouts.learn('range.test', measured(60, 120));
    timeouts.learn('none.test', measured());
    timeouts.learn('other.test', { ...measured(5), experimentId: 'id-entropy' });
    const again = new MeasuredTimeouts(settings);
    expect(['shop.test', 'range.test', 'none.test', 'other.test'].map((host) => again.of(host))).toEqual([
      3_600,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('survive a setting that is none', () => {
    for (const value of [null, 'x', 7, { 'shop.test': 'soon' }]) {
      expect(new MeasuredTimeouts({ get: () => value, set: () => {} }).of('shop.test')).toBeUndefined();
    }
  });
});

describe('a session of a host whose limit is known', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-timeouts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it('says when its record may be removed', async () => {
    const id = 'c0ffee'.padEnd(40, '0');
    mkdirSync(path.join(folder, 'sessions'));
    // {'session_id': …} as web.py 0.62 writes it: a pickle in base64.
    const pickle = `\x80\x03}q\x00X\x0a\x00\x00\x00session_idq\x01X\x28\x00\x00\x00${id}q\x02s.`;
    writeFileSync(path.join(folder, 'sessions', id), Buffer.from(pickle, 'latin1').toString('base64'));
    const file = path.join(folder, 'workspace.sqlite');
    const workspace = await openWorkspace(file, { clock: Date.now });
    workspace.settings.set(SETTING.timeouts, { 'shop.test': 3_600 });
    await workspace.close();

    const engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder, workspaceFile: file });
    try {
      const { handlers } = engine;
      await handlers['stores.attach']({ address: path.join(folder, 'sessions') });
      const startedDateTime = new Date().toISOString();
      const message = { httpVersion: 'HTTP/1.1', cookies: [], headersSize: -1, bodySize: 0 };
      const headers = [{ name: 'Cookie', value: `webpy_session_id=${id}` }];
      const request = { ...message, method: 'GET', url: 'http://shop.test/', headers, queryString: [] };
      const response = {
        ...message,
        status: 200,
        statusText: 'OK',
        headers: [],
        content: { size: 0 },
        redirectURL: '',
      };
      const timings = { send: 0, wait: 1, receive: 0 };
      const entries = [{ startedDateTime, time: 1, request, response, cache: {}, timings }];
      const har = { log: { version: '1.2', creator: { name: 't', version: '1' }, entries } };
      await handlers['import.har']({ text: JSON.stringify(har) });
      const { sessions } = await until(
        () => handlers['sessions.list']({}),
        (seen) => seen.sessions.some(({ clocks }) => clocks.store !== undefined),
      );
      const store = sessions[0]?.clocks.store;
      expect(store?.cleanupDue).toBe((store?.lastUsed ?? 0) + 3_600_000);
    } finally {
      await engine.close();
    }
  });
});
