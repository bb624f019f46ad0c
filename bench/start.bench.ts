import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundleForNode } from '../scripts/bundle/bundle-node.ts';
import { LAUNCHER } from '../scripts/package-npm.ts';
import { type Bench, median } from './report.ts';

const root = path.resolve(import.meta.dirname, '..');

/**
 * How long a command takes from the call to its end, as packed for npm and from the checkout, with the least that the
 * runtime itself needs beside it. All in turns, so that a busy machine slows each alike.
 */
export const run: Bench = async (report, { quick }) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-start-'));
  try {
    const pack = path.join(folder, 'package');
    for (const part of ['bin', 'dist']) mkdirSync(path.join(pack, part), { recursive: true });
    await bundleForNode(path.join(pack, 'dist'), { main: 'cli/main.ts' });
    writeFileSync(path.join(pack, 'package.json'), '{"version":"0.0.0","type":"module"}');
    writeFileSync(path.join(pack, 'bin/sessionscope.cjs'), LAUNCHER);
    symlinkSync(path.join(root, 'node_modules'), path.join(pack, 'node_modules'), 'junction');
    const value = path.join(folder, 'value');
    writeFileSync(value, 'gASVCgAAAAAAAAB9lIwBYZRLAXMu');
    const har = path.join(folder, 'empty.har');
    writeFileSync(har, '{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"entries":[]}}');
    const sessions = path.join(folder, 'sessions');
    mkdirSync(sessions);
    const commands: Readonly<Record<string, readonly string[]>> = {
      '--version': ['--version'],
      decode: ['decode', value],
      '--help': ['--help'],
      'sessions ls': ['sessions', 'ls', `disk:${sessions}`],
      'lab list': ['lab', 'list'],
      'lab check': ['lab', 'check', value],
      doctor: ['doctor', '--data', path.join(folder, 'data')],
      undo: ['undo', 'none', '--data', path.join(folder, 'data')],
      why: ['why', har],
    };
    const env = { ...process.env, NODE_COMPILE_CACHE: path.join(folder, 'cache') };
    const time = (...words: string[]): number => {
      const begun = performance.now();
      spawnSync(process.execPath, words, { env, stdio: 'ignore' });
      return performance.now() - begun;
    };
    const ways = {
      'node -e 0': () => time('-e', '0'),
      packed: (words: readonly string[]) => time(path.join(pack, 'bin/sessionscope.cjs'), ...words),
      checkout: (words: readonly string[]) => time(path.join(root, 'cli/main.ts'), ...words),
    };
    const n = quick ? 3 : 15;
    for (const [name, words] of Object.entries(commands)) {
      const taken: Record<keyof typeof ways, number[]> = { 'node -e 0': [], packed: [], checkout: [] };
      // The first run fills the cache of compiled code, which later ones find, as a user's do.
      ways.packed(words);
      for (let round = 0; round < n; round++) {
        for (const [way, go] of Object.entries(ways)) taken[way as keyof typeof ways].push(go(words));
      }
      report({
        bench: 'start',
        figure: name,
        value: median(taken.packed),
        unit: 'ms',
        beside: { 'node -e 0': median(taken['node -e 0']), checkout: median(taken.checkout) },
        n,
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
