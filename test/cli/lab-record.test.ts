import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createEngine } from '../../core/engine/engine.ts';
import { needs } from '../support/needs.ts';
import { throughProxy, valuesOf } from '../support/through-proxy.ts';
import { until } from '../support/until.ts';

/* `lab record`: a login, a page behind it and a logout become a policy file, which then runs on the same application. */

const root = path.resolve(import.meta.dirname, '../..');
const apps = path.join(root, 'test/support/record-apps');
const PASSWORD = 'correct horse';

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-record-test-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ask {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Value of a hidden field of the page before, by its name. */
  readonly token?: string;
}

/** Does in a client with cookies what the steps say, through an engine that records, and gives its workspace file. */
async function recorded(
  name: string,
  origin: string,
  steps: readonly (readonly [string, Ask?])[],
  cookie = '',
): Promise<string> {
  const dataFolder = path.join(folder, name);
  mkdirSync(dataFolder, { recursive: true });
  const workspaceFile = path.join(dataFolder, 'recorded.sqlite');
  const engine = await createEngine({ mode: 'web', version: '1', dataFolder, workspaceFile, proxyPort: 0 });
  const { proxy } = await engine.handlers['app.info']({});
  const jar = new Map<string, string>(cookie === '' ? [] : [cookie.split('=') as [string, string]]);
  let page = { url: '', text: '' };
  for (const [address, { method, form, json, token } = {}] of steps) {
    const hidden =
      token === undefined ? undefined : new RegExp(`name=["']${token}["'] value=["']([^"']+)`).exec(page.text)?.[1];
    const fields = { ...(hidden === undefined || token === undefined ? {} : { [token]: hidden }), ...form };
    const sends = form !== undefined || hidden !== undefined;
    const body = json === undefined ? (sends ? String(new URLSearchParams(fields)) : undefined) : JSON.stringify(json);
    const got = await throughProxy(proxy.port, origin + address, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: [
        ...(jar.size === 0 ? [] : ['Cookie', [...jar].map((pair) => pair.join('=')).join('; ')]),
        ...(body === undefined
          ? []
          : ['Content-Type', json === undefined ? 'application/x-www-form-urlencoded' : 'application/json']),
        ...(page.url === '' ? [] : ['Referer', origin + page.url]),
      ],
      ...(body === undefined ? {} : { body }),
    });
    for (const line of valuesOf(got, 'set-cookie')) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || value === '""') jar.delete(key);
      else jar.set(key, value);
    }
    if (got.body.includes('<')) page = { url: address, text: got.body };
  }
  await engine.close();
  return workspaceFile;
}

function cli(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [path.join(root, 'cli/main.ts'), ...words], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, ...env },
  });
}

async function start(command: string, ...words: string[]): Promise<{ origin: string; stop(): void }> {
  const port = await freePort();
  const child: ChildProcess = spawn(
    command,
    words.map((word) => (word === 'PORT' ? String(port) : word)),
    { stdio: 'ignore' },
  );
  await until(
    () =>
      fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
        () => true,
        () => false,
      ),
    (there) => there,
    30_000,
  );
  return { origin: `http://127.0.0.1:${port}`, stop: () => child.kill('SIGKILL') };
}

const DJANGO: readonly (readonly [string, Ask?])[] = [
  ['/account'],
  ['/accounts/login/?next=/account'],
  ['/accounts/login/?next=/account', { form: { username: 'alice', password: 'wrong' }, token: 'csrfmiddlewaretoken' }],
  ['/accounts/login/?next=/account', { form: { username: 'alice', password: PASSWORD }, token: 'csrfmiddlewaretoken' }],
  ['/account'],
  ['/accounts/logout/', { token: 'csrfmiddlewaretoken' }],
];

