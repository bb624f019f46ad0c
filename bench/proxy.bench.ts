import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { candidates, type Running } from './proxy/candidates.ts';
import { type BenchOrigin, FRESH_HOSTS, pinned, startOrigin } from './proxy/origin.ts';
import { type Bench, median } from './report.ts';

/** What is measured: the load, which of its numbers count, and whom it makes sense to ask. */
interface Measure {
  readonly figure: string;
  readonly suite: string;
  readonly values: readonly (readonly [value: string, unit: string, suffix: string])[];
  readonly connections?: number;
  readonly count?: number;
  readonly steps?: number;
  readonly without?: RegExp;
  readonly only?: RegExp;
}

/** The same program for small answers: only measured with bodies. */
const STREAMING = /mitmproxy-stream/;
const rate = [
  ['perSecond', 'requests/s', ''],
  ['cpuUs', 'CPU us/request', '-cpu'],
  // Of the thread that carries the traffic: without collectors of garbage and the thread that writes the workspace.
  ['firstThreadUs', 'CPU us/request', '-cpu-first-thread'],
] as const;
const measures: readonly Measure[] = [
  { figure: 'http-small', suite: 'http', values: rate, connections: 32, without: STREAMING },
  { figure: 'https-small', suite: 'https', values: rate, connections: 32, without: STREAMING },
  { figure: 'http2', suite: 'http2', values: rate, without: /squid|mitmproxy-stream/ },
  {
    figure: 'http-one-connection',
    suite: 'http',
    values: [
      ['p50', 'ms', '-p50'],
      ['p99', 'ms', '-p99'],
    ],
    connections: 1,
    without: STREAMING,
  },
  { figure: 'http-100k', suite: 'body-100k', values: rate, connections: 32 },
  {
    figure: 'tunnel-new-host',
    suite: 'fresh',
    values: [
      ['p50', 'ms', '-p50'],
      ['cpuMs', 'CPU ms', '-cpu'],
    ],
    without: STREAMING,
  },
  {
    figure: 'tunnels-known-host',
    suite: 'known',
    values: [
      ['perSecond', 'tunnels/s', ''],
      ['cpuMs', 'CPU ms', '-cpu'],
      ['perCpuSecond', 'tunnels/CPU s', '-per-cpu-second'],
    ],
    without: STREAMING,
  },
  // mitmproxy keeps whole bodies unless told to stream: minutes for 200 MB.
  {
    figure: 'download',
    suite: 'download',
    values: [
      ['MBps', 'MB/s', ''],
      ['growthMB', 'MB', '-growth'],
    ],
    without: /^mitmproxy$/,
  },
  {
    figure: 'download-tls',
    suite: 'download-tls',
    values: [
      ['MBps', 'MB/s', ''],
      ['growthMB', 'MB', '-growth'],
    ],
    without: /^mitmproxy$/,
  },
  {
    figure: 'download-paused',
    suite: 'download-paused',
    values: [['growthWhilePaused', 'MB', '-growth']],
    without: /^mitmproxy$|direct/,
  },
  {
    figure: 'memory',
    suite: 'memory',
    values: [
      ['after1', 'MB', '-100k-requests'],
      ['after2', 'MB', '-200k-requests'],
      ['after3', 'MB', '-300k-requests'],
      ['after4', 'MB', '-400k-requests'],
    ],
    connections: 32,
    count: 100_000,
    without: /direct|mitm|mockttp|squid|edit|record/,
  },
  // Slower by its work, so only as far as the goal goes.
  {
    figure: 'memory-recording',
    suite: 'memory',
    values: [
      ['after1', 'MB', '-100k-requests'],
      ['after2', 'MB', '-200k-requests'],
    ],
    connections: 32,
    count: 100_000,
    steps: 2,
    only: /record/,
  },
];

const US = 'sessionscope';
/** The addresses for `tunnel-new-host` last for so many rounds. */
const MOST_ROUNDS = FRESH_HOSTS / 40;

