import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WebpyStore } from './webpy.ts';

export interface TruthRecord {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Seconds since 1970. */
  readonly atime: number;
  readonly mtime: number;
}

export interface TruthRun {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Python source. */
  readonly timeout: string;
  readonly initializer: unknown;
  readonly requests: readonly {
    readonly clock: number;
    readonly address: string | null;
    readonly cookie: string | null;
  }[];
}

export interface TruthAnswer {
  readonly status: string;
  readonly headers: [string, string][];
  readonly body: string;
  /** The page ran. */
  readonly ran: boolean;
  /** How many ids were made. */
  readonly made: number;
  /** An exception that left the application. */
  readonly escaped: string | null;
}

/** The real web.py in one long-lived process without sockets. */
export interface InProcessWebpy {
  prepare(records: readonly TruthRecord[]): Promise<void>;
  run(run: TruthRun): Promise<TruthAnswer[]>;
  stop(): Promise<void>;
}

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'in_process.py');

export function startInProcessWebpy(store: WebpyStore): InProcessWebpy {
  const child = spawn('/usr/bin/python3', [program, JSON.stringify({ store })], { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting: { done: (line: string) => void; failed: (error: Error) => void }[] = [];
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.done(line));
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      for (const one of waiting.splice(0)) one.failed(new Error(`web.py ended: ${log}`));
      resolve();
    });
  });
  child.stdin.on('error', () => {});
  const notify = async (message: unknown): Promise<unknown> => {
    const line = await new Promise<string>((done, failed) => {
      waiting.push({ done, failed });
      child.stdin.write(`${JSON.stringify(message)}\n`);
    });
    return JSON.parse(line);
  };
  return {
    async prepare(records) {
      const sent = records.map(({ bytes, ...record }) => ({ ...record, data: Buffer.from(bytes).toString('base64') }));
      await notify({ do: 'prepare', records: sent });
    },
    async run(run) {
      return ((await notify({ do: 'run', ...run })) as { answers: TruthAnswer[] }).answers;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** The "random" bytes of the program: the same at each run. */
export function numberedRandom(): (size: number) => Uint8Array {
  let count = 0;
  return (size) => createHash('sha1').update(String(++count)).digest().subarray(0, size);
}
