import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../../core/engine/engine.ts';

it('an export has all flows, however many pages of them there are', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-export-'));
  const engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder });
  try {
    const entry = (i: number) => ({
      startedDateTime: new Date(1_700_000_000_000 + i).toISOString(),
      time: 1,
      request: { method: 'GET', url: `http://shop.test/${i}`, httpVersion: 'HTTP/1.1', headers: [], cookies: [] },
      response: { status: 200, statusText: 'OK', httpVersion: 'HTTP/1.1', headers: [], content: { size: 0 } },
    });
    const many = 10_500;
    const text = JSON.stringify({ log: { version: '1.2', entries: Array.from({ length: many }, (_, i) => entry(i)) } });
    const { flowIds } = await engine.handlers['import.har']({ text });
    expect(flowIds).toHaveLength(many);
    const { count, text: har } = await engine.handlers['export.har']({});
    expect(count).toBe(many);
    const urls = (JSON.parse(har) as { log: { entries: { request: { url: string } }[] } }).log.entries.map(
      ({ request }) => request.url,
    );
    expect([urls[0], urls.at(-1)]).toEqual(['http://shop.test/0', `http://shop.test/${many - 1}`]);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});
