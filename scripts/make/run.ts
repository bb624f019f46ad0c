import { spawnSync } from 'node:child_process';
import { Lacking } from './target.ts';

/**
 * Runs a tool to its end.
 * @param bring what brings it where it is not there
 * @throws Lacking when it is missing, Error with its last words when it fails
 */
export function runTool(tool: string, words: readonly string[], bring: string, cwd?: string): void {
  const run = spawnSync(tool, words, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (run.error !== undefined && 'code' in run.error && run.error.code === 'ENOENT') {
    throw new Lacking(`${tool} is missing: ${bring}`);
  }
  if (run.status === 0) return;
  const said = `${run.stdout ?? ''}${run.stderr ?? ''}`.trim().split('\n').slice(-5).join('\n');
  throw new Error(`${tool} failed (${run.status ?? run.signal ?? run.error?.message}): ${said}`);
}
