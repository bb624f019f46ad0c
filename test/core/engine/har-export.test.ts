import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';

let folder = '';
let engine: Engine;
let place: string | null = null;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-har-'));
  place = path.join(folder, 'saved.har');
  const pickFile = async () => place;
  engine = await createEngine({ mode: 'desktop', version: '1', dataFolder: path.join(folder, 'data'), pickFile });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const body = (rows: number) =>
  JSON.stringify({ password: 'hunter2', rows: Array.from({ length: rows }, (_, i) => ({ i, name: `n${i}` })) });

async function fill(count: number, rows: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, i) => ({
    startedDateTime: new Date(1_700_000_000_000 + i).toISOString(),
    request: { method: 'GET', url: `http://shop.test/${i}`, headers: [] },
    response: {
      status: 200,
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      content: { text: body(rows).replace('n0', `n0-${i}`) },
    },
  }));
  await engine.handlers['import.har']({ text: JSON.stringify({ log: { entries } }) });
}

interface Har {
  readonly log: { readonly entries: { request: { url: string }; response: { content: { text: string } } }[] };
}

it('a HAR is streamed into the file, masked, and the engine has short turns meanwhile', async () => {
  const many = 5_300;
  await fill(many, 10);
  let saving = true;
  let longest = 0;
  const watch = (async () => {
    while (saving) {
      const before = process.threadCpuUsage();
      await new Promise((next) => setTimeout(next, 1));
      const { user, system } = process.threadCpuUsage(before);
      longest = Math.max(longest, (user + system) / 1000);
    }
  })();
  const { path: saved, count } = await engine.handlers['export.harFile']({ title: 'Save' });
  saving = false;
  await watch;
  expect([saved, count]).toEqual([place, many]);
  const text = readFileSync(place ?? '', 'utf8');
  const { entries } = (JSON.parse(text) as Har).log;
  expect(entries.map(({ request }) => request.url)).toEqual(
    Array.from({ length: many }, (_, i) => `http://shop.test/${i}`),
  );
  expect(entries[7]?.response.content.text).toContain('n0-7');
  expect(text).not.toContain('hunter2');
  expect(longest).toBeLessThan(50);
  // The same as a text, and with a filter.
  expect((await engine.handlers['export.har']({})).text).toBe(text);
  expect((await engine.handlers['export.har']({ filter: 'url:shop.test/53' })).count).toBe(11);
});

it('a cancelled or failed export leaves no file behind, and one that was there is kept', async () => {
  await fill(1_500, 400);
  const shown = new Promise<string>((done) => {
    engine.subscribe((name, event) => {
      if (name === 'progress') done((event as { taskId: string }).taskId);
    });
  });
  const saving = engine.handlers['export.harFile']({ title: 'Save' });
  const outcome = expect(saving).rejects.toMatchObject({ problem: { kind: 'cancelled' } });
  await engine.handlers['task.cancel']({ taskId: await shown });
  await outcome;
  expect(readdirSync(folder)).toEqual(['data']);
  place = path.join(folder, 'no-such-folder', 'a.har');
  await expect(engine.handlers['export.harFile']({ title: 'Save' })).rejects.toMatchObject({
    problem: { kind: 'har-not-written' },
  });
  place = null;
  expect(await engine.handlers['export.harFile']({ title: 'Save' })).toEqual({ path: null, count: 0, notes: [] });
  expect(existsSync(path.join(folder, 'saved.har'))).toBe(false);
});
