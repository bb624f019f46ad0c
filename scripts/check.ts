import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** `npm run check`: lint, format, types of each runtime, directions of imports, circles by value, dead exports. */
const root = path.resolve(import.meta.dirname, '..');
const bin = (name: string) => path.join(root, 'node_modules', '.bin', name);
const steps: [what: string, command: string, args: string[]][] = [
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ...['core', 'cli', 'electron', 'renderer', '.'].map((project): [string, string, string[]] => [
    `types of ${project}`,
    bin('tsc'),
    ['-p', project],
  ]),
  ['directions of imports, parsing of addresses', process.execPath, [path.join(root, 'scripts', 'check-imports.ts')]],
];
let failed = 0;
for (const [what, command, args] of steps) {
  const run = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) {
    failed += 1;
    console.error(`check: ${what}: failed`);
  }
}
process.exit(failed === 0 ? 0 : 1);
