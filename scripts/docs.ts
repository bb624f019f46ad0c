import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** `npm run docs [-- --out FOLDER]`: the site of the documents, into out/docs. A broken link fails. */
const root = path.resolve(import.meta.dirname, '..');
const out = process.argv.indexOf('--out');
const folder = out < 0 ? path.join(root, 'out/docs') : path.resolve(process.argv[out + 1] ?? 'out/docs');

const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules/vitepress/bin/vitepress.js'), 'build', path.join(root, 'docs'), '--outDir', folder],
  { stdio: 'inherit', cwd: root },
);
if (status === 0) console.log(`The site is in ${folder}`);
process.exitCode = status ?? 1;
