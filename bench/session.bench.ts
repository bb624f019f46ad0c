import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { formatStoreUrl } from '../core/stores/url.ts';
import { startWebpy, type WebpyStore } from '../test/support/webpy/webpy.ts';
import { type Bench, median } from './report.ts';

const CONNECTIONS = 8;

/** A server in a process of its own. */
interface Site {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Requests per second of the tutorial's `/count` on our core and on the real web.py, in turns on one machine. */
export const run: Bench = async (report, { quick }) => {
  const rounds = quick ? 1 : 5;
  const seconds = quick ? 1 : 3;
  const dir = mkdtempSync(path.join(memoryFolder(), 'bench-session-'));
  try {
    for (const kind of ['disk', 'sqlite'] as const) {
      const place = (who: string) => path.join(dir, `${who}-${kind}`);
      const ours = await startOurs(
        formatStoreUrl(
          kind === 'disk' ? { kind, path: place('ours') } : { kind, path: place('ours'), table: 'sessions' },
        ),
      );
      const store: WebpyStore = kind === 'disk' ? { kind, dir: place('theirs') } : { kind, file: place('theirs') };
      const theirs = await startWebpy({ store });
      try {
        const rates = { ours: [] as number[], theirs: [] as number[] };
        const cpu = { ours: [] as number[], theirs: [] as number[] };
        for (const port of [ours.port, theirs.port]) await load(port, quick ? 1 : 3);
        for (let round = 0; round < rounds; round++) {
          for (const [who, site] of Object.entries({ ours, theirs }) as [keyof typeof rates, Site][]) {
            const before = cpuSeconds(site.pid);
            const { rate, answered } = await load(site.port, seconds);
            rates[who].push(rate);
            cpu[who].push(((cpuSeconds(site.pid) - before) * 1e6) / answered);
          }
        }
        const told = (figure: string, unit: string, value: number, theirValue: number, times: number) =>
          report({ bench: 'session', figure, value, unit, beside: { 'web.py': theirValue, times }, n: rounds });
        const [rate, theirRate] = [median(rates.ours), median(rates.theirs)];
        told(`count-${kind}`, 'requests/s', rate, theirRate, rate / theirRate);
        // On a machine that others use too this one says more than requests per second.
        const [used, theirUsed] = [median(cpu.ours), median(cpu.theirs)];
        if (used > 0) told(`count-${kind}-cpu`, 'µs of CPU/request', used, theirUsed, theirUsed / used);
      } finally {
        await ours.stop();
        await theirs.stop();
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

/** Memory where there is a file system of it: programs are compared here, not how long a disk takes to be sure. */
function memoryFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
}

async function startOurs(store: string): Promise<Site> {
  const program = fileURLToPath(new URL('./session-site.ts', import.meta.url));
  const child = spawn(process.execPath, [program, store], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line.split(' ')[1])));
    child.once('close', () => reject(new Error('The practice site did not start')));
  });
  return {
    port,
    pid: child.pid ?? 0,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** CPU time of a process so far; 0 where the system does not tell. */
function cpuSeconds(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Eight visitors, each on a connection and with a session of their own, each asking again as soon as it is answered. */
async function load(port: number, seconds: number): Promise<{ rate: number; answered: number }> {
  const start = performance.now();
  const end = start + seconds * 1000;
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => visit(port, end)));
  const answered = counts.reduce((sum, count) => sum + count, 0);
  return { rate: (answered * 1000) / (performance.now() - start), answered };
}

function visit(port: number, end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let cookie = '';
    let received = '';
    const socket = net.connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    const ask = () => socket.write(`GET /count HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${cookie}\r\n`);
    socket.on('connect', ask).on('error', reject);
    socket.on('data', (text: string) => {
      received += text;
      if (!received.endsWith('0\r\n\r\n')) return;
      if (!received.startsWith('HTTP/1.1 200')) return void reject(new Error(received));
      answered++;
      if (cookie === '') cookie = `Cookie: ${/Set-Cookie: ([^;]+)/i.exec(received)?.[1]}\r\n`;
      received = '';
      if (performance.now() < end) return void ask();
      socket.destroy();
      resolve(answered);
    });
    socket.on('close', () => reject(new Error('The server closed the connection')));
  });
}
