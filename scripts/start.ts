import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildAll } from './build.ts';
import { downloadElectron, presentElectron, REGISTRY_RUNTIME_FITS, registryElectron } from './electron-binary.ts';

/**
 * `npm start [-- --web] [-- --registry-electron] [-- options of the app]`: the desktop app, or web mode where it is
 * asked for or where Electron's binary is missing and cannot be downloaded.
 */
const root = path.resolve(import.meta.dirname, '..');
const given = process.argv.slice(2);
/** Keeps the process of the engine 40 MB smaller at the same speed; why not in Electron: docs/performance.md. */
const SMALL_YOUNG_GENERATION = ['--max-semi-space-size=4'];
const passed = given.filter((word) => word !== '--web' && word !== '--registry-electron');

await buildAll({ quiet: true });

let env: NodeJS.ProcessEnv = { ...process.env };
let electron: string | undefined;
if (!given.includes('--web')) {
  electron = presentElectron() ?? downloadElectron();
  if (electron === undefined && given.includes('--registry-electron')) {
    if (REGISTRY_RUNTIME_FITS) {
      console.error(
        'Notice: using an old Electron runtime taken from an npm package, for development only (no security fixes).',
      );
      env = { ...env, ...registryElectron() };
      electron = presentElectron(env);
    } else {
      console.error('--registry-electron works on Linux x64 only.');
    }
  }
  if (electron === undefined) {
    console.error("Electron's binary is missing and could not be downloaded: starting in web mode instead.");
  }
}

const child =
  electron === undefined
    ? spawn(process.execPath, [...SMALL_YOUNG_GENERATION, path.join(root, 'cli', 'main.ts'), 'serve', ...passed], {
        stdio: 'inherit',
        env,
      })
    : spawn(electron, [...sandboxFlags(), root, ...passed], { stdio: 'inherit', env, cwd: root });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 0) : 1));

/** Chromium refuses to start its sandbox as root; everybody else keeps it. */
function sandboxFlags(): string[] {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
