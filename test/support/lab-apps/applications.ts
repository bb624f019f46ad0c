import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { EXPERIMENTS } from '../../../core/policy/live/catalog.ts';
import type { Need } from '../needs.ts';
import { until } from '../until.ts';

/*
 * Applications with known session policies, written from the manuals of their frameworks and from descriptions of what
 * judges get wrong, before any run of the lab on them. What is true of each is stated beside it.
 */

export interface LabApplication {
  readonly name: string;
  readonly kind: 'webpy' | 'flask' | 'django' | 'php' | 'express' | 'express-acts' | 'express-tokens' | 'rails';
  readonly config: Readonly<Record<string, unknown>>;
  readonly needs: readonly Need[];
  /** Where the records are, where the lab is given that. */
  readonly store?: 'disk' | 'sqlite';
  /** More of the policy's target. */
  readonly target?: Readonly<Record<string, unknown>>;
  /**
   * One letter for each of the first thirteen experiments: h holds, x does not hold; with `?` an honest "cannot tell" is
   * right as well, and q means that it is the only right one.
   */
  readonly truth: string;
}

const W = (
  name: string,
  config: LabApplication['config'],
  truth: string,
  store: 'disk' | 'sqlite' = 'disk',
  target = {},
): LabApplication => ({
  name: `web.py: ${name}`,
  kind: 'webpy',
  config,
  needs: ['webpy'],
  store,
  target,
  truth,
});
const other =
  (kind: LabApplication['kind'], needs: readonly Need[], target: LabApplication['target']) =>
  (name: string, config: LabApplication['config'], truth: string): LabApplication => ({
    name: `${kind}: ${name}`,
    kind,
    config,
    needs,
    ...(target === undefined ? {} : { target }),
    truth,
  });
const flask = other('flask', ['flask'], { cookie: 'session' });
const django = other('django', ['django'], {
  cookie: 'sessionid',
  login: ['/login', { method: 'POST', url: '/login', fields: ['csrfmiddlewaretoken'], form: { user: 'alice' } }],
  logout: { method: 'POST', url: '/logout', fields: ['csrfmiddlewaretoken'] },
});
const php = (name: string, config: LabApplication['config'], truth: string): LabApplication => ({
  ...other('php', ['php'], { cookie: 'PHPSESSID' })(name, config, truth),
  store: 'disk',
});
const express = other('express', [], { cookie: 'connect.sid' });
const cookieSession = other('express', [], { cookie: 'session' });
const rails = other('rails', ['rails'], {
  cookie: '_lab_session',
  login: ['/login', { method: 'POST', url: '/login', fields: ['authenticity_token'], form: { user: 'alice' } }],
  logout: { method: 'POST', url: '/logout', fields: ['authenticity_token', '_method'] },
});

export const APPLICATIONS: readonly LabApplication[] = [
  W('timeout 10 min', { timeout: 600 }, 'h h h h x? x h h h h h h h'),
  W(
    'timeout 3 h, page the same for all, logout forgets',
    { timeout: 10_800, page: 'same', logout: 'forget' },
    'x x h h x? x h h h h h h h',
    'sqlite',
  ),
  W(
    'minds the address, one line of page',
    { timeout: 3_600, page: 'mini', parameters: { ignore_change_ip: false } },
    'h h h h x? h h h h h h h h',
  ),
  W(
    'minds the address, believes X-Client-IP',
    { timeout: 1_800, believes: 'X-Client-IP', parameters: { ignore_change_ip: false } },
    'h h h h x? h x h h h h h h',
  ),
  W(
    'minds the address, believes CF-Connecting-IP',
    { timeout: 1_800, believes: 'CF-Connecting-IP', page: 'json', parameters: { ignore_change_ip: false } },
    'h h h h x? h x h h h h h h',
  ),
  W(
    'absolute 12 h, logout deletes the cookie only',
    { timeout: 1_800, absolute: 43_200, logout: 'cookie' },
    'h h h h h x h x h h h h h',
    'sqlite',
  ),
  W('absolute 2 d', { timeout: 1_800, absolute: 172_800 }, 'h h h h x x h h h h h h h'),
  W('502 at each fifth request', { timeout: 1_800, errors: 5 }, 'h? h? h h x? x h? h h h h h h'),
  W(
    '502 at each third request, JSON',
    { timeout: 86_400, errors: 3, page: 'json' },
    'x? x? h? h? x? x h? h? h? h? h? h? h?',
  ),
  W('ten requests a second', { timeout: 86_400, rate: 10 }, 'x x h h x? x h h h h h h h', 'sqlite'),
  W(
    'advertisements, page the same for all',
    { timeout: 86_400, page: 'same', adverts: true },
    'x x h h x? x h h h h h h h',
  ),
  W('half a second for each answer', { timeout: 900, slow: 500 }, 'h h h h x? x h h h h h h h'),
  W(
    'bound to the User-Agent, 401',
    { timeout: 1_800, page: 'json', agent: true },
    'h h h h x? x h h h h h h h',
    'sqlite',
  ),
  W('logout with a token', { timeout: 1_800, csrf: true }, 'h h h h x? x h h h h h h h', 'disk', {
    logout: { method: 'POST', url: '/logout', fields: ['csrf_token'] },
  }),
  W('a second cookie remembers the user', { timeout: 1_800, remember: true }, 'h h x h x? x h h h h h h h'),
  flask('as it comes', {}, 'h? h? h x? h? x h? x h h h h h'),
  flask(
    'page the same for all, advertisements, logout forgets the user',
    { page: 'same', logout: 'pop', refresh: false },
    'h? h? h x? h? x h? x h h h h h',
  ),
  flask('bound to the address', { bound: true, page: 'json' }, 'h? h? h x? h? h h x h h h h h'),
  flask(
    'bound to the address, believes True-Client-IP',
    { bound: true, believes: 'True-Client-IP' },
    'h? h? h x? h? h x x h h h h h',
  ),
  { ...flask('Flask-Session, files', { server: 'FOLDER/sessions' }, 'h? h? h h? x? x h? h x h h h h'), store: 'disk' },
  django('sessions in its table', {}, 'h? h? h h? h? x h? h h h h h h'),
  django('sessions in its table, saved at each request', { every: true }, 'h? h? h h? x? x h? h h h h h h'),
  django('signed cookies', { engine: 'signed_cookies' }, 'h? h? h x? h? x h? x h h h h h'),
  django('logout deletes the cookie only', { logout: 'cookie' }, 'h? h? h h? h? x h? x h h h h h'),
  django('files', { engine: 'file' }, 'h? h? h h? h? x h? h h h h h h'),
  php('strict, id renewed', { strict: true, regenerate: true, logout: 'destroy' }, 'x? x? h h x? x h? h h h h h x'),
  php(
    'strict, id kept, logout forgets the user',
    { strict: true, regenerate: false, logout: 'unset', gc: true },
    'x? h? h h x? x h? h h h h h x',
  ),
  php(
    'lax, logout deletes the cookie',
    { strict: false, regenerate: false, logout: 'cookie' },
    'x? x? h h x? x h? x x x x x x',
  ),
  express(
    'memory, as the manual says',
    { kind: 'memory', regenerate: true, logout: 'destroy', rolling: true },
    'h? h? h h? x? x h? h h h h h h',
  ),
  express(
    'memory, logout deletes the cookie only',
    { kind: 'memory', regenerate: true, logout: 'cookie' },
    'h? h? h h? h? x h? x h h h h h',
  ),
  express(
    'bound to the address, trusts proxies',
    { kind: 'memory', regenerate: true, logout: 'destroy', bound: true, trustProxy: true },
    'h? h? h h? h? h x h h h h h h',
  ),
  express(
    'files, logout forgets the user',
    { kind: 'file', regenerate: true, logout: 'forget', folder: 'FOLDER/sessions' },
    'h? h? h h? h? x h? h h h h h h',
  ),
  cookieSession('cookie-session', { kind: 'cookie-session' }, 'x? x? h x? h? x h? x h h h h h'),
  rails('cookie store', { store: 'cookie' }, 'x? x? h x? x? x h? x h h h h h'),
  rails('cache store', { store: 'cache' }, 'h? h? h h? x? x h? h h h h h h'),
];

