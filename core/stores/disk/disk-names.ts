import fs from 'node:fs';
import path from 'node:path';
import { type Problem, problem } from '../../model/problem.ts';
import { isDebuggerTemp } from './disk-files.ts';

/**
 * The path of the record of an id. Ids come from cookies and people, so nothing that could lead out of the directory
 * or name it passes; web.py itself only refuses the path separator.
 * @throws ProblemError `bad-id`
 */
export function recordPath(root: string, id: string): string {
  if (isPathLike(id)) {
    throw problem('bad-id', `${JSON.stringify(id)} cannot be the id of a session on disk`, {
      remedy: "web.py's ids are hex digits",
      where: root,
    });
  }
  return path.join(root, id);
}

/** Whether an id is empty, `.`, `..`, or holds a separator of any system or a NUL. */
export function isPathLike(id: string): boolean {
  return id === '' || id === '.' || id === '..' || /[/\\\0]/.test(id);
}

/** web.py's rule for ids in cookies (section 3): hex digits of either case, any number. */
const HEX_ID = /^[0-9a-fA-F]+$/;
/** `<id>.<thread name>`: what a crash of web.py, or of our own DiskStore, between write and rename leaves. */
const WEBPY_TEMP = /^[0-9a-fA-F]+\.(?:Sessionscope-|.*Thread)/;

/** What is odd about a name in a session directory; undefined for a session's. */
export function nameProblem(name: string): Problem | undefined {
  if (HEX_ID.test(name)) return undefined;
  if (name.includes('\uFFFD')) {
    return { kind: 'foreign-name', message: 'The name is not UTF-8, so it cannot be opened here', remedy: CLEANUP };
  }
  if (isDebuggerTemp(name) || WEBPY_TEMP.test(name)) {
    return {
      kind: 'leftover',
      message: 'A temporary file that a crash left between writing and renaming',
      remedy: CLEANUP,
    };
  }
  return { kind: 'foreign-name', message: 'No cookie can name this file: the name is not hex digits', remedy: CLEANUP };
}

const CLEANUP = "web.py's cleanup removes it once it is older than the timeout";

export function danglingLink(name: string): Problem {
  return {
    kind: 'dangling-link',
    message: `${name} is a symbolic link to something that is not there`,
    remedy: "Remove it: web.py's cleanup fails on it, which makes a request answer 500",
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
