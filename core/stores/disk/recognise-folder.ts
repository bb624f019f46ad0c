import fs from 'node:fs';
import path from 'node:path';
import type { FileLayout } from '../layout.ts';
import { openQuietly, readQuietly } from '../quiet-files.ts';
import { diskProblem } from './disk-files.ts';

/** Files whose beginnings are looked at, and names that are looked at, at most. */
const MOST_HEADS = 40;
const MOST_NAMES = 20_000;
const HEAD = 512;

/** How a folder's files are laid out. */
export interface RecognisedFolder {
  /** Undefined when no file looks like a session of any layout. */
  readonly layout: FileLayout | undefined;
  readonly files: number;
  /** Files whose names are those of the layout's records. */
  readonly matching: number;
  /** Folders of folders in which the records lie (PHP's `N;path`). */
  readonly depth: number;
}

/**
 * Finds the layout that most files of a folder follow, by their names and beginnings.
 * @throws ProblemError when the folder cannot be read
 */
export async function recogniseFolder(root: string, layouts: readonly FileLayout[]): Promise<RecognisedFolder> {
  let entries: fs.Dirent[];
  try {
    entries = await fs.promises.readdir(root, { withFileTypes: true });
  } catch (error) {
    throw diskProblem(error, root, 'read');
  }
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const flat = recogniseNames(root, names.slice(0, MOST_NAMES), layouts);
  if (flat.layout !== undefined) return { ...flat, files: names.length, depth: 0 };
  for (const layout of layouts) {
    if (layout.folders === undefined) continue;
    const depth = nestedDepth(root, entries, layout);
    if (depth > 0) return { layout, files: names.length, matching: 0, depth };
  }
  // No record is left, but the application still counts them.
  const counting = layouts.find(({ counter }) => counter !== undefined && isCount(root, names, counter));
  return { layout: counting, files: names.length, matching: 0, depth: 0 };
}

function isCount(root: string, names: readonly string[], counter: NonNullable<FileLayout['counter']>): boolean {
  if (!names.includes(counter.name)) return false;
  try {
    return counter.adjusted(readQuietly(path.join(root, counter.name)), 0) !== undefined;
  } catch {
    return false;
  }
}

function recogniseNames(root: string, names: readonly string[], layouts: readonly FileLayout[]) {
  let best: { layout: FileLayout | undefined; matching: number; looks: number } = {
    layout: undefined,
    matching: 0,
    looks: 0,
  };
  for (const layout of layouts) {
    const belonging = names.filter((name) => layout.belongs(name));
    const looks = belonging
      .slice(0, MOST_HEADS)
      .filter((name) => looksLike(path.join(root, name), name, layout)).length;
    if (looks > best.looks) best = { layout, matching: belonging.length, looks };
  }
  return best;
}

function looksLike(file: string, name: string, layout: FileLayout): boolean {
  try {
    const { fd, stat, done } = openQuietly(file);
    try {
      const head = Buffer.alloc(Math.min(HEAD, stat.size));
      return layout.looksLike(name, head.subarray(0, fs.readSync(fd, head, 0, head.length, 0)));
    } finally {
      done();
    }
  } catch {
    return false;
  }
}

/** Folders that are opened, at most, to find out how deep the records lie, and the deepest level. */
const MOST_FOLDERS = 400;
const DEEPEST = 5;
const SHORT_NAMES = /^[-,a-zA-Z0-9]{1,2}$/;

/**
 * How deep the records lie below folders that are named as the layout names them; 0 when they do not. A branch may hold
 * something else (a cache keeps more than sessions), so others are looked into as well.
 */
function nestedDepth(root: string, entries: readonly fs.Dirent[], layout: FileLayout): number {
  const pattern = layout.folderNames ?? SHORT_NAMES;
  const below = (folder: string, level: readonly fs.Dirent[]): string[] =>
    level.filter((one) => one.isDirectory() && pattern.test(one.name)).map(({ name }) => path.join(folder, name));
  let folders = below(root, entries);
  let opened = 0;
  for (let depth = 1; depth <= DEEPEST && folders.length > 0; depth++) {
    const deeper: string[] = [];
    for (const folder of folders) {
      if (++opened > MOST_FOLDERS) return 0;
      const level = entriesOf(folder);
      if (level.some((entry) => entry.isFile() && layout.belongs(entry.name))) return depth;
      deeper.push(...below(folder, level));
    }
    folders = deeper;
  }
  return 0;
}

function entriesOf(folder: string): readonly fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