/** The thirteen experiments that the truth is about, in the order of its letters. */
export const JUDGED = EXPERIMENTS.slice(0, 13).map(({ meta }) => meta.id);

export interface RunningApplication {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts an application with its state in a folder of its own. */
export async function startApplication(
  { kind, config, store }: LabApplication,
  folder: string,
): Promise<RunningApplication> {
  mkdirSync(path.join(folder, 'sessions'), { recursive: true });
  const port = await freePort();
  const here = (file: string) => path.join(import.meta.dirname, file);
  const filled = JSON.parse(JSON.stringify(config).replaceAll('FOLDER', folder)) as object;
  const place =
    kind === 'webpy'
      ? {
          store:
            store === 'sqlite'
              ? { kind: 'sqlite', file: path.join(folder, 'app.db') }
              : { kind: 'disk', dir: path.join(folder, 'sessions') },
        }
      : { folder: kind === 'php' ? path.join(folder, 'sessions') : folder };
  const text = JSON.stringify({ ...place, ...filled });
  const [command = '', ...argv] = {
    webpy: ['/usr/bin/python3', here('webpy_app.py'), String(port), text],
    flask: ['/usr/bin/python3', here('flask_app.py'), String(port), text],
    django: ['/usr/bin/python3', here('django_app.py'), String(port), text],
    php: ['php', '-d', 'display_errors=0', '-S', `127.0.0.1:${port}`, here('app.php')],
    express: [process.execPath, here('express_app.cjs'), String(port), text],
    'express-acts': [process.execPath, here('express_acts.cjs'), String(port), text],
    'express-tokens': [process.execPath, here('express_tokens.cjs'), String(port), text],
    rails: ['ruby', here('rails_app.rb'), String(port), text],
  }[kind];
  const child = spawn(command, argv, {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
    env: { ...process.env, LAB_APP: text },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk).slice(-4_000)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // No request: web.py's first one cleans up.
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        if (child.exitCode !== null) throw new Error(`${kind} ended before it listened: ${errors}`);
        const socket = net.connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
        socket.on('error', () => resolve(false));
      }),
    (there) => there,
  );
  return {
    origin: `${'tls' in filled ? 'https' : 'http'}://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The policy of an application, as a file has it. */
export function policyText(
  { name, store, target = {} }: LabApplication,
  origin: string,
  folder: string,
  experiments: readonly string[] = JUDGED,
): string {
  return JSON.stringify({
    version: 1,
    title: name,
    target: {
      origin,
      cookie: 'webpy_session_id',
      verification: '/account',
      login: { method: 'POST', url: '/login', form: { user: 'alice' } },
      logout: 'POST /logout',
      ...target,
    },
    ...(store === undefined
      ? {}
      : { store: store === 'disk' ? `disk:${folder}/sessions` : `sqlite:${folder}/app.db?table=sessions` }),
    live: {
      idle: '2h',
      absolute: '1d',
      address_may_change: false,
      experiments: Object.fromEntries(
        experiments.map((id) => [id, ['holds', 'does-not-hold', 'cannot-tell', 'not-applicable']]),
      ),
    },
    confirm: true,
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
