import { spawn } from 'node:child_process';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../until.ts';

/** A running application of another stack; gone after `stop`. */
export interface StackApp {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Debian's Django: login of its own, sessions in its table, SESSION_COOKIE_AGE `idle` seconds. */
export const startDjango = (folder: string, idle: number): Promise<StackApp> =>
  startPython('django_app.py', { folder, idle });

/** Debian's Flask: sessions in the signed cookie, or with Flask-Session (`server`) in files. */
export const startFlask = (folder: string, server: boolean): Promise<StackApp> =>
  startPython('flask_app.py', { folder, server });

/** Debian's Flask or Django (signed_cookies): the session stands in a cookie that is signed with `key`. */
export const startSignedCookies = (kind: 'flask' | 'django', key: string): Promise<StackApp> =>
  startPython('signed_cookies_app.py', { kind, key });

/** Debian's PHP with its own session files `sess_…`. `strict`: session.use_strict_mode. */
export async function startPhp(folder: string, strict: boolean): Promise<StackApp> {
  const port = await freePort();
  const child = spawn(
    'php',
    [
      ...['-d', `session.save_path=${folder}`, '-d', `session.use_strict_mode=${strict ? 1 : 0}`],
      ...['-d', 'session.gc_probability=0', '-d', 'display_errors=0'],
      ...['-S', `127.0.0.1:${port}`, path.join(import.meta.dirname, 'php_app.php')],
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
        socket.on('error', () => resolve(false));
      }),
    (there) => there,
  );
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function startPython(file: string, config: object): Promise<StackApp> {
  const child = spawn('/usr/bin/python3', [path.join(import.meta.dirname, file), JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('close', () => reject(new Error(`${file} ended before it listened: ${errors}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^listening (\d+)$/.exec(line);
      if (match !== null) resolve(Number(match[1]));
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
