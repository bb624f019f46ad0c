import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface BodySoak {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  /** Most memory of the process that has engine and writer in it, in MB (Linux; 0 elsewhere). */
  readonly peakMB: number;
  /** Its memory some seconds after the last request. */
  readonly restMB: number;
  /** How long clients waited for a whole answer, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Flows in the workspace afterwards, and those whose body is there in full. */
  readonly flows: number;
  readonly leftOut: number;
  /** Of what stood in the log. */
  readonly log: string;
}

/**
 * Sends requests through a real web mode in a process of its own, as fast as they go, whose answers have bodies that are
 * all different; an application in a third process answers them.
 */
export async function soakBodies(options: {
  readonly bytes: number;
  readonly bodyBytes?: number;
  readonly connections?: number;
}): Promise<BodySoak> {
  const { bytes, bodyBytes = 100_000, connections = 24 } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-soak-'));
  const origin = await start([import.meta.filename, String(bodyBytes)], /port (\d+)/);
  const engine = await start(
    [path.join(ROOT, 'cli/main.ts'), 'serve', '--port', '0', '--proxy-port', '0', '--data', folder],
    /Sessionscope: (\S+)[\s\S]*Proxy: 127\.0\.0\.1:(\d+)/,
  );
  const [page = '', proxyPort = ''] = engine.found;
  let peakMB = 0;
  const sampling = setInterval(() => {
    peakMB = Math.max(peakMB, rssMB(engine.child));
  }, 50);
  const waits: number[] = [];
  let failed = 0;
  let left = Math.ceil(bytes / bodyBytes);
  const requests = left;
  const began = performance.now();
  try {
    const client = async () => {
      while (left > 0) {
        const most = Math.min(left, 500);
        left -= most;
        failed += await visit(Number(proxyPort), Number(origin.found[0]), most, bodyBytes, waits);
      }
    };
    await Promise.all(Array.from({ length: connections }, client));
    const seconds = (performance.now() - began) / 1_000;
    // What waits is saved; memory that is needed no more goes.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const info = await call(page, 'app.info', {});
    const list = await call(page, 'flows.list', { limit: 1 });
    waits.sort((a, b) => a - b);
    return {
      requests,
      failed,
      seconds,
      peakMB: Math.round(peakMB),
      restMB: Math.round(rssMB(engine.child)),
      p50: waits[Math.floor(waits.length / 2)] ?? 0,
      p99: waits[Math.floor(waits.length * 0.99)] ?? 0,
      longest: waits.at(-1) ?? 0,
      flows: (list as { total: number }).total,
      leftOut: (info as { proxy: { bodiesLeftOut: number } }).proxy.bodiesLeftOut,
      log: engine.log(),
    };
  } finally {
    clearInterval(sampling);
    for (const { child } of [engine, origin]) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(
  args: readonly string[],
  wanted: RegExp,
): Promise<{ child: ChildProcess; found: string[]; log: () => string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk) => (log += chunk));
  let out = '';
  const found = await new Promise<string[]>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const match = wanted.exec(out);
      if (match !== null) resolve(match.slice(1));
    });
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${log}`)));
  });
  return { child, found, log: () => log };
}

function rssMB({ pid }: ChildProcess): number {
  try {
    const kB = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return Number(kB) / 1_024;
  } catch {
    return 0;
  }
}

async function call(page: string, method: string, request: object): Promise<unknown> {
  const [base = '', token = ''] = page.split('#token=');
  const answer = await fetch(`${base}api/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Sessionscope-Token': token },
    body: JSON.stringify(request),
  });
  return ((await answer.json()) as { value: unknown }).value;
}

/** Requests on one connection, one after the other. @returns how many were not answered in full */
function visit(proxy: number, origin: number, requests: number, bodyBytes: number, waits: number[]): Promise<number> {
  return new Promise((resolve) => {
    const socket = net.connect(proxy, '127.0.0.1');
    let left = requests;
    let received = 0;
    let due = -1;
    let since = 0;
    const next = () => {
      if (left === 0) return void socket.destroy();
      since = performance.now();
      received = 0;
      due = -1;
      socket.write(`GET http://127.0.0.1:${origin}/${left} HTTP/1.1\r\nHost: 127.0.0.1:${origin}\r\n\r\n`);
    };
    socket.on('connect', next);
    socket.on('data', (chunk: Buffer) => {
      if (due < 0) {
        const end = chunk.indexOf('\r\n\r\n');
        if (end < 0) return;
        due = end + 4 + bodyBytes;
      }
      received += chunk.length;
      if (received < due) return;
      waits.push(performance.now() - since);
      left -= 1;
      next();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(left));
  });
}

/** The application: each body is another. */
function serve(bodyBytes: number): void {
  const bytes = randomBytes(bodyBytes);
  let count = 0;
  const server = http.createServer((_request, response) => {
    const body = Buffer.from(bytes);
    body.writeUInt32LE(++count, 0);
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bodyBytes }).end(body);
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`));
  process.once('SIGTERM', () => process.exit(0));
}

if (process.argv[1] === import.meta.filename) serve(Number(process.argv[2]));