/**
 * Our engine beside its peers, in turns: direct, mitmproxy, squid, mockttp (SESSIONSCOPE_BENCH_PEERS), and itself while
 * editing and inside Electron where that is there. The proxy has one processor, load and origin the other. All are
 * running from the start, and one figure is taken of all of them before the next: the speed of a shared machine changes
 * within minutes.
 */
export const run: Bench = async (report, { quick }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-proxy-'));
  const origin = await startOrigin(folder);
  const running = new Map<string, Running>();
  try {
    const among = new RegExp(process.env['SESSIONSCOPE_BENCH_CANDIDATES'] ?? '');
    const wanted = new RegExp(process.env['SESSIONSCOPE_BENCH_FIGURES'] ?? '');
    const asked = Number(process.env['SESSIONSCOPE_BENCH_ROUNDS'] ?? (quick ? 1 : 2));
    const rounds = Math.max(1, Math.min(MOST_ROUNDS, asked));
    for (const [name, start] of await candidates(folder, origin.caFile)) {
      if (among.test(name)) running.set(name, await start());
    }
    for (const measure of measures) {
      if (!wanted.test(measure.figure) || (measure.count !== undefined && quick)) continue;
      const results = new Map<string, number[]>();
      const { without, only } = measure;
      const names = [...running.keys()].filter((name) => without?.test(name) !== true && only?.test(name) !== false);
      for (let round = 0; round < (measure.count === undefined ? rounds : 1); round++) {
        for (const name of names) take(measure, name, running.get(name) as Running, origin, round, quick, results);
      }
      tell(measure, names, results, report);
    }
  } finally {
    for (const { stop } of running.values()) await stop();
    origin.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Loads one candidate once, and adds what was measured to the results. */
function take(
  { suite, values, connections = 1, count, steps }: Measure,
  name: string,
  proxy: Running,
  origin: BenchOrigin,
  round: number,
  quick: boolean,
  results: Map<string, number[]>,
): void {
  const job = {
    suite,
    proxyPort: proxy.port,
    pid: proxy.pid,
    httpPort: origin.httpPort,
    httpsPort: origin.httpsPort,
    durationMs: quick ? 600 : 1500,
    connections,
    count,
    steps,
    freshFrom: 1 + round * 40,
  };
  const [command, ...args] = pinned(1, [
    process.execPath,
    path.join(import.meta.dirname, 'proxy/load.ts'),
    JSON.stringify(job),
  ]) as [string, ...string[]];
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 180_000 });
  let got: Record<string, number>;
  try {
    got = JSON.parse(stdout) as Record<string, number>;
  } catch {
    console.error(`${name} ${suite}: no result. ${stderr.slice(0, 300)}`);
    return;
  }
  for (const [value, , suffix] of values) {
    const number = got[value];
    if (typeof number !== 'number' || !Number.isFinite(number)) continue;
    const key = `${suffix} ${name}`;
    results.set(key, [...(results.get(key) ?? []), number]);
  }
}

/** Reports the medians of one figure: ours, and beside it those of the others. */
function tell(
  { figure, values }: Measure,
  names: readonly string[],
  results: ReadonlyMap<string, number[]>,
  report: Parameters<Bench>[0],
): void {
  for (const [, unit, suffix] of values) {
    const of = (name: string) => results.get(`${suffix} ${name}`);
    // What only other settings are asked for stands under the first of them.
    const first = of(US) === undefined ? names.find((name) => of(name) !== undefined) : US;
    const ours = first === undefined ? undefined : of(first);
    if (ours === undefined) continue;
    const beside: Record<string, number> = {};
    for (const name of names) {
      const theirs = of(name);
      if (name !== first && theirs !== undefined) beside[name] = median(theirs);
    }
    report({ bench: 'proxy', figure: `${figure}${suffix}`, value: median(ours), unit, beside, n: ours.length });
  }
}
