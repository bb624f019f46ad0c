import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { postgresBin } from './needs.ts';

/** A database server of this test process alone: its own folder, its own port on 127.0.0.1, gone after `stop`. */
export interface TestServer {
  /** `postgres://web:…@127.0.0.1:port/web` or `mysql://…`, without a table. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** May create databases, tables and users. */
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Folder that holds the unix socket. */
  readonly socketDir: string;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
  /** Orderly shutdown and start on the same port; resolves when it accepts connections. */
  restart(): Promise<void>;
  /** Takes the server away (`kill`: without any farewell) until `up`. */
  down(how?: 'orderly' | 'kill'): Promise<void>;
  up(): Promise<void>;
}

export interface ServerOptions {
  /** PostgreSQL: a zone name (`America/New_York`); MariaDB: an offset (`+08:00`). The server's default for sessions. */
  readonly timezone?: string;
}

const run = promisify(execFile);
const START_LIMIT_MS = 100_000;

/**
 * Runs a server for us: starts and stops it on command, and ends it and removes the folder when our end of the pipe
 * closes, so that nothing is left behind by a test process that was killed.
 */
const KEEPER = `
dir=$1; shift
pid=
while read -r command signal; do
  case $command in
    start)
      # Asked again while it starts: only a server that has ended meanwhile (its predecessor's memory was still in use) is
      # started once more. A process that has ended stays as a zombie until it is waited for.
      if [ -n "$pid" ] && grep -q ') Z ' "/proc/$pid/stat" 2>/dev/null; then wait "$pid"; pid=; fi
      if [ -z "$pid" ]; then "$@" >>"$dir/log" 2>&1 </dev/null & pid=$!; fi
      echo started ;;
    stop) if [ -n "$pid" ]; then kill -"$signal" "$pid" 2>/dev/null; wait "$pid"; pid=; fi; echo stopped ;;
  esac
done
if [ -n "$pid" ]; then kill -9 "$pid" 2>/dev/null; wait "$pid"; fi
rm -rf "$dir"
`;

/** A PostgreSQL cluster with password logins (scram). */
export async function startPostgres(options: ServerOptions = {}): Promise<TestServer> {
  const bin = postgresBin();
  if (bin === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const place = makePlace('postgres');
  const data = path.join(place.dir, 'data');
  const passwordFile = path.join(place.dir, 'password');
  writeFileSync(passwordFile, 'secret\n');
  chmodSync(passwordFile, 0o644);
  await run(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'web', '-N', '--no-locale', '-E', 'UTF8', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
    { ...place.as, cwd: place.dir },
  );
  return start({
    place,
    protocol: 'postgres',
    database: 'web',
    stopSignal: 'INT',
    command: (port) => [
      path.join(bin, 'postgres'),
      '-D',
      data,
      '-p',
      String(port),
      '-k',
      place.dir,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'fsync=off',
      '-c',
      'shared_buffers=16MB',
      '-c',
      'max_connections=60',
      ...(options.timezone === undefined ? [] : ['-c', `timezone=${options.timezone}`]),
    ],
    prepare: async (where) => {
      const client = new pg.Client({ ...where, database: 'postgres' });
      client.on('error', () => {});
      await client.connect();
      try {
        const found = await client.query("select 1 from pg_database where datname = 'web'");
        if (found.rowCount === 0) await client.query('create database web');
      } finally {
        await client.end();
      }
    },
  });
}

/** A MariaDB server with password logins. */
export async function startMariadb(options: ServerOptions = {}): Promise<TestServer> {
  const place = makePlace('mariadb');
  const data = path.join(place.dir, 'data');
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin` };
  // A starting server removes temporary tables from the common folder, also another's: each has one of its own.
  const tmpdir = `--tmpdir=${place.dir}`;
  await run(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, tmpdir, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { ...place.as, cwd: place.dir, env },
  );
  const init = path.join(place.dir, 'init.sql');
  writeFileSync(
    init,
    [
      "CREATE USER IF NOT EXISTS 'web'@'%' IDENTIFIED BY 'secret';",
      "GRANT ALL PRIVILEGES ON *.* TO 'web'@'%' WITH GRANT OPTION;",
      'CREATE DATABASE IF NOT EXISTS web CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;',
      '',
    ].join('\n'),
  );
  chmodSync(init, 0o644);
  return start({
    place,
    env,
    protocol: 'mysql',
    database: 'web',
    stopSignal: 'TERM',
    command: (port) => [
      'mariadbd',
      '--no-defaults',
      `--datadir=${data}`,
      tmpdir,
      `--socket=${path.join(place.dir, 'mysql.sock')}`,
      `--pid-file=${path.join(place.dir, 'pid')}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=16M',
      '--innodb-flush-log-at-trx-commit=2',
      '--innodb-flush-method=nosync',
      `--init-file=${init}`,
      ...(options.timezone === undefined ? [] : [`--default-time-zone=${options.timezone}`]),
    ],
    prepare: async (where) => {
      const connection = await mysql.createConnection({ ...where, database: 'web' });
      await connection.query('select 1');
      await connection.end();
    },
  });
}

