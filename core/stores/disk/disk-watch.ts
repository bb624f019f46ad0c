import fs from 'node:fs';
import path from 'node:path';
import { changedKeys, poll } from '../watchers.ts';
import { isDebuggerTemp } from './disk-files.ts';

type OnChange = (ids: readonly string[] | undefined) => void;

/** How often a directory is looked at where the system cannot tell about changes. */
export const DISK_POLL_MS = 1000;
/** How often it is tried to go back to events, and whether the watched directory is still the one at its path. */
const RECHECK_MS = 2000;

/**
 * Tells about changed entries of a directory: by the system's events where it has them, else by comparing stat
 * results. A directory that is missing, removed or replaced is found again by itself.
 */
export function watchDirectory(
  root: string,
  onChange: OnChange,
  onMode?: (how: 'events' | 'poll') => void,
): () => void {
  let end: () => void = () => {};
  let ended = false;
  const byEvents = () => {
    const stop = watchEvents(root, onChange, () => {
      if (ended) return;
      onChange(undefined);
      byPolling();
    });
    if (stop === undefined) return false;
    end = stop;
    onMode?.('events');
    return true;
  };
  const byPolling = () => {
    onMode?.('poll');
    const endPoll = pollDirectory(root, onChange);
    end = endPoll;
    const retry = setInterval(() => {
      if (!fs.existsSync(root)) return;
      const before = end;
      if (!byEvents()) return;
      before();
      // What happened between the last look and the first event.
      onChange(undefined);
    }, RECHECK_MS);
    retry.unref();
    end = () => {
      clearInterval(retry);
      endPoll();
    };
  };
  if (!byEvents()) byPolling();
  return () => {
    ended = true;
    end();
  };
}

function watchEvents(root: string, onChange: OnChange, onLost: () => void): (() => void) | undefined {
  let watcher: fs.FSWatcher;
  let inode: number;
  try {
    inode = fs.statSync(root).ino;
    watcher = fs.watch(root, { persistent: false }, (_event, name) => {
      if (name === null) onChange(undefined);
      else if (name !== path.basename(root) && !isDebuggerTemp(name)) onChange([name]);
      else if (!same()) lost();
    });
  } catch {
    return undefined;
  }
  const same = () => {
    try {
      return fs.statSync(root).ino === inode;
    } catch {
      return false;
    }
  };
  const stop = () => {
    clearInterval(recheck);
    watcher.close();
  };
  const lost = () => {
    stop();
    onLost();
  };
  watcher.on('error', lost);
  const recheck = setInterval(() => {
    if (!same()) lost();
  }, RECHECK_MS);
  recheck.unref();
  return stop;
}

/** Compares names, sizes, inodes and modification times; access times may change by mere reading. */
function pollDirectory(root: string, onChange: OnChange): () => void {
  let before: Map<string, string> | undefined;
  return poll(DISK_POLL_MS, async () => {
    const now = new Map<string, string>();
    for (const name of await fs.promises.readdir(root).catch(() => [])) {
      if (isDebuggerTemp(name)) continue;
      const stat = fs.statSync(path.join(root, name), { throwIfNoEntry: false });
      if (stat !== undefined) now.set(name, `${stat.ino} ${stat.size} ${stat.mtimeMs}`);
    }
    const changed = before === undefined ? [] : changedKeys(before, now);
    before = now;
    if (changed.length > 0) onChange(changed);
  });
}
