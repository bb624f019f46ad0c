import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Where the real web.py keeps its sessions. A missing table is made, as the tutorial's schema has it. */
export type WebpyStore =
  | { readonly kind: 'disk'; readonly dir: string }
  | { readonly kind: 'memory' }
  | { readonly kind: 'shelf'; readonly file: string }
  | { readonly kind: 'sqlite'; readonly file: string; readonly table?: string }
  | {
      readonly kind: 'postgres' | 'mysql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
      readonly table?: string;
    };

export interface WebpyOptions {
  readonly store: WebpyStore;
  /** Changes to `web.config.session_parameters`; `timeout: 'tuple'` stands for `(86400,)`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Default `{count: 0}`. */
  readonly initializer?: Readonly<Record<string, unknown>>;
  /** count: /count, /reset; login: also /login?user=, /logout, /whoami; typed: GET and POST /data in typed JSON; lab: see app_lab.py. */
  readonly app?: 'count' | 'login' | 'typed' | 'lab';
  readonly host?: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Threads of the server; default 10, as web.py has it. */
  readonly threads?: number;
  /** Seconds since 1970: the clock stands there until `POST /_clock` (count app) gives another. */
  readonly fakeTime?: number;
  /** Zone of the process, for `TZ`. */
  readonly timezone?: string;
  /** Further variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running web.py of this test alone. */
export interface Webpy {
  readonly origin: string;
  readonly port: number;
  readonly pid: number;
  /** Standard error so far: tracebacks of failed requests. */
  log(): string;
  stop(): Promise<void>;
  /** Ends it at once, without any farewell. */
  kill(): Promise<void>;
}

const here = path.dirname(fileURLToPath(import.meta.url));
const START_LIMIT_MS = 60_000;

/** Starts the real web.py (Debian's python3-webpy) with one of the applications of this folder, debug mode off. */
export async function startWebpy(options: WebpyOptions): Promise<Webpy> {
  const { timezone, env, ...config } = options;
  const child = spawn('/usr/bin/python3', [path.join(here, 'program.py'), JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...(timezone === undefined ? {} : { TZ: timezone }), ...env },
  });
  const log: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`web.py did not start: ${log.join('')}`)), START_LIMIT_MS);
    const fail = () => {
      clearTimeout(timer);
      reject(new Error(`web.py ended before it listened: ${log.join('')}`));
    };
    child.once('close', fail);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^listening (\d+)$/.exec(line);
      if (match === null) return;
      clearTimeout(timer);
      child.off('close', fail);
      resolve(Number(match[1]));
    });
  });
  return {
    origin: `http://${options.host ?? '127.0.0.1'}:${port}`,
    port,
    pid: child.pid ?? 0,
    log: () => log.join(''),
    async stop() {
      child.stdin.end();
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
