import { readFileSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import { median } from '../report.ts';
import { oneTunnel } from './tunnel-client.ts';

/**
 * The load generator, a process of its own so that it can be kept on another processor than the proxy:
 * `node load.ts '{"suite":…}'` prints one JSON object of numbers.
 */
interface Job {
  readonly suite: keyof typeof suites;
  /** undefined: no proxy, the limit. */
  readonly proxyPort?: number;
  /** The proxy's process, for its CPU time and memory. */
  readonly pid?: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly durationMs: number;
  readonly connections: number;
  /** Number of requests instead of a duration. */
  readonly count?: number;
  /** How often memory is read: after each `count` requests. */
  readonly steps?: number;
  /** First of the loopback addresses 127.1.0.x that stand for hosts never seen before. */
  readonly freshFrom?: number;
}

const HOST = '127.0.0.1';
const BIG = 209_715_200;
/** Enough that neither side waits for the other. */
const TUNNELS_AT_ONCE = 8;
const WARM_TUNNELS_MS = 1000;
const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const context = createSecureContext();
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (sorted: number[], part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
const FIELDS = 'User-Agent: bench/1.0\r\nAccept: */*\r\nCookie: sid=abcdef0123456789; theme=dark; cart=42\r\n\r\n';

const plainRequest = (path: string) => {
  const origin = `${HOST}:${job.httpPort}`;
  return Buffer.from(
    `GET ${job.proxyPort === undefined ? '' : `http://${origin}`}${path} HTTP/1.1\r\nHost: ${origin}\r\n${FIELDS}`,
  );
};
const tlsRequest = (path: string, host = HOST) =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}:${job.httpsPort}\r\n${FIELDS}`);

/** CPU milliseconds a process has used (user and system), from /proc: all of its threads, or the first one alone. */
function cpuMs(first = false): number {
  if (job.pid === undefined) return Number.NaN;
  const stat = readFileSync(`/proc/${job.pid}/${first ? `task/${job.pid}/` : ''}stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryMB(field: 'VmRSS' | 'VmHWM'): number {
  if (job.pid === undefined) return Number.NaN;
  const status = readFileSync(`/proc/${job.pid}/status`, 'latin1');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

function resetPeak(): void {
  try {
    if (job.pid !== undefined) writeFileSync(`/proc/${job.pid}/clear_refs`, '5');
  } catch {
    // only root may: the peak is then the one since the start
  }
}

function tcp(port: number, host = HOST): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket.off('error', reject)));
  });
}

async function tunnel(host: string, port: number): Promise<Socket> {
  if (job.proxyPort === undefined) return tcp(port, host);
  const socket = await tcp(job.proxyPort);
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (bytes: Buffer) => (bytes.includes(' 200') ? resolve() : reject(new Error(bytes.toString()))));
  });
  return socket;
}

async function tlsTunnel(host: string, alpn: string[]): Promise<TLSSocket> {
  const raw = await tunnel(host, job.httpsPort);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: raw, ALPNProtocols: alpn, rejectUnauthorized: false, secureContext: context });
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}

const openPlain = () => tcp(job.proxyPort ?? job.httpPort);
const openTls = () => tlsTunnel(HOST, ['http/1.1']);

/** Until the proxy's code is compiled, that of its other threads too: forty thousand requests, or four seconds for slow ones. */
async function warm(served: () => number): Promise<void> {
  for (let waited = 0; waited < 4000 && served() < 40_000; waited += 50) await sleep(50);
}

/** Keep-alive requests, one outstanding on each connection. */
async function load(open: () => Promise<Duplex>, request: Buffer): Promise<Record<string, number>> {
  const sockets = await Promise.all(Array.from({ length: job.connections }, open));
  const latencies: number[] = [];
  let served = 0;
  let done = 0;
  let bad = 0;
  let measuring = job.count !== undefined;
  let stopped = false;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  for (const socket of sockets) {
    let left = -1;
    let sent = 0;
    let head: Buffer | undefined;
    const fire = () => {
      sent = performance.now();
      socket.write(request);
    };
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!stopped) bad++;
    });
    socket.on('data', (bytes: Buffer) => {
      if (left < 0) {
        const all = head === undefined ? bytes : Buffer.concat([head, bytes]);
        const end = all.indexOf('\r\n\r\n');
        if (end < 0) {
          head = all;
          return;
        }
        head = undefined;
        const text = all.toString('latin1', 0, end);
        if (!text.startsWith('HTTP/1.1 200')) bad++;
        left = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0) - (all.length - end - 4);
      } else left -= bytes.length;
      if (left > 0) return;
      left = -1;
      served++;
      if (measuring) {
        done++;
        latencies.push(performance.now() - sent);
      }
      if (job.count !== undefined && done >= job.count) finish();
      else if (!stopped) fire();
    });
    fire();
  }
  if (job.count === undefined) await warm(() => served);
  measuring = true;
  const started = performance.now();
  const cpu = cpuMs();
  const cpuOfFirst = cpuMs(true);
  await (job.count === undefined ? sleep(job.durationMs) : finished);
  const elapsed = performance.now() - started;
  const used = cpuMs() - cpu;
  const usedByFirst = cpuMs(true) - cpuOfFirst;
  stopped = true;
  for (const socket of sockets) socket.destroy();
  if (bad > 0 || done === 0) throw new Error(`${bad} answers were not 200, ${done} were`);
  latencies.sort((a, b) => a - b);
  return {
    perSecond: (done / elapsed) * 1000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpuUs: (used * 1000) / done,
    firstThreadUs: (usedByFirst * 1000) / done,
  };
}