interface Place {
  readonly dir: string;
  /** Servers refuse to run as root: then another account owns the folder and runs them. */
  readonly as: { uid?: number; gid?: number };
}

interface Where {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

interface Plan {
  readonly place: Place;
  readonly protocol: 'postgres' | 'mysql';
  readonly database: string;
  readonly stopSignal: 'INT' | 'TERM';
  readonly env?: NodeJS.ProcessEnv;
  command(port: number): string[];
  /** Rejects as long as the server is not ready. */
  prepare(where: Where): Promise<void>;
}

async function start(plan: Plan): Promise<TestServer> {
  const { place } = plan;
  const port = await freePort();
  const where: Where = { host: '127.0.0.1', port, user: 'web', password: 'secret' };
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', place.dir, ...plan.command(port)], {
    ...place.as,
    cwd: place.dir,
    env: plan.env ?? process.env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const notify = commander(keeper);
  const up = async () => {
    await notify('start');
    await ready(plan, where, () => notify('start'));
  };
  const down = async (how: 'orderly' | 'kill' = 'orderly') =>
    notify(`stop ${how === 'kill' ? 'KILL' : plan.stopSignal}`);
  try {
    await up();
  } catch (error) {
    const log = readLog(place.dir);
    await end(keeper);
    throw new Error(`${plan.protocol} did not start: ${String(error)}\n${log}`);
  }
  return {
    ...where,
    database: plan.database,
    socketDir: place.dir,
    url: `${plan.protocol}://${where.user}:${where.password}@${where.host}:${port}/${plan.database}`,
    up,
    down,
    async restart() {
      await down();
      await up();
    },
    async stop() {
      await down();
      await end(keeper);
    },
  };
}

/** Polls with real connections: a listening port alone does not mean that logins work. */
async function ready(plan: Plan, where: Where, startAgain: () => Promise<void>): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await plan.prepare(where);
      return;
    } catch (error) {
      if (Date.now() > limit) throw error;
      await new Promise((done) => setTimeout(done, 100));
      await startAgain();
    }
  }
}

/** Sends one command at a time and waits for the keeper's answer. */
function commander(keeper: ChildProcess): (command: string) => Promise<void> {
  const { stdin, stdout } = keeper;
  if (stdin === null || stdout === null) throw new Error('the keeper has no pipes');
  const waiting: { done: () => void; failed: (error: Error) => void }[] = [];
  createInterface({ input: stdout }).on('line', () => waiting.shift()?.done());
  const fail = () => {
    for (const one of waiting.splice(0)) one.failed(new Error('the keeper of the server has ended'));
  };
  keeper.on('exit', fail);
  keeper.on('error', fail);
  stdin.on('error', fail);
  return (command) =>
    new Promise((done, failed) => {
      waiting.push({ done, failed });
      stdin.write(`${command}\n`);
    });
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return;
  const gone = new Promise((done) => keeper.once('exit', done));
  keeper.stdin?.end();
  await gone;
}

function makePlace(name: string): Place {
  const dir = mkdtempSync(path.join(os.tmpdir(), `sessionscope-${name}-`));
  if (process.getuid?.() !== 0) return { dir, as: {} };
  const account = accountFor(name);
  chownSync(dir, account.uid, account.gid);
  return { dir, as: account };
}

/** The account that Debian's packages make for the server, else `nobody`. */
function accountFor(name: string): { uid: number; gid: number } {
  const wanted = [name === 'mariadb' ? 'mysql' : name, 'nobody'];
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const user of wanted) {
    const fields = lines.find((line) => line.startsWith(`${user}:`))?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return { uid: 65534, gid: 65534 };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done));
  const address = server.address() as net.AddressInfo;
  await new Promise((done) => server.close(done));
  return address.port;
}

function readLog(dir: string): string {
  try {
    return readFileSync(path.join(dir, 'log'), 'utf8').split('\n').slice(-30).join('\n');
  } catch {
    return '(no log)';
  }
}
