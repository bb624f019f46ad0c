import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import { parseDockerInspect } from '../../../core/engine/find-stores/docker.ts';
import { findStores } from '../../../core/engine/find-stores/find-stores.ts';
import { parseSockets } from '../../../core/engine/find-stores/linux.ts';
import { lsofPids, parseLsof } from '../../../core/engine/find-stores/lsof.ts';
import { placesOf } from '../../../core/engine/find-stores/places.ts';
import type { ProcessSource, RawProcess } from '../../../core/engine/find-stores/process-source.ts';
import { systemProcesses } from '../../../core/engine/find-stores/system.ts';
import {
  netstatConnections,
  netstatListeners,
  parseWindowsProcess,
  splitCommandLine,
} from '../../../core/engine/find-stores/windows.ts';
import { throughProxy, valuesOf } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

/* From an address to the process that listens there, and from the process to the stores of its sessions. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-find-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const processIn = (cwd: string, more: Partial<RawProcess> = {}): RawProcess => ({
  pid: 1,
  cwd,
  argv: ['python3', 'app.py'],
  env: {},
  openFiles: [],
  connections: [],
  ...more,
});
const sourceOf = (...found: RawProcess[]): ProcessSource => ({ listeners: async () => found });

describe('what the systems print', () => {
  it('Linux: /proc/net/tcp and tcp6', () => {
    const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0
   1: 0100007F:D2F0 0100007F:18EB 01 00000000:00000000 02:000A7214 00000000  1000        0 31338 2 0000000000000000 20 4 30 10 -1
   2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:E5A4 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 0 0 10 -1
   3: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
broken line`;
    expect(parseSockets(text)).toEqual([
      { local: '127.0.0.1', localPort: 8080, remote: '0.0.0.0', remotePort: 0, state: '0A', inode: '31337' },
      { local: '127.0.0.1', localPort: 54000, remote: '127.0.0.1', remotePort: 6379, state: '01', inode: '31338' },
      { local: '127.0.0.1', localPort: 8080, remote: '127.0.0.1', remotePort: 58788, state: '01', inode: '0' },
      { local: '::1', localPort: 8081, remote: '::0', remotePort: 0, state: '0A', inode: '4242' },
    ]);
  });

  it('macOS: lsof -F', async () => {
    const listed = 'p4711\nf5\n';
    const files = [
      ...['p4711', 'fcwd', 'tDIR', 'n/Users/me/shop', 'ftxt', 'tREG', 'n/usr/bin/python3'],
      ...['f3', 'tREG', 'n/Users/me/shop/db.sqlite3', 'f5', 'tIPv4', 'TST=LISTEN', 'n127.0.0.1:8080'],
      ...['f6', 'tIPv6', 'TST=ESTABLISHED', 'n[::1]:51000->[::1]:6379', 'f7', 'tunix', 'n->0x1'],
    ].join('\n');
    expect(lsofPids(listed)).toEqual([4711]);
    expect(parseLsof(files)).toEqual([
      { pid: 4711, cwd: '/Users/me/shop', openFiles: ['/Users/me/shop/db.sqlite3'], connections: ['[::1]:6379'] },
    ]);
    const source = systemProcesses('darwin', async (file, words) =>
      file === 'ps' ? 'python3 manage.py runserver 8080\n' : words.includes('-sTCP:LISTEN') ? listed : files,
    );
    expect(await source.listeners(8080)).toMatchObject([
      { pid: 4711, argv: ['python3', 'manage.py', 'runserver', '8080'] },
    ]);
  });

  it('Windows: netstat in English and German, and PowerShell', async () => {
    const table = [
      '  Proto  Local Address          Foreign Address        State           PID',
      '  TCP    127.0.0.1:8080         0.0.0.0:0              LISTENING       4711',
      '  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         900',
      '  TCP    [::1]:8080             [::]:0                 LISTENING       4711',
      '  TCP    127.0.0.1:50000        127.0.0.1:6379         HERGESTELLT     4711',
      '  UDP    0.0.0.0:5353           *:*                                    1200',
    ].join('\r\n');
    expect(netstatListeners(table, 8080)).toEqual([4711]);
    expect(netstatListeners(table, 135)).toEqual([900]);
    expect(netstatConnections(table, 4711)).toEqual(['127.0.0.1:6379']);
    const told = String.raw`{"ProcessId":4711,"CommandLine":"\"C:\\Program Files\\node.exe\" C:\\shop\\app.js --x=\"a b\"","ExecutablePath":"C:\\Program Files\\node.exe"}`;
    expect(parseWindowsProcess(told)).toEqual({
      argv: ['C:\\Program Files\\node.exe', 'C:\\shop\\app.js', '--x=a b'],
      folder: 'C:\\Program Files',
    });
    expect(parseWindowsProcess('')).toBeUndefined();
    expect(parseWindowsProcess('{"CommandLine":null}')).toBeUndefined();
    expect(splitCommandLine(String.raw`php -d "a=\"b\"" -S x:1`)).toEqual(['php', '-d', 'a="b"', '-S', 'x:1']);
    const source = systemProcesses('win32', async (file) => (file === 'netstat' ? table : told));
    expect(await source.listeners(8080)).toMatchObject([{ cwd: 'C:\\shop', connections: ['127.0.0.1:6379'] }]);
  });

  it('Docker: paths of the container are looked at where they are mounted from, others not at all', () => {
    const [found] = parseDockerInspect(
      JSON.stringify([
        {
          State: { Pid: 99 },
          Path: 'docker-php-entrypoint',
          Args: ['apache2-foreground'],
          Config: { Env: ['REDIS_URL=redis://cache:6379/0', 'PATH=/bin'], WorkingDir: '/var/www/html' },
          Mounts: [
            { Type: 'bind', Source: '/home/me/shop', Destination: '/var/www/html' },
            { Type: 'volume', Source: '/var/lib/docker/volumes/s/_data', Destination: '/var/www/html/sessions' },
          ],
        },
        { State: { Pid: 0 } },
      ]),
    );
    expect(found).toMatchObject({ pid: 99, cwd: '/var/www/html', env: { REDIS_URL: 'redis://cache:6379/0' } });
    expect(found?.outside?.('/var/www/html/app.php')).toBe('/home/me/shop/app.php');
    expect(found?.outside?.('/var/www/html/sessions/a')).toBe('/var/lib/docker/volumes/s/_data/a');
    expect(found?.outside?.('/var/www/html/../../../etc/passwd')).toBeUndefined();
    expect(found?.outside?.('/tmp')).toBeUndefined();
    for (const odd of ['', 'null', '{}', '[null]', '[{"State":null}]']) expect(parseDockerInspect(odd)).toEqual([]);
  });
});

describe('settings, read as text', () => {
  const cases: readonly (readonly [string, Record<string, string>, Partial<RawProcess>, string])[] = [
    [
      'Django: DATABASES in the settings that manage.py names',
      {
        'manage.py': "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')",
        'shop/settings.py':
          "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'shop', 'USER': 'dj', 'PASSWORD': 'p@w', 'HOST': 'db', 'PORT': '5433'}}",
      },
      { argv: ['python3', 'manage.py', 'runserver'] },
      'postgres://dj:p%40w@db:5433/shop',
    ],
    [
      'Laravel: .env above public',
      {
        '.env': 'SESSION_DRIVER=database\nDB_CONNECTION=mysql\nDB_DATABASE=shop\nDB_USERNAME=l\nDB_PASSWORD="s e"',
        'storage/framework/x': '',
      },
      { argv: ['php', 'artisan', 'serve'] },
      'mysql://l:s%20e@127.0.0.1/shop',
    ],
    [
      'web.py: web.database',
      { 'app.py': "import web\ndb = web.database(dbn='postgres', user='w', pw='x', db='shop')" },
      {},
      'postgres://w:x@127.0.0.1/shop',
    ],
    [
      'Rails: cache_store in the environment that runs',
      {
        'config/environments/production.rb': 'config.cache_store = :redis_cache_store, { url: "redis://cache:6380/3" }',
        'config/environments/development.rb': 'config.cache_store = :memory_store',
      },
      { argv: ['puma 6.4 (tcp://0.0.0.0:3000) [shop]'], env: { RAILS_ENV: 'production' } },
      'redis://cache:6380/3',
    ],
    [
      'Rails: sessions in the database, with what the sections share',
      {
        'config/environments/development.rb': '# config.cache_store = :redis_cache_store, { url: "redis://no:1/1" }',
        'config/initializers/session_store.rb':
          "Rails.application.config.session_store :active_record_store, key: '_s'",
        'config/database.yml':
          'default: &default\n  adapter: postgresql\n  pool: <%= ENV.fetch("N") { 5 } %>\n  username: shop\n  password: "p:w"\n\ndevelopment:\n  <<: *default\n  database: shop_development # mine\n\nproduction:\n  <<: *default\n  database: live\n',
      },
      { argv: ['puma'] },
      'postgres://shop:p%3Aw@127.0.0.1/shop_development',
    ],
    [
      'express-session: a URL in the script',
      { 'server.js': "import s from 'express-session';\nconst c = createClient({ url: 'redis://cache:6379/4' })" },
      { argv: ['node', 'server.js'] },
      'redis://cache:6379/4',
    ],
    [
      'a Redis server on another port, by its program',
      {},
      { connections: ['127.0.0.1:7001'], servers: { '127.0.0.1:7001': 'valkey-server' } },
      'redis://127.0.0.1:7001/0',
    ],
    ['.env of any application', { '.env': 'REDIS_URL="redis://:pw@cache:6379/2"' }, {}, 'redis://:pw@cache:6379/2'],
  ];
  it.each(cases)('%s', async (title, files, more, url) => {
    const cwd = path.join(folder, title.replace(/\W+/g, '-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
      await writeFile(path.join(cwd, name), text);
    }
    expect(placesOf(processIn(cwd, more)).map((place) => place.url)).toContain(url);
  });

  it('a value that is computed is not known, and names nothing', async () => {
    const cwd = path.join(folder, 'computed');
    await mkdir(cwd);
    await writeFile(
      path.join(cwd, 'app.py'),
      "import flask\nSESSION_FILE_DIR = '/srv/' + name\nSESSION_FILE_DIR = path('x')",
    );
    expect(placesOf(processIn(cwd))).toEqual([]);
  });
});

describe('the search', () => {
  it('only looks at this computer', async () => {
    for (const origin of ['http://example.com', 'http://10.0.0.1:8080', 'ftp://127.0.0.1', 'nonsense']) {
      await expect(findStores(origin, sourceOf())).rejects.toThrow();
    }
    expect((await findStores('http://localhost:1', sourceOf())).search).toMatchObject({ stores: [], processes: [] });
  });

  it('says which store fails, and shows no password', async () => {
    const { search } = await findStores(
      'http://127.0.0.1:8080',
      sourceOf(processIn(folder, { argv: ['node', 'app.js', 'redis://me:geheim@127.0.0.1:1/0'] })),
    );
    expect(search.stores).toMatchObject([{ problem: { message: expect.any(String) } }]);
    expect(JSON.stringify(search)).not.toContain('geheim');
  });
});

describe.runIf(process.platform === 'linux')('Linux, live', () => {
  let engine: Engine;
  let origin: string;
  let sessions: string;
  let child: ReturnType<typeof spawn>;

  beforeAll(async () => {
    const app = path.join(folder, 'shop');
    sessions = path.join(app, 'sessions');
    await mkdir(sessions, { recursive: true });
    await writeFile(path.join(app, 'app.cjs'), APP);
    child = spawn(process.execPath, ['app.cjs'], { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<string>((resolve) => {
      if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
    });
    origin = `http://127.0.0.1:${port}`;
    engine = await createEngine({ mode: 'web', version: '1', dataFolder: path.join(folder, 'data') });
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await engine.close();
  });

  it('finds the store of the session that is seen; nothing is attached, touched or left before the user says so', async () => {
    const { handlers } = engine;
    const { proxy } = await handlers['app.info']({});
    const answer = await throughProxy(proxy.port, `${origin}/login`);
    const cookie = (valuesOf(answer, 'set-cookie')[0] ?? '').replace(/;.*/, '');
    await throughProxy(proxy.port, `${origin}/`, { headers: ['Cookie', cookie] });
    const [session] = await until(
      async () => (await handlers['sessions.list']({ filter: `host:${origin.slice(7)}` })).sessions,
      (seen) => seen.length > 0,
    );
    const names = await readdir(sessions);
    const before = await stat(path.join(sessions, names[0] ?? ''));
    const found = await handlers['stores.find']({ key: session?.key ?? '' });
    expect(found.processes).toMatchObject([{ pid: child.pid, cwd: path.dirname(sessions) }]);
    expect(found.stores[0]).toMatchObject({
      url: `disk:${sessions}`,
      contains: true,
      records: 1,
      first: names,
      reasons: ['it lies in the working directory of the process'],
    });
    expect((await handlers['stores.list']({})).stores).toEqual([]);
    expect(await readdir(sessions)).toEqual(names);
    expect((await stat(path.join(sessions, names[0] ?? ''))).atimeMs).toBe(before.atimeMs);

    await handlers['stores.attach']({ address: found.stores[0]?.address ?? '' });
    const { detail } = await until(
      () => handlers['session.detail']({ key: session?.key ?? '' }),
      (seen) => seen.detail?.record != null,
    );
    expect(detail?.record?.id).toBe(names[0]);
  });

  it('this process itself, by its port', async () => {
    const server = http.createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const found = await systemProcesses().listeners((server.address() as AddressInfo).port);
    expect(found.map(({ pid }) => pid)).toEqual([process.pid]);
    await new Promise((done) => server.close(done));
    expect(await systemProcesses().listeners(1)).toEqual([]);
  });
});

/** Keeps sessions as session-file-store does: JSON in `<id>.json`. */
const APP = `
const fs = require('node:fs');
const http = require('node:http');
const id = 'Zk3v9cQ1aB7xT2mN5pL8sR4wY6uE0iDg';
const server = http.createServer((request, response) => {
  if (request.url === '/login') {
    const data = { cookie: { originalMaxAge: 3600000, expires: new Date(Date.now() + 3600000).toISOString(), httpOnly: true, path: '/' }, user: 'alice', __lastAccess: Date.now() };
    fs.writeFileSync('sessions/' + id + '.json', JSON.stringify(data));
    response.setHeader('Set-Cookie', 'connect.sid=s%3A' + id + '.' + encodeURIComponent('A'.repeat(43)) + '; Path=/; HttpOnly');
  }
  response.end('hello');
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;
