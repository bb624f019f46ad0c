import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
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
  /** Ends a browser that still runs on the profile; false when it is not surely that browser. */
  endBrowser(pid: number, profile: string): Promise<boolean>;
}

export const thisMachine: ProcessTable = {
  alive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
  async endBrowser(pid, profile) {
    // A number may have been given to another process since: only a command line that names the profile is proof.
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!commandLine.includes(profile)) return false;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return true;
    }
    // Its command line goes with it, also where nobody waits for the dead process.
    const running = () => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    for (let i = 0; i < 50 && (await running()) !== ''; i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    return true;
  },
};

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
    if (owner.browser !== undefined && table.alive(owner.browser)) await table.endBrowser(owner.browser, profile);
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

/** Removes the folder of profiles when nothing is left in it. */
export async function removeRootIfEmpty(root: string): Promise<void> {
  await rmdir(root).catch(() => undefined);
}
