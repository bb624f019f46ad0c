import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';

/** Every scratch folder, table and store has a name that begins so. */
export const SCRATCH_PREFIX = 'sessionscope_scratch_';

/** After the prefix: time of making (ms, base 36), machine, process, ten random digits. 60 characters at most. */
const NAME = /^([0-9a-z]{1,10})_([0-9a-z]{6})_([0-9a-z]{1,6})_[0-9a-f]{10}$/;

/** What somebody else's process made is taken for left behind after so long: nobody uses a scratch copy for a day. */
const FOREIGN_MS = 86_400_000;

/** Names that this process has in use. */
const inUse = new Set<string>();
let machine: string | undefined;

/** A name that no other copy has, in use until `forgetScratchName`. */
export function scratchName(clock: () => number): string {
  const owner = `${machineName()}_${process.pid.toString(36)}`;
  const name = `${SCRATCH_PREFIX}${Math.floor(clock()).toString(36)}_${owner}_${randomBytes(5).toString('hex')}`;
  inUse.add(name);
  return name;
}

/** The copy of that name was removed, or could not be and may be removed by whoever finds it. */
export function forgetScratchName(name: string): void {
  inUse.delete(name);
}

/**
 * Whether a name is that of a scratch copy that nobody uses any more: its process, on this machine, has ended; or it is
 * of another machine, whose processes cannot be asked, and more than a day old. `now` in milliseconds since 1970.
 */
export function isLeftover(name: string, now: number): boolean {
  if (!name.startsWith(SCRATCH_PREFIX) || inUse.has(name)) return false;
  const [, made = '', where, pid = ''] = NAME.exec(name.slice(SCRATCH_PREFIX.length)) ?? [];
  if (where === machineName()) {
    const owner = Number.parseInt(pid, 36);
    return owner === process.pid || !isAlive(owner);
  }
  return Number.parseInt(made, 36) <= now - FOREIGN_MS;
}

/** Process numbers mean something only among processes that see each other: one host, one namespace. */
function machineName(): string {
  if (machine === undefined) {
    let space = '';
    try {
      space = fs.readlinkSync('/proc/self/ns/pid');
    } catch {
      // Not Linux: one namespace.
    }
    const digest = createHash('sha256').update(`${os.hostname()}\n${space}`).digest('hex');
    machine = digest.slice(0, 6);
  }
  return machine;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
