import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildAll } from './build.ts';
import { downloadElectron, presentElectron, REGISTRY_RUNTIME_FITS, registryElectron } from './electron-binary.ts';

/**
 * `npm test [-- files and vitest options]`: builds what the tests of the real window need, prepares Electron, runs vitest.
 * Where only files of other tests are named, nothing is built: they run the sources.
 */
const root = path.resolve(import.meta.dirname, '..');
const words = process.argv.slice(2);
/** Names of test files and folders; a bare word may mean a test of the window. */
const places = words.filter((word) => !word.startsWith('-'));
const isQuick = places.length > 0 && places.every((place) => /^(\.\/)?test\/(?!app\b)\w+/.test(place));
if (!isQuick) await buildAll({ quiet: true });

let env: NodeJS.ProcessEnv = { ...process.env };
if (!isQuick && (presentElectron() ?? downloadElectron()) === undefined && REGISTRY_RUNTIME_FITS) {
  try {
    env = { ...env, ...registryElectron() };
  } catch (error) {
    console.error(`The tests of the real window are left out: ${error instanceof Error ? error.message : error}`);
  }
}
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const run = spawnSync(process.execPath, [vitest, 'run', ...words], {
  stdio: 'inherit',
  env,
  cwd: root,
});
process.exit(run.status ?? 1);
