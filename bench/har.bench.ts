import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine } from '../core/engine/engine.ts';
import { importHar } from '../renderer/src/state/import-har.ts';
import type { Bench } from './report.ts';

/** A HAR as browsers save it: 50,000 entries of some 4 kB; read and saved again, beside `JSON.parse` of the same text. */
export const run: Bench = async (report, { quick }) => {
  const entries = quick ? 10_000 : 50_000;
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-har-'));
  const tell = (figure: string, value: number, unit: string, beside?: Readonly<Record<string, number>>) =>
    report({ bench: 'har', figure, value, unit, n: 1, ...(beside === undefined ? {} : { beside }) });
  try {
    const place = path.join(folder, 'saved.har');
    const source = path.join(folder, 'source.har');
    writeFileSync(source, harOf(entries));
    const parsing = parseTime(source);
    const pickFile = async () => place;
    const engine = await createEngine({ mode: 'desktop', version: '0', dataFolder: folder, pickFile });
    const file = await openFile(source);
    const client = { call: ((name: 'import.end', request: never) => engine.handlers[name](request)) as never };
    const before = process.memoryUsage().rss;
    const read = await watched(() => importHar(client, file));
    tell('read', read.ms, 'ms', { 'JSON.parse': parsing });
    tell('longest turn while it is read, own processor time', read.longestTurn, 'ms');
    tell('highest memory while it is read, above before', (read.mostRss - before) / 1e6, 'MB');
    const saved = await watched(() => engine.handlers['export.harFile']({ title: 'Save' }));
    tell('saved, masked', saved.ms, 'ms');
    tell('longest turn while it is saved, own processor time', saved.longestTurn, 'ms');
    tell('size of what is saved', statSync(place).size / 1e6, 'MB');
    await engine.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function harOf(count: number): string {
  const headers = Array.from({ length: 12 }, (_, i) => ({ name: `X-Header-${i}`, value: `value ${i} of a header` }));
  const list: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const text = `<p>${i} ${'some words of a page, '.repeat(100)}</p>`;
    const request = { method: 'GET', url: `https://shop${i % 20}.test/products/${i}`, httpVersion: 'HTTP/2', headers };
    const response = { status: 200, statusText: '', httpVersion: 'HTTP/2', headers, content: { text } };
    list.push(JSON.stringify({ startedDateTime: new Date(1.7e12 + i * 50).toISOString(), time: 5, request, response }));
  }
  return `{"log":{"version":"1.2","entries":[${list.join(',\n')}]}}`;
}

function parseTime(source: string): number {
  const text = readFileSync(source, 'utf8');
  const start = performance.now();
  JSON.parse(text);
  return performance.now() - start;
}

/** A file as the window has it, which reads from the disk as it is sliced. */
async function openFile(source: string) {
  const { openAsBlob } = await import('node:fs');
  const blob = await openAsBlob(source);
  return { name: 'source.har', size: blob.size, slice: (from?: number, to?: number) => blob.slice(from, to) };
}

/** Watches turns and memory of this process while something is done. */
async function watched<T>(act: () => Promise<T>): Promise<{ ms: number; longestTurn: number; mostRss: number }> {
  let [going, longestTurn, mostRss] = [true, 0, 0];
  const watch = (async () => {
    while (going) {
      const before = process.threadCpuUsage();
      await new Promise((next) => setTimeout(next, 1));
      const { user, system } = process.threadCpuUsage(before);
      longestTurn = Math.max(longestTurn, (user + system) / 1000);
    }
  })();
  const memory = setInterval(() => {
    mostRss = Math.max(mostRss, process.memoryUsage().rss);
  }, 50);
  const start = performance.now();
  await act();
  const ms = performance.now() - start;
  going = false;
  clearInterval(memory);
  await watch;
  return { ms, longestTurn, mostRss };
}