needs('django')("Django's own login", () => {
  let site: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    const data = path.join(folder, 'django');
    mkdirSync(data);
    site = await start('/usr/bin/python3', path.join(apps, 'django_login.py'), 'PORT', data);
  });
  afterAll(() => site?.stop());

  it('becomes a policy without its password, which runs', async () => {
    const workspace = await recorded('django-recorded', site.origin, DJANGO);
    const made = cli([
      'lab',
      'record',
      workspace,
      '--out',
      'django.yaml',
      '--store',
      `sqlite:${folder}/django/app.db?table=django_session`,
    ]);
    expect(made.status, made.stderr).toBe(0);
    expect(made.stderr).toContain('Set before a run: PASSWORD');
    const text = readFileSync(path.join(folder, 'django.yaml'), 'utf8');
    expect(text).not.toContain(PASSWORD);
    expect(parse(text).target).toEqual({
      origin: site.origin,
      cookie: 'sessionid',
      verification: '/account',
      login: [
        '/accounts/login/?next=/account',
        {
          url: '/accounts/login/?next=/account',
          fields: 'csrfmiddlewaretoken',
          form: { username: 'alice', password: `\${PASSWORD}` },
        },
      ],
      logout: { url: '/accounts/logout/', fields: 'csrfmiddlewaretoken' },
    });
    expect(text).toContain('without the session it answered 302');
    // The same experiments as any check-up; here those whose truth is known of Django.
    const judged = text.replace(
      'experiments: check-up',
      'idle: 14d\n  experiments: { cookie-alone: holds, logout: holds, forged-id: holds, session-fixation: holds }',
    );
    writeFileSync(path.join(folder, 'judged.yaml'), judged);
    const run = cli(['lab', 'run', 'judged.yaml', '--yes', '--json', '--data', path.join(folder, 'data')], {
      PASSWORD,
    });
    expect(run.status, run.stdout + run.stderr).toBe(0);
    const missing = cli(['lab', 'run', 'judged.yaml', '--yes', '--data', path.join(folder, 'data')], { PASSWORD: '' });
    expect(missing.status).toBe(2);
  });

  needs('chromium', 'xvfb')('in a real browser', () => {
    it('is recorded until Enter is pressed', async () => {
      const temporary = path.join(folder, 'live');
      mkdirSync(temporary);
      const xvfb = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp'], {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      const display = await new Promise<string>((done) =>
        xvfb.stdio[3]?.once('data', (chunk) => done(`:${String(chunk).trim()}`)),
      );
      const child = spawn(
        process.execPath,
        [path.join(root, 'cli/main.ts'), 'lab', 'record', `${site.origin}/account`, '--browser', 'chromium'],
        {
          cwd: folder,
          env: {
            ...process.env,
            TMPDIR: temporary,
            DISPLAY: display,
            SESSIONSCOPE_BROWSER_ARGS: `--remote-debugging-port=0 --disable-gpu${process.getuid?.() === 0 ? ' --no-sandbox' : ''}`,
          },
        },
      );
      let out = '';
      let said = '';
      child.stdout.on('data', (chunk) => (out += chunk));
      child.stderr.on('data', (chunk) => (said += chunk));
      const ended = new Promise<number | null>((done) => child.once('exit', done));
      try {
        const portFile = () =>
          readdirSync(temporary, { recursive: true, encoding: 'utf8' }).find((file) =>
            file.endsWith('DevToolsActivePort'),
          );
        await until(
          () => Promise.resolve(portFile()),
          (file) => file !== undefined && readFileSync(path.join(temporary, file), 'utf8').includes('\n'),
          60_000,
        );
        const [port, address] = readFileSync(path.join(temporary, portFile() ?? ''), 'utf8').split('\n');
        const browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${address}`);
        const page = await until(
          async () =>
            browser
              .contexts()
              .flatMap((one) => one.pages())
              .find((one) => one.url().includes('/accounts/login/')),
          (shown) => shown !== undefined,
          60_000,
        );
        await page?.fill('[name=username]', 'alice');
        await page?.fill('[name=password]', PASSWORD);
        await page?.click('button');
        await page?.waitForURL('**/account');
        await page?.click('button');
        await page?.waitForURL('**/accounts/login/**');
        await browser.close();
        child.stdin.write('\n');
        expect(await ended, said).toBe(0);
        expect(parse(out).target).toMatchObject({
          cookie: 'sessionid',
          verification: '/account',
          login: [expect.stringContaining('/accounts/login/'), { fields: 'csrfmiddlewaretoken' }],
          logout: { url: '/accounts/logout/', fields: 'csrfmiddlewaretoken' },
        });
        expect(out + said).not.toContain(PASSWORD);
      } finally {
        child.kill('SIGKILL');
        xvfb.kill();
      }
    }, 150_000);
  });
});

describe('an application of scripts with an API of JSON', () => {
  let site: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    site = await start(process.execPath, path.join(apps, 'spa.cjs'), 'PORT');
  });
  afterAll(() => site?.stop());

  it('becomes a policy with the body of its login, which runs', async () => {
    const workspace = await recorded('spa', site.origin, [
      ['/'],
      ['/app.js'],
      ['/api/me'],
      ['/api/login', { json: { email: 'alice@example.test', password: 'wrong' } }],
      ['/api/login', { json: { email: 'alice@example.test', password: PASSWORD, remember: true } }],
      ['/api/me'],
      ['/api/session', { method: 'DELETE' }],
      ['/api/me'],
    ]);
    const made = cli(['lab', 'record', workspace, '--json']);
    expect(made.status, made.stderr).toBe(0);
    const { policy, ...rest } = JSON.parse(made.stdout) as { policy: string };
    expect(rest).toEqual({
      origin: site.origin,
      cookie: 'shop.sid',
      login: ['POST /api/login'],
      noLogin: null,
      verification: 'GET /api/me',
      contrast: 'without the session it answered 401',
      logout: 'DELETE /api/session',
      variables: ['PASSWORD'],
      complete: true,
    });
    expect(parse(policy).target.login).toEqual({
      url: '/api/login',
      json: { email: 'alice@example.test', password: `\${PASSWORD}`, remember: true },
    });
    const judged = policy.replace(
      'experiments: check-up',
      'experiments: { cookie-alone: holds, logout: holds, session-fixation: holds }',
    );
    writeFileSync(path.join(folder, 'spa.yaml'), judged);
    const run = cli(['lab', 'run', 'spa.yaml', '--yes', '--json', '--data', path.join(folder, 'data')], { PASSWORD });
    expect(run.status, run.stdout + run.stderr).toBe(0);
  });

  it('whose login was not recorded becomes a policy with the cookies of the session, in a file of the user alone', async () => {
    const login = await fetch(`${site.origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ email: 'alice@example.test', password: PASSWORD }),
    });
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const workspace = await recorded('spa-cookie', site.origin, [['/api/me'], ['/']], cookie);
    const made = cli(['lab', 'record', workspace, '--cookies', 'alice.txt', '--out', 'by-hand.yaml']);
    expect(made.status, made.stderr).toBe(0);
    expect(made.stderr).toContain('not repeatable: no request sends a password');
    expect(statSync(path.join(folder, 'alice.txt')).mode & 0o777).toBe(0o600);
    const text = readFileSync(path.join(folder, 'by-hand.yaml'), 'utf8');
    expect(parse(text).target).toMatchObject({ cookie_file: 'alice.txt', verification: '/api/me' });
    const judged = text.replace('experiments: check-up', 'experiments: { cookie-alone: holds }');
    writeFileSync(path.join(folder, 'by-hand-judged.yaml'), judged);
    const run = cli(['lab', 'run', 'by-hand-judged.yaml', '--yes', '--json', '--data', path.join(folder, 'data')]);
    expect(run.status, run.stdout + run.stderr).toBe(0);
    // Without a place for them the file names a variable.
    const bare = cli(['lab', 'record', workspace]);
    expect(parse(bare.stdout).target.cookies).toEqual({ 'shop.sid': `\${SESSION_ID}` });
  });

  it('says what is missing, and never writes over a file', async () => {
    const workspace = await recorded('nothing', site.origin, [['/']]);
    const none = cli(['lab', 'record', workspace]);
    expect(none.status).toBe(2);
    expect(none.stderr).toMatch(/holds no session/);
    writeFileSync(path.join(folder, 'there.yaml'), 'mine');
    const other = await recorded('again', site.origin, [
      ['/api/login', { json: { email: 'a@example.test', password: PASSWORD } }],
      ['/api/me'],
    ]);
    const refused = cli(['lab', 'record', other, '--out', 'there.yaml']);
    expect([refused.status, readFileSync(path.join(folder, 'there.yaml'), 'utf8')]).toEqual([2, 'mine']);
    expect(refused.stderr).toMatch(/there\.yaml is there already/);
    expect(cli(['lab', 'record', 'nowhere.har']).status).toBe(2);
    expect(existsSync(path.join(folder, 'policy.yaml'))).toBe(false);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
