import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** `npm run make`: installers through Forge's makers and electron-builder. Options go to `electron-forge make`. */
const root = path.resolve(import.meta.dirname, '..');
const forge = path.join(root, 'node_modules', '.bin', 'electron-forge');
const run = spawnSync(forge, ['make', ...process.argv.slice(2)], { stdio: 'inherit', cwd: root });
process.exit(run.status ?? 1);
