import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { findBrowsers } from '../../core/browser/find-browsers.ts';
import { toProblem } from '../../core/model/problem.ts';
import { maskStoreUrl } from '../../core/stores/url.ts';
import { loadSqlite } from '../../core/workspace/sqlite.ts';
import { whyNotWritable } from '../../core/workspace/why-not-writable.ts';
import { print, printJson, printMarked } from '../output.ts';
import { openStore } from './with-store.ts';

/** What one check found. `warn`: something is not as usual, and all can be used; `bad`: something will not work. */
export interface Check {
  readonly id: string;
  readonly state: 'ok' | 'warn' | 'bad';
  /** One sentence. */
  readonly found: string;
  readonly remedy?: string;
}

export interface DoctorOptions {
  readonly data: string;
  readonly proxyPort: number;
  readonly port: number;
  readonly store: readonly string[];
  readonly json?: true;
}

const MARKS = { ok: ['ok   ', 'green'], warn: ['note ', 'yellow'], bad: ['FAIL ', 'red'] } as const;

/** Exit status 1 when something will not work. */
export async function doctorCommand(options: DoctorOptions): Promise<0 | 1> {
  const checks = await allChecks(options);
  if (options.json) printJson({ checks });
  else
    for (const { state, found, remedy } of checks) {
      const [mark, colour] = MARKS[state];
      printMarked(mark, colour, found);
      if (remedy !== undefined) print(`      ${remedy}`);
    }
  return checks.some(({ state }) => state === 'bad') ? 1 : 0;
}

async function allChecks(options: DoctorOptions): Promise<Check[]> {
  return [
    nodeCheck(process.versions.node),
    await sqliteCheck(),
    folderCheck(options.data),
    await portCheck('proxy-port', 'the proxy', options.proxyPort),
    await portCheck('web-port', 'web mode', options.port),
    displayCheck(process.platform, process.env),
    browserCheck(),
    certificateCheck(options.data),
    ...proxyVariables(process.env),
    ...(await Promise.all(options.store.map(storeCheck))),
  ];
}

/** @param version of Node, like `20.19.2` */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19))
    return { id: 'node', state: 'ok', found: `Node ${version} runs the commands` };
  return {
    id: 'node',
    state: 'bad',
    found: `Node ${version} is older than 20.19`,
    remedy: 'Install Node 20.19 or newer from nodejs.org or with your version manager',
  };
}

async function sqliteCheck(): Promise<Check> {
  try {
    (await loadSqlite())(':memory:').close();
    return { id: 'sqlite', state: 'ok', found: 'The SQLite library loads' };
  } catch (error) {
    const { message, remedy } = toProblem(error);
    return { id: 'sqlite', state: 'bad', found: message, remedy: remedy ?? 'Install the program again' };
  }
}

function folderCheck(folder: string): Check {
  const why = whyNotWritable(folder);
  if (why === undefined) return { id: 'data-folder', state: 'ok', found: `The data folder ${folder} can be written` };
  return { id: 'data-folder', state: 'bad', found: why, remedy: 'Make it writable, or name another one with --data' };
}

async function portCheck(id: string, whose: string, wanted: number): Promise<Check> {
  const code = await new Promise<string | undefined>((done) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen(wanted, '127.0.0.1', () => server.close(() => done(undefined)));
  });
  if (code === undefined) return { id, state: 'ok', found: `Port ${wanted} for ${whose} is free` };
  const found =
    code === 'EADDRINUSE'
      ? `Port ${wanted} for ${whose} is in use, by Sessionscope itself or by another program`
      : `Port ${wanted} for ${whose} cannot be used (${code})`;
  return {
    id,
    state: 'warn',
    found,
    remedy:
      'A free port is taken in its place and shown at the start; browsers that are set to this one talk to that program',
  };
}

/** Whether windows can be shown: the desktop application and opened browsers need it, web mode and commands do not. */
export function displayCheck(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Check {
  const hasOne = platform !== 'linux' || env['DISPLAY'] !== undefined || env['WAYLAND_DISPLAY'] !== undefined;
  if (hasOne) return { id: 'display', state: 'ok', found: 'There is a display for windows' };
  return {
    id: 'display',
    state: 'warn',
    found: 'There is no display: the desktop application and opened browsers cannot show a window',
    remedy: 'Use web mode (sessionscope serve) from a browser elsewhere, or start a display (Xvfb, X11, Wayland)',
  };
}

function browserCheck(): Check {
  const found = findBrowsers();
  if (found.length > 0) {
    return {
      id: 'browsers',
      state: 'ok',
      found: `Browsers to open from here: ${found.map(({ name }) => name).join(', ')}`,
    };
  }
  return {
    id: 'browsers',
    state: 'warn',
    found: 'No Chromium, Chrome, Edge, Brave or Firefox was found',
    remedy: 'Install one, or set the proxy in a browser of your own: Home, "Use my own browser"',
  };
}

function certificateCheck(folder: string): Check {
  const there = [path.join(folder, 'authority', 'authority.pem')].find((file) => fs.existsSync(file));
  if (there === undefined) {
    return { id: 'certificate', state: 'ok', found: 'The certificate authority is made at the first start' };
  }
  return {
    id: 'certificate',
    state: 'ok',
    found: `The certificate authority is ${there}; browsers that you set up must trust it`,
  };
}

/** Proxy variables of the environment: they change where requests of the proxy go. */
export function proxyVariables(env: NodeJS.ProcessEnv): Check[] {
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
  const set = names.filter((name) => (env[name] ?? '') !== '');
  if (set.length === 0) return [];
  const without = env['NO_PROXY'] ?? env['no_proxy'] ?? '';
  return [
    {
      id: 'proxy-variables',
      state: 'warn',
      found: `${set.join(', ')} is set: programs started from this shell go through that proxy`,
      remedy: /localhost|127\.0\.0\.1|\*/.test(without)
        ? 'NO_PROXY leaves this computer out'
        : 'Set NO_PROXY=localhost,127.0.0.1,::1 so that applications on this computer are reached directly',
    },
  ];
}

async function storeCheck(address: string): Promise<Check> {
  const id = 'store';
  try {
    const store = await openStore(address);
    try {
      const count = (await store.count?.()) ?? undefined;
      const many = count === undefined ? '' : `, ${count} records`;
      return { id, state: 'ok', found: `${maskStoreUrl(store.url)} is reachable${many}` };
    } finally {
      await store.close().catch(() => {});
    }
  } catch (error) {
    const { message, remedy } = toProblem(error);
    return { id, state: 'bad', found: message, ...(remedy === undefined ? {} : { remedy }) };
  }
}
