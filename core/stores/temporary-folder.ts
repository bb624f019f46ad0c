import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/*
 * Folders for copies that only live while they are looked at. They hold what sessions hold: whatever ends the process,
 * short of being killed, takes them along.
 */

const folders = new Set<string>();
let hooked = false;

/** A new folder that only this user may enter. Call `removeTemporary` when it is done with. */
export function temporaryFolder(name: string): string {
  if (!hooked) process.once('exit', () => [...folders].forEach(removeTemporary));
  hooked = true;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), name));
  folders.add(folder);
  return folder;
}

/** Removes a folder of `temporaryFolder` with all that is in it. */
export function removeTemporary(folder: string): void {
  folders.delete(folder);
  fs.rmSync(folder, { recursive: true, force: true });
}
