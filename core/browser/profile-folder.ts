import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'browser-';
const OWNER = 'sessionscope-owner.json';

interface Owner {
  /** Our process. */
  readonly owner: number;
  /** The browser's, once it runs. */
  readonly browser?: number;
}

/** Makes a fresh profile in `root` and notes who owns it, so that a later start can tell a stale one. */
export async function createProfile(root: string): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(root, PREFIX));
  await noteOwner(folder);
  return folder;
}

/** Notes our process, and the browser's when it runs. */
export async function noteOwner(profile: string, browser?: number): Promise<void> {
  const owner: Owner = { owner: process.pid, ...(browser === undefined ? {} : { browser }) };
  await writeFile(join(profile, OWNER), JSON.stringify(owner), { mode: 0o600 });
}

/** Removes a profile, patiently: helpers of the browser may hold files for a moment after its end. */
export async function removeProfile(profile: string): Promise<void> {
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** What the removal of stale profiles asks of the system; given in by tests. */
export interface ProcessTable {
  alive(pid: number): boolean;
  /** Ends whatever still runs on the profile, by the browser's number of then; false when that cannot be done. */
  endBrowser(pid: number, profile: string): Promise<boolean>;
}

const thisMachine: ProcessTable = {
  alive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
  async endBrowser(pid, profile) {
    if (process.platform !== 'linux') return false;
    // A number may have been given to another process since: only a command line that names the profile is proof. Its
    // helpers name it too, and would write into the folder again after its removal.
    for (let round = 0; round < 100; round += 1) {
      const running = await processesOn(profile, pid);
      if (running.length === 0) return true;
      for (const one of running) {
        try {
          process.kill(one, 'SIGKILL');
        } catch {
          // It ended meanwhile.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
  },
};

/** Processes that run on a profile. Helpers of a browser have a command line that names it, or one of its group. */
async function processesOn(profile: string, group: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [] as string[])) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const commandLine = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (commandLine === '') continue;
    if (commandLine.includes(profile)) found.push(pid);
    else if (/--type=/.test(commandLine) && (await groupOf(name)) === group) found.push(pid);
  }
  return found;
}

/** Process group of a process: the third field behind the name in brackets (proc(5)). */
async function groupOf(pid: string): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[2] === undefined ? undefined : Number(fields[2]);
}

/**
 * Removes the profiles that a crash of ours left in `root`: those whose owner no longer runs. A browser that outlived
 * its owner has no proxy any more and is ended. Folders that we did not make are never touched.
 * @returns the folders that were removed
 */
export async function removeStaleProfiles(root: string, table: ProcessTable = thisMachine): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(root).catch(() => [] as string[])) {
    if (!name.startsWith(PREFIX)) continue;
    const profile = join(root, name);
    const owner = await readOwner(profile);
    if (owner === undefined || table.alive(owner.owner)) continue;
    if (owner.browser !== undefined) await table.endBrowser(owner.browser, profile);
    await removeProfile(profile).then(
      () => removed.push(profile),
      () => undefined,
    );
  }
  return removed;
}

async function readOwner(profile: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(join(profile, OWNER), 'utf8')) as Partial<Owner>;
    return typeof owner.owner === 'number' ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}