async function http2Load(): Promise<Record<string, number>> {
  const sessions: ClientHttp2Session[] = [];
  for (let i = 0; i < 2; i++) {
    const socket = await tlsTunnel(HOST, ['h2']);
    sessions.push(connectHttp2(`https://${HOST}:${job.httpsPort}`, { createConnection: () => socket }));
  }
  let served = 0;
  let done = 0;
  let bad = 0;
  let measuring = false;
  let stopped = false;
  const next = (session: ClientHttp2Session) => {
    if (stopped) return;
    const stream = session.request({ ':path': '/small', cookie: 'sid=abcdef0123456789; theme=dark' });
    stream.on('data', () => {});
    stream.on('error', () => {
      if (!stopped) bad++;
    });
    stream.on('end', () => {
      served++;
      if (measuring) done++;
      next(session);
    });
    stream.end();
  };
  for (const session of sessions) {
    session.on('error', () => {});
    for (let i = 0; i < 16; i++) next(session);
  }
  await warm(() => served);
  measuring = true;
  const started = performance.now();
  const cpu = cpuMs();
  const cpuOfFirst = cpuMs(true);
  await sleep(job.durationMs);
  const elapsed = performance.now() - started;
  const used = cpuMs() - cpu;
  const usedByFirst = cpuMs(true) - cpuOfFirst;
  stopped = true;
  for (const session of sessions) session.destroy();
  return {
    perSecond: (done / elapsed) * 1000,
    cpuUs: (used * 1000) / done,
    firstThreadUs: (usedByFirst * 1000) / done,
    bad,
  };
}

/** Milliseconds from the connection to the end of the handshake. */
async function handshake(host: string): Promise<number> {
  const started = performance.now();
  const socket = await tlsTunnel(host, ['http/1.1']);
  const elapsed = performance.now() - started;
  socket.write(tlsRequest('/small', host));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  return elapsed;
}

async function download(
  open: () => Promise<Duplex>,
  request: Buffer,
  pauseMs: number,
): Promise<Record<string, number>> {
  const socket = await open();
  resetPeak();
  const before = memoryMB('VmRSS');
  const started = performance.now();
  let got = 0;
  let paused = false;
  let growthWhilePaused = 0;
  socket.write(request);
  await new Promise<void>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      if (got === 0 && !bytes.toString('latin1', 0, 12).endsWith(' 200'))
        throw new Error(bytes.toString('latin1', 0, 200));
      got += bytes.length;
      if (pauseMs > 0 && !paused && got > 2_000_000) {
        paused = true;
        socket.pause();
        setTimeout(() => {
          growthWhilePaused = memoryMB('VmRSS') - before;
          socket.resume();
        }, pauseMs);
      }
      if (got >= BIG) resolve();
    });
    socket.on('close', () => resolve());
  });
  const seconds = (performance.now() - started - (paused ? pauseMs : 0)) / 1000;
  const peak = memoryMB('VmHWM');
  socket.destroy();
  return { MBps: got / 1e6 / seconds, growthMB: peak - before, growthWhilePaused, complete: got >= BIG ? 1 : 0 };
}

const suites = {
  http: () => load(openPlain, plainRequest('/small')),
  https: () => load(openTls, tlsRequest('/small')),
  http2: http2Load,
  'body-100k': () => load(openPlain, plainRequest('/100k')),
  known: async () => {
    const target = { proxyPort: job.proxyPort, host: HOST, port: job.httpsPort };
    const request = tlsRequest('/small').toString('latin1');
    let done = 0;
    let stopped = false;
    const worker = async () => {
      while (!stopped) {
        await oneTunnel(target, request);
        done++;
      }
    };
    const workers = Array.from({ length: TUNNELS_AT_ONCE }, worker);
    const failed = Promise.all(workers).then(() => {});
    await Promise.race([sleep(WARM_TUNNELS_MS), failed]);
    const cpu = cpuMs();
    const before = done;
    const started = performance.now();
    await Promise.race([sleep(job.durationMs), failed]);
    const seconds = (performance.now() - started) / 1000;
    const each = (cpuMs() - cpu) / (done - before);
    const perSecond = (done - before) / seconds;
    stopped = true;
    await failed;
    // With a fast proxy the load generator's own handshakes are the limit: what the proxy's processor could do by itself.
    return { perSecond, cpuMs: each, perCpuSecond: 1000 / each };
  },
  fresh: async () => {
    const handshakes: number[] = [];
    const cpu = cpuMs();
    for (let i = 0; i < 30; i++) handshakes.push(await handshake(`127.1.0.${(job.freshFrom ?? 1) + i}`));
    return { p50: median(handshakes), cpuMs: (cpuMs() - cpu) / handshakes.length };
  },
  download: () => download(openPlain, plainRequest('/200m'), 0),
  'download-tls': () => download(openTls, tlsRequest('/200m'), 0),
  'download-paused': () => download(openPlain, plainRequest('/200m'), 2000),
  memory: async () => {
    const after: Record<string, number> = {};
    for (let step = 1; step <= (job.steps ?? 4); step++) {
      await load(openPlain, plainRequest('/small'));
      await sleep(1000);
      after[`after${step}`] = memoryMB('VmRSS');
    }
    return after;
  },
};

const result = await suites[job.suite]();
console.log(JSON.stringify(result));
process.exit(0);
