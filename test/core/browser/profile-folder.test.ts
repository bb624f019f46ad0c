import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createProfile,
  noteOwner,
  type ProcessTable,
  removeStaleProfiles,
} from '../../../core/browser/profile-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sessionscope-profiles-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A table of processes in which only some are alive. */
function table(alive: number[]): ProcessTable & { ended: string[] } {
  const ended: string[] = [];
  return {
    ended,
    alive: (pid) => alive.includes(pid),
    async endBrowser(pid, profile) {
      ended.push(`${pid} ${profile}`);
      return true;
    },
  };
}

const profile = (name: string, owner: unknown): string => {
  const folder = join(root, name);
  mkdirSync(folder);
  if (owner !== undefined) writeFileSync(join(folder, 'sessionscope-owner.json'), JSON.stringify(owner));
  writeFileSync(join(folder, 'Cookies'), 'secret');
  return folder;
};

describe('removeStaleProfiles', () => {
  it('removes what a dead owner left, ends its browser, and leaves everything else', async () => {
    const dead = profile('browser-dead', { owner: 11 });
    const running = profile('browser-orphan', { owner: 12, browser: 13 });
    profile('browser-live', { owner: 14, browser: 15 });
    profile('browser-not-ours', undefined);
    profile('my-own-folder', { owner: 11 });
    const processes = table([13, 14, 15]);
    expect((await removeStaleProfiles(root, processes)).sort()).toEqual([dead, running]);
    expect(processes.ended).toEqual([`13 ${running}`]);
    expect(readdirSync(root).sort()).toEqual(['browser-live', 'browser-not-ours', 'my-own-folder']);
  });

  it('is quiet when there is no folder', async () => {
    expect(await removeStaleProfiles(join(root, 'none'))).toEqual([]);
  });

  it('keeps the profiles of this process, whose number is noted', async () => {
    const made = await createProfile(join(root, 'deep', 'er'));
    await noteOwner(made, process.pid);
    expect(await removeStaleProfiles(join(root, 'deep', 'er'))).toEqual([]);
    expect(existsSync(made)).toBe(true);
  });
});
