import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProblemError } from '../../model/problem.ts';
import { diskProblem, errno, lookAtFile } from './disk-files.ts';

const BATCH = 200;

/**
 * Copies a directory of sessions with modes and times, sub-directories and links included, without touching the
 * original's access times. What vanishes meanwhile, cannot be read, or is no file (pipes, devices) is left out.
 */
export async function copyDirectory(from: string, to: string): Promise<void> {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(from, { withFileTypes: true });
  } catch (error) {
    throw diskProblem(error, from, 'read');
  }
  fs.mkdirSync(to, { recursive: true });
  for (const [at, entry] of entries.entries()) {
    if (at > 0 && at % BATCH === 0) await nextTurn();
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      const { atimeMs, mtimeMs } = fs.statSync(source);
      await copyDirectory(source, target);
      fs.utimesSync(target, atimeMs / 1000, mtimeMs / 1000);
    } else copyEntry(entry, source, target);
  }
}

/**
 * The same for some entries alone, and besides them for what a cleanup stumbles over: links that lead nowhere.
 */
export async function copyEntries(from: string, to: string, names: ReadonlySet<string>): Promise<void> {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(from, { withFileTypes: true });
  } catch (error) {
    throw diskProblem(error, from, 'read');
  }
  for (const entry of entries) {
    const source = path.join(from, entry.name);
    const isWanted = names.has(entry.name) || (entry.isSymbolicLink() && !fs.existsSync(source));
    if (!isWanted) continue;
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      const { atimeMs, mtimeMs } = fs.statSync(source);
      fs.mkdirSync(target);
      fs.utimesSync(target, atimeMs / 1000, mtimeMs / 1000);
    } else copyEntry(entry, source, target);
  }
}

function copyEntry(entry: fs.Dirent, source: string, target: string): void {
  try {
    if (entry.isSymbolicLink() && !fs.existsSync(source)) {
      fs.symlinkSync(fs.readlinkSync(source), target);
      return;
    }
    const { bytes, facts } = lookAtFile(source);
    fs.writeFileSync(target, bytes, { mode: facts.mode & 0o777 });
    fs.utimesSync(target, facts.atimeMs / 1000, facts.mtimeMs / 1000);
  } catch (error) {
    if (error instanceof ProblemError || ['ENOENT', 'EACCES', 'ENXIO'].includes(errno(error) ?? '')) return;
    throw diskProblem(error, target, 'write');
  }
}
