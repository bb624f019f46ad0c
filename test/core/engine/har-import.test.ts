import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { Progress } from '../../../core/model/app.ts';
import { importHar } from '../../../renderer/src/state/import-har.ts';

let folder = '';
let engine: Engine;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-har-'));
  engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder });
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const START = 1_700_000_000_000;
function entry(i: number, body: string, at = i): object {
  return {
    startedDateTime: new Date(START + at).toISOString(),
    time: 1,
    request: {
      method: 'GET',
      url: `http://shop.test/${i}`,
      headers: [{ name: 'Cookie', value: 'sid=0123456789abcdef0123' }],
    },
    response: {
      status: 200,
      headers: [
        { name: 'Content-Encoding', value: 'gzip' },
        ...(i === 0 ? [{ name: 'Set-Cookie', value: 'sid=0123456789abcdef0123; Path=/; HttpOnly' }] : []),
      ],
      content: { text: body },
    },
  };
}
const har = (entries: readonly object[]) => JSON.stringify({ log: { version: '1.2', entries } });
const client = () => ({ call: ((name: 'import.end', request: never) => engine.handlers[name](request)) as never });

it('a HAR of more than 30 MB is read piece by piece, with every body, in the order of time', async () => {
  const many = 400;
  const body = (i: number) => `${i} “ü” `.repeat(10_000);
  const text = har(Array.from({ length: many }, (_, i) => entry(i, body(i), i ^ 1)));
  const file = new File([text], 'large.har');
  expect(file.size).toBeGreaterThan(40_000_000);
  expect(await importHar(client(), file)).toEqual({ count: many, notes: [] });
  const { flows, total } = await engine.handlers['flows.list']({ limit: 500 });
  expect(total).toBe(many);
  expect(flows.map(({ url }) => Number(new URL(url).pathname.slice(1)) ^ 1)).toEqual(
    Array.from({ length: many }, (_, i) => many - 1 - i),
  );
  for (const i of [0, 1, 200, 399]) {
    const id = flows.find(({ url }) => url.endsWith(`/${i}`))?.id ?? '';
    const { text: kept, truncated } = await engine.handlers['flow.body']({ id, part: 'response' });
    expect([kept, truncated]).toEqual([body(i), false]);
  }
  expect((await engine.handlers['sessions.list']({})).sessions[0]?.id).toBe('0123456789abcdef0123');
});

it('a turn of the engine is short while a large HAR is read', async () => {
  const text = har(Array.from({ length: 8_000 }, (_, i) => entry(i, `<p>${i}</p>`.repeat(200))));
  let reading = true;
  let longest = 0;
  const watch = (async () => {
    while (reading) {
      // Of this thread's own processor time: what others use does not count.
      const before = process.threadCpuUsage();
      await new Promise((next) => setTimeout(next, 1));
      const { user, system } = process.threadCpuUsage(before);
      longest = Math.max(longest, (user + system) / 1000);
    }
  })();
  const pieces = Array.from({ length: Math.ceil(text.length / 4_000_000) }, (_, i) =>
    text.slice(i * 4_000_000, (i + 1) * 4_000_000),
  );
  const { importId } = await engine.handlers['import.begin']({ name: 'a.har', size: text.length });
  for (const piece of pieces) await engine.handlers['import.piece']({ importId, text: piece, size: piece.length });
  const { count } = await engine.handlers['import.end']({ importId });
  reading = false;
  await watch;
  expect(count).toBe(8_000);
  expect(longest).toBeLessThan(50);
});

it('shows its progress, and what was read before the user cancels stays', async () => {
  const seen: Progress[] = [];
  const shown = new Promise<string>((done) => {
    engine.subscribe((name, event) => {
      if (name !== 'progress') return;
      seen.push(event as Progress);
      done((event as Progress).taskId);
    });
  });
  const { importId } = await engine.handlers['import.begin']({ name: 'a.har', size: 1_000_000 });
  const first = har([entry(1, 'x'), entry(2, 'y')]).slice(0, -3);
  const filler = Array.from({ length: 2_500 }, (_, i) => JSON.stringify(entry(10 + i, 'z'))).join(',');
  await engine.handlers['import.piece']({ importId, text: `${first},${filler}`, size: 600_000 });
  const taskId = await shown;
  await engine.handlers['import.piece']({ importId, text: ' ', size: 100_000 });
  expect(seen.at(-1)).toMatchObject({ title: 'Reading a.har', done: 700_000, total: 1_000_000, finished: false });
  await engine.handlers['task.cancel']({ taskId });
  await expect(engine.handlers['import.piece']({ importId, text: ' ', size: 1 })).rejects.toMatchObject({
    problem: { kind: 'cancelled' },
  });
  await expect(engine.handlers['import.end']({ importId })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  expect(seen.at(-1)).toMatchObject({ finished: true });
  expect((await engine.handlers['flows.list']({ limit: 1 })).total).toBeGreaterThan(400);
});

it('pieces that are no HAR are refused at once, and the import is over', async () => {
  for (const text of ['GIF89a', '{"log":{"entries":[{bad}', '[1]']) {
    const { importId } = await engine.handlers['import.begin']({ name: 'a', size: 10 });
    const bad = { problem: { kind: 'bad-har' } };
    await expect(engine.handlers['import.piece']({ importId, text: `${text}]}}`, size: 10 })).rejects.toMatchObject(
      bad,
    );
    await expect(engine.handlers['import.end']({ importId })).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  }
});
