import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { build } from 'vite';
import { answers, freePort, pinned } from './origin.ts';

export interface Running {
  /** undefined: no proxy, the limit. */
  readonly port?: number;
  readonly pid?: number;
  stop(): Promise<void>;
}

export type Start = () => Promise<Running>;

const here = import.meta.dirname;
const root = path.resolve(here, '../..');

/** Every proxy that can be measured on this machine, by name; the ones whose program is missing are left out. */
export async function candidates(folder: string, caFile: string): Promise<Map<string, Start>> {
  await bundled(folder);
  const bundle = path.join(folder, 'run-proxy.cjs');
  const env = { UPSTREAM_CA: caFile, NODE_EXTRA_CA_CERTS: caFile };
  // A small young generation: the same speed, 40 MB less (docs/performance.md).
  const ours = [process.execPath, '--max-semi-space-size=4', bundle];
  const recording = [process.execPath, '--max-semi-space-size=4', path.join(folder, 'run-recording.cjs')];
  const found = new Map<string, Start>([
    ['direct', async () => ({ stop: async () => {} })],
    ['sessionscope', () => start(folder, 'sessionscope', ours, env)],
    ['sessionscope-edit', () => start(folder, 'sessionscope-edit', ours, { ...env, MODE: 'edit' })],
    [
      'sessionscope-record',
      () =>
        start(folder, 'sessionscope-record', recording, {
          ...env,
          DATA: dataFolder(folder),
          WRITER: path.join(folder, 'writer-worker.cjs'),
        }),
    ],
  ]);
  const electron = [process.env['ELECTRON_OVERRIDE_DIST_PATH'], path.join(root, 'node_modules/electron/dist')]
    .filter((dist) => dist !== undefined)
    .map((dist) => path.join(dist, 'electron'))
    .find(existsSync);
  if (electron !== undefined) {
    const command = [electron, '--max-semi-space-size=4', bundle];
    found.set('electron', () => start(folder, 'electron', command, { ...env, ELECTRON_RUN_AS_NODE: '1' }));
  }
  if (existsSync('/usr/bin/mitmdump')) {
    const command = [
      '/usr/bin/mitmdump',
      '-q',
      '--listen-host',
      '127.0.0.1',
      '-p',
      '{port}',
      '--set',
      `confdir=${folder}/mitm`,
      '--set',
      `ssl_verify_upstream_trusted_ca=${caFile}`,
      '-s',
      path.join(here, 'mitmproxy-addon.py'),
    ];
    found.set('mitmproxy', () => start(folder, 'mitmproxy', command, {}));
    found.set('mitmproxy-stream', () => start(folder, 'mitmproxy-stream', command, { STREAM: '1' }));
  }
  // Not a dependency: 193 packages. `npm install mockttp` in any folder, and name the folder.
  const peers = process.env['SESSIONSCOPE_BENCH_PEERS'];
  if (peers !== undefined && existsSync(path.join(peers, 'node_modules/mockttp'))) {
    const command = [process.execPath, path.join(here, 'run-mockttp.mjs')];
    found.set('mockttp', () => start(folder, 'mockttp', command, { ...env, PEERS: peers }));
  }
  if (existsSync('/usr/sbin/squid')) {
    found.set('squid', async () => {
      const port = await freePort();
      const config = path.join(folder, 'squid.conf');
      writeFileSync(
        config,
        `http_port 127.0.0.1:${port}\nacl all_ports port 1-65535\nhttp_access allow all\ncache deny all\naccess_log none\ncache_log ${folder}/squid.log\npid_filename none\nshutdown_lifetime 0 seconds\ncoredump_dir ${folder}\n`,
      );
      return start(folder, 'squid', ['/usr/sbin/squid', '-N', '-f', config], {}, port);
    });
  }
  return found;
}

/** A new folder for each start, so that each begins with an empty workspace. */
function dataFolder(folder: string): string {
  return mkdtempSync(path.join(folder, 'data-'));
}

async function start(
  folder: string,
  name: string,
  command: readonly string[],
  env: Record<string, string>,
  fixedPort?: number,
): Promise<Running> {
  const port = fixedPort ?? (await freePort());
  const log = openSync(path.join(folder, `${name}.log`), 'w');
  const [program, ...args] = pinned(
    0,
    command.map((word) => word.replace('{port}', String(port))),
  ) as [string, ...string[]];
  const child = spawn(program, args, {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', log, log],
  });
  if (!(await answers(port, child))) throw new Error(`${name} did not start; see ${folder}/${name}.log`);
  return {
    port,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 2500).unref();
      }),
  };
}

/** What is measured of ours, in CommonJS files as the application ships it: the same for Node and Electron. */
async function bundled(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    // CommonJS has no import.meta: what asks for its own place gets that of the bundle.
    define: { 'import.meta.url': '__bundleUrl' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'node20',
      minify: false,
      lib: {
        entry: {
          'run-proxy': path.join(here, 'run-proxy.ts'),
          'run-recording': path.join(here, 'run-recording.ts'),
          'writer-worker': path.join(root, 'core/workspace/writer-worker.ts'),
        },
        formats: ['cjs'],
        fileName: (_format, name) => `${name}.cjs`,
      },
      rolldownOptions: {
        output: { intro: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
        external: ['better-sqlite3', ...builtinModules.flatMap((name) => [name, `node:${name}`])],
      },
    },
    resolve: { conditions: ['node'], mainFields: ['module', 'main'] },
  });
  // The database is a native module, which is found from where it is asked for.
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
}
