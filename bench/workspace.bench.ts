import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { decode } from '../core/frameworks/codec.ts';
import type { Flow } from '../core/model/flow.ts';
import type { Sighting } from '../core/model/session.ts';
import { Registry } from '../core/registry/registry.ts';
import { archiveOf } from '../core/workspace/archive.ts';
import { openWorkspace, type Workspace } from '../core/workspace/workspace.ts';
import { type Bench, median } from './report.ts';

const SESSIONS = 2_000;
const HOSTS = 20;
const HEADERS = [
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  ],
  ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'],
  ['Accept-Language', 'en-GB,en;q=0.9'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-Mode', 'navigate'],
].flat();

/** What a user types while looking for something, from most to nothing found. */
const FILTERS = [
  'host:shop7',
  'cookie:sid',
  'cookie:sid data.user=42',
  'status:500 method:POST',
  'status:5xx -host:shop1',
  'details',
  'products/2999',
  'ab',
  'nothing-has-this',
  'data.count>5900',
  'is:error host:shop3 details',
  'id:7',
  'alice',
];

/** 100,000 flows of 2,000 sessions through workspace and registry: rate, memory, filters, lists, the event loop. */
export const run: Bench = async (report, { quick }) => {
  const flows = quick ? 20_000 : 100_000;
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-workspace-'));
  const tell = (figure: string, value: number, unit: string, n = 1) =>
    report({ bench: 'workspace', figure, value, unit, n });
  try {
    const file = path.join(folder, 'w.sqlite');
    const workspace = await openWorkspace(file, { clock: Date.now });
    const registry = registryOn(workspace);
    const before = process.memoryUsage().rss;
    const start = performance.now();
    for (let i = 0; i < flows; i += 1) {
      pass(workspace, registry, i, i % SESSIONS);
      if (i % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
    }
    await workspace.flush();
    tell('insert', (flows / (performance.now() - start)) * 1_000, 'flows/s');
    tell('memory-growth', (process.memoryUsage().rss - before) / 1e6, 'MB');
    tell('memory', process.memoryUsage().rss / 1e6, 'MB');
    tell('file-bytes-per-flow', statSync(file).size / flows, 'bytes');
    for (let s = 0; s < SESSIONS; s += 1) {
      workspace.sessions.putData(`s${s + 1}`, [
        { path: 'user', value: String(s) },
        { path: 'count', value: String(s * 3) },
      ]);
    }
    await workspace.flush();
    await measureReads(workspace, tell, quick ? 3 : 7);
    await steadyLoad(workspace, registry, tell, quick ? 3 : 10);
    registry.close();
    await workspace.close();
    const again = performance.now();
    const reopened = await openWorkspace(file, { clock: Date.now });
    const first = await reopened.lists.read('flows', { limit: 200 });
    tell('open-and-first-page', performance.now() - again, 'ms');
    if (first.total < flows) throw new Error('flows are missing after the restart');
    await reopened.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function registryOn(workspace: Workspace): Registry {
  return new Registry({ archive: archiveOf(workspace), clock: Date.now, decode: (bytes) => decode(bytes).value });
}

async function measureReads(
  workspace: Workspace,
  tell: (figure: string, value: number, unit: string, n?: number) => void,
  n: number,
) {
  const times = async (work: () => unknown) => {
    const measured: number[] = [];
    for (let i = 0; i < n; i += 1) {
      const start = performance.now();
      await work();
      measured.push(performance.now() - start);
    }
    return measured;
  };
  const flowTimes: number[][] = [];
  const sessionTimes: number[][] = [];
  for (const filter of FILTERS) {
    flowTimes.push(await times(() => workspace.lists.read('flows', { filter, limit: 200 })));
    sessionTimes.push(await times(() => workspace.lists.read('sessions', { filter, limit: 5_000 })));
  }
  tell('filter-flows-median', median(flowTimes.map(median)), 'ms', n);
  tell('filter-flows-slowest', Math.max(...flowTimes.map(median)), 'ms', n);
  tell('filter-sessions-slowest', Math.max(...sessionTimes.map(median)), 'ms', n);
  tell('list-flows', median(await times(() => workspace.lists.read('flows', { limit: 200 }))), 'ms', n);
  tell('list-sessions', median(await times(() => workspace.lists.read('sessions', { limit: 1_000 }))), 'ms', n);
  tell('flows-of-session', median(await times(() => workspace.flows.list({ sessionKey: 's7', limit: 200 }))), 'ms', n);
  tell('timeline-of-session', median(await times(() => workspace.timeline.list('s7', { limit: 200 }))), 'ms', n);
}

/** 1,000 flows a second for some seconds: how long the event loop is held up by saving them. */
async function steadyLoad(
  workspace: Workspace,
  registry: Registry,
  tell: (figure: string, value: number, unit: string, n?: number) => void,
  seconds: number,
): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < seconds * 1_000) {
    const due = performance.now() - start;
    for (; done < due; done += 1) pass(workspace, registry, 1_000_000 + done, done % SESSIONS);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  delay.disable();
  tell('event-loop-delay-p99-at-1000/s', delay.percentile(99) / 1e6, 'ms', done);
  tell('event-loop-delay-max-at-1000/s', delay.max / 1e6, 'ms', done);
}

function pass(workspace: Workspace, registry: Registry, i: number, s: number): void {
  const id = `f${i}`;
  const raw = (s * 7_919 + 1).toString(16).padStart(8, '0').repeat(5);
  const host = `shop${s % HOSTS}.test`;
  const at = 1_700_000_000_000 + i;
  const begun: Flow = {
    id,
    startedAt: at,
    client: { address: '127.0.0.1', port: 40_000 },
    request: {
      method: i % 10 === 0 ? 'POST' : 'GET',
      url: `http://${host}/products/${i % 30_000}/details?ref=abc${i % 977}`,
      httpVersion: '1.1',
      rawHeaders: ['Host', host, ...HEADERS, 'Cookie', `sid=${raw}; lang=en; theme=dark`],
      body: { size: 0, kept: 0 },
    },
    kind: 'http',
  };
  workspace.flows.put(begun);
  registry.saw(begun, []);
  const answered: Flow = {
    ...begun,
    response: {
      status: i % 500 === 0 ? 500 : 200,
      reason: 'OK',
      httpVersion: '1.1',
      rawHeaders: [
        'Content-Type',
        'text/html; charset=utf-8',
        'Set-Cookie',
        `sid=${raw}; HttpOnly; Path=/`,
        'Date',
        'Mon, 23 Nov 2026 16:02:11 GMT',
      ],
      body: { size: 5_120, kept: 0 },
    },
  };
  const sighting = { flowId: id, at, host, carrier: { kind: 'cookie', name: 'sid' }, id: raw, raw } as const;
  const sightings: Sighting[] = [
    { ...sighting, direction: 'request' },
    { ...sighting, direction: 'response' },
  ];
  workspace.flows.put(answered);
  registry.saw(answered, sightings);
  const ended = { ...answered, endedAt: at + 7 };
  workspace.flows.put(ended);
  registry.saw(ended, [], true);
}
