import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePath, resolvePath } from '../../../core/codec/path.ts';
import { valueFromText } from '../../../core/codec/typed.ts';
import { createEngine } from '../../../core/engine/engine.ts';
import type { RecordView } from '../../../core/model/session.ts';
import { throughProxy, valuesOf } from '../through-proxy.ts';
import { until } from '../until.ts';

const APPS = path.resolve(import.meta.dirname, '../../fixtures/stacks');

/** What is shown of each stack, in this order. */
export const COLUMNS = ['found', 'framework', 'store', 'joined', 'decoded', 'edited', 'aged', 'undone'] as const;
/** The first column that fails says why; the columns after it are not there. */
export type StackRow = Partial<Record<(typeof COLUMNS)[number], string>> & { readonly failed?: string };

export interface Stack {
  readonly name: string;
  /** The command, for a port and an empty folder. */
  readonly command: (port: number, folder: string) => readonly string[];
  /** With which the framework signs records. */
  readonly key?: string;
  /** It answers from a cache of its own process, in which no debugger can write: what is shown of it is what it wrote. */
  readonly answersFromCache?: true;
  /** The id is sealed in the cookie: nothing can be looked for without the key. */
  readonly sealed?: true;
  /** More of the environment, for an empty folder. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

const python = (file: string, kind: string) => (port: number, folder: string) =>
  ['/usr/bin/python3', path.join(APPS, file), kind, String(port), folder] as const;
const node = (kind: string, url?: string) => (port: number, folder: string) =>
  [
    process.execPath,
    path.join(APPS, 'app.mjs'),
    kind,
    String(port),
    folder,
    ...(url === undefined ? [] : [url]),
  ] as const;
const php = (handler: string) => (port: number, folder: string) => [
  ...['php', '-d', `session.save_path=${folder}`, '-d', `session.serialize_handler=${handler}`],
  // Its cleanup takes what is too old at every request, as a busy site's soon does.
  ...['-d', 'session.gc_probability=1', '-d', 'session.gc_divisor=1'],
  ...['-S', `127.0.0.1:${port}`, path.join(APPS, 'php_app.php')],
];

const phpApp = (file: string) => (port: number) => ['php', '-S', `127.0.0.1:${port}`, path.join(APPS, file)];
const rails = (kind: string, redisPort?: number) => (port: number, folder: string) =>
  [
    'ruby',
    path.join(APPS, 'rails_app.rb'),
    kind,
    String(port),
    folder,
    ...(redisPort ? [String(redisPort)] : []),
  ] as const;
const LARAVEL_KEY = `base64:${Buffer.alloc(32, 'laravel-dev-key').toString('base64')}`;
const laravel = (kind: string, more: Readonly<Record<string, string>> = {}) => ({
  command: phpApp('laravel_app.php'),
  key: LARAVEL_KEY,
  sealed: true as const,
  env: (folder: string) => ({ KIND: kind, FOLDER: folder, APP_KEY: LARAVEL_KEY, ...more }),
});

/** The servers that the stacks of the table use; those of an absent one are left out. */
export interface StackServers {
  readonly redisPort?: number;
  /** `postgres://user:password@host:port/database`. */
  readonly postgres?: string;
  readonly mysql?: string;
}

/** The stacks that keep their sessions in files, in SQLite and on the servers that are given. */
export const stacks = ({ redisPort, postgres, mysql }: StackServers = {}): readonly Stack[] => [
  { name: 'PHP files, php', command: php('php') },
  { name: 'PHP files, php_serialize', command: php('php_serialize') },
  { name: 'Flask-Session files', command: python('flask_app.py', 'filesystem') },
  {
    name: 'Flask-Session files, signed',
    command: python('flask_app.py', 'filesystem-signed'),
    key: 'flask-dev-secret',
  },
  { name: 'Django database', command: python('django_app.py', 'db'), key: 'django-dev-secret' },
  { name: 'Django files', command: python('django_app.py', 'file'), key: 'django-dev-secret' },
  { name: 'Django cache, files', command: python('django_app.py', 'cache-file') },
  { name: 'Django cache, database', command: python('django_app.py', 'cache-db') },
  { name: 'session-file-store', command: node('express-file'), key: 'express-dev-secret' },
  {
    name: 'Django cached_db',
    command: python('django_app.py', 'cached_db'),
    key: 'django-dev-secret',
    answersFromCache: true,
  },
  { name: 'Flask-Session SQLAlchemy', command: python('flask_app.py', 'sqlalchemy') },
  ...(postgres === undefined
    ? []
    : [
        {
          name: 'Django PostgreSQL',
          command: python('django_app.py', 'pg'),
          key: 'django-dev-secret',
          env: () => ({ DATABASE_URL: postgres }),
        },
        { name: 'connect-pg-simple', command: node('express-pg', postgres), key: 'express-dev-secret' },
      ]),
  ...(mysql === undefined
    ? []
    : [{ name: 'express-mysql-session', command: node('express-mysql', mysql), key: 'express-dev-secret' }]),
  { name: 'Rails cache, files', command: rails('cache-file') },
  { name: 'Laravel files', ...laravel('file') },
  { name: 'Laravel database', ...laravel('database') },
  {
    name: 'Symfony PDO',
    command: phpApp('symfony_app.php'),
    env: (folder) => ({ SESSION_DSN: `sqlite:${folder}/sessions.db` }),
  },
  ...(redisPort === undefined
    ? []
    : [
        { name: 'Rails cache, Redis', command: rails('cache-redis', redisPort) },
        {
          name: 'Laravel Redis',
          ...laravel('redis', { SESSION_DRIVER: 'redis', REDIS_PORT: String(redisPort), REDIS_CACHE_DB: '0' }),
        },
        {
          name: 'Symfony Redis',
          command: phpApp('symfony_app.php'),
          env: () => ({ SESSION_DSN: `redis://127.0.0.1:${redisPort}` }),
        },
        {
          name: 'PHP Redis',
          command: (port: number) => [
            ...['php', '-d', 'session.save_handler=redis', '-d', `session.save_path=tcp://127.0.0.1:${redisPort}`],
            ...['-S', `127.0.0.1:${port}`, path.join(APPS, 'php_app.php')],
          ],
        },
        {
          name: 'Flask-Session Redis',
          command: (port: number, folder: string) => [
            ...python('flask_app.py', 'redis')(port, folder),
            String(redisPort),
          ],
        },
        { name: 'connect-redis', command: node('express-redis', `redis://127.0.0.1:${redisPort}`) },
      ]),
];

/** Drives one stack through the real proxy and engine, and says what could be done. */
export async function runStack(stack: Stack): Promise<StackRow> {
  const base = await mkdtemp(path.join(tmpdir(), 'stack-'));
  const folder = path.join(base, 'sessions');
  await mkdir(folder);
  const port = await freePort();
  const [file = '', ...words] = stack.command(port, folder);
  const child = spawn(file, words, { cwd: base, stdio: 'ignore', env: { ...process.env, ...stack.env?.(folder) } });
  const engine = await createEngine({ mode: 'web', version: '1', dataFolder: path.join(base, 'data') });
  const row: { -readonly [K in keyof StackRow]: StackRow[K] } = {};
  try {
    await until(
      () => listens(port),
      (there) => there,
      60_000,
    );
    await drive(stack, `http://127.0.0.1:${port}`, engine.handlers, row);
  } catch (error) {
    row.failed = error instanceof Error ? error.message : String(error);
  } finally {
    child.kill('SIGKILL');
    await engine.close();
    await rm(base, { recursive: true, force: true });
  }
  return row;
}

type Handlers = Awaited<ReturnType<typeof createEngine>>['handlers'];

async function drive(
  { key: secret, sealed, answersFromCache }: Stack,
  origin: string,
  handlers: Handlers,
  row: { -readonly [K in keyof StackRow]: StackRow[K] },
): Promise<void> {
  const { proxy } = await handlers['app.info']({});
  let jar = '';
  const get = async (page: string): Promise<string> => {
    const got = await throughProxy(proxy.port, origin + page, { headers: jar === '' ? [] : ['Cookie', jar] });
    const set = valuesOf(got, 'set-cookie').map((line) => line.replace(/;.*/, ''));
    if (page !== '/whoami' && set.length > 0) jar = set.join('; ');
    return got.status === 302 ? 'login' : got.body;
  };
  const shows = async (wanted: string): Promise<void> => {
    const shown = await get('/whoami');
    if (shown !== wanted)
      throw new Error(`/whoami shows ${JSON.stringify(shown)} instead of ${JSON.stringify(wanted)}`);
  };
  for (const page of ['/login', '/count', '/count']) await get(page);
  await shows('user=alice count=2');
  const host = new URL(origin).host;
  const [session] = await until(
    async () => (await handlers['sessions.list']({ filter: `host:${host}` })).sessions,
    (seen) => seen.length > 0,
  );
  if (session === undefined) throw new Error('no session was found');
  const { key } = session;
  row.found = session.carrier.kind === 'cookie' ? session.carrier.name : session.carrier.kind;
  if (secret !== undefined && sealed) await handlers['keys.add']({ place: `site ${host}`, key: secret });
  const found = (await handlers['stores.find']({ key })).stores.find(({ contains }) => contains === true);
  if (found === undefined) throw new Error('no store was found that contains the session');
  await handlers['stores.attach']({ address: found.address });
  if (secret !== undefined && !sealed) await handlers['keys.add']({ place: `site ${host}`, key: secret });
  const record = async (): Promise<RecordView> => {
    const { detail } = await until(
      () => handlers['session.detail']({ key }),
      (seen) => seen.detail?.record != null,
    );
    return detail?.record as RecordView;
  };
  let joined = await record();
  row.framework = (await handlers['session.detail']({ key })).detail?.summary.framework?.title ?? '-';
  row.store = found.reasons[0] ?? '';
  row.joined = joined.id;
  if (secret !== undefined) {
    await handlers['keys.add']({ place: `store ${joined.storeId}`, key: secret });
    joined = await record();
  }
  const { value, storeId, id, revision } = joined;
  const place =
    value &&
    ['count', 'data.count', '[0].count', '_sf2_attributes.count']
      .map((text) => resolvePath(value, parsePath(text)))
      .find(Boolean);
  if (!place) throw new Error(`the data has no count: ${joined.error?.message ?? joined.layers.join('/')}`);
  row.decoded = joined.layers.join('/');
  const applied = await handlers['record.apply']({
    ...{ storeId, id, revision, sessionKey: key },
    edits: [{ op: 'set', path: [...place], value: valueFromText('41') }],
  });
  if (!('editId' in applied)) throw new Error(`the edit ended as ${applied.outcome}`);
  if (answersFromCache) {
    await shows('user=alice count=2');
    const written = (await handlers['record.get']({ storeId, id })).record?.value;
    if (!JSON.stringify(written ?? null).includes('"41"')) throw new Error('the edit did not reach the database');
    row.edited = 'in the database; its cache answers';
    row.aged = row.undone = 'not shown: its cache answers';
    return;
  }
  await shows('user=alice count=41');
  row.edited = 'count=41';
  const age = { storeId, id, seconds: 40 * 86_400 };
  // Taken back before the application looks: afterwards it may have removed the record or written another.
  const first = await handlers['record.age'](age);
  await handlers['edit.undo']({ editId: first.editId });
  await shows('user=alice count=41');
  const undone = 'shows the session again';
  await handlers['record.age'](age);
  // PHP's cleanup runs in the request of another visitor, and never in time for the request that brings the old session.
  await throughProxy(proxy.port, `${origin}/whoami`);
  const shown = await get('/whoami');
  if (shown !== 'login') throw new Error(`after ageing /whoami shows ${JSON.stringify(shown)}`);
  row.aged = 'asks for a login';
  row.undone = undone;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
