import fs from 'node:fs';
import path from 'node:path';
import { type Problem, problem } from '../../model/problem.ts';
import type { FileLayout } from '../layout.ts';
import { isDebuggerTemp } from './disk-files.ts';

/**
 * The path of the record of an id. Ids come from cookies and people, so nothing that could lead out of the directory
 * or name it passes.
 * @throws ProblemError `bad-id`
 */
export function recordPath(root: string, id: string): string {
  if (isPathLike(id)) {
    throw problem('bad-id', `${JSON.stringify(id)} cannot be the id of a session on disk`, { where: root });
  }
  return path.join(root, id);
}

/** Whether an id is empty, `.`, `..`, or holds a separator of any system or a NUL. */
export function isPathLike(id: string): boolean {
  return id === '' || id === '.' || id === '..' || /[/\\\0]/.test(id);
}

/** What is odd about a name in a folder of sessions; undefined for a session's. */
export function nameProblem(name: string, layout: FileLayout | undefined): Problem | undefined {
  if (name.includes('\uFFFD')) {
    return { kind: 'foreign-name', message: 'The name is not UTF-8, so it cannot be opened here' };
  }
  if (isDebuggerTemp(name)) {
    return { kind: 'leftover', message: 'A temporary file that a crash left between writing and renaming' };
  }
  return layout?.odd?.(name);
}

export function danglingLink(name: string, layout: FileLayout | undefined): Problem {
  return {
    kind: 'dangling-link',
    message: `${name} is a symbolic link to something that is not there`,
    remedy: layout?.remedies?.danglingLink ?? 'Remove it',
  };
}

/** Whether the file system of a directory takes names that differ in letter case for the same. */
export function foldsCase(root: string): boolean {
  const base = path.basename(root);
  const swapped = base === base.toLowerCase() ? base.toUpperCase() : base.toLowerCase();
  if (swapped === base) return process.platform === 'win32' || process.platform === 'darwin';
  try {
    return fs.statSync(path.join(path.dirname(root), swapped)).ino === fs.statSync(root).ino;
  } catch {
    return false;
  }
}
