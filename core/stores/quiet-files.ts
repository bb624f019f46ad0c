import fs from 'node:fs';

/*
 * The one way of reading files that belong to somebody else: without counting as use. A session file's access time is
 * its last use (web.py), so everything that looks at such a file, whichever command or window, reads it through here.
 */

const { O_RDONLY } = fs.constants;
/** Absent outside Linux. */
const O_NOATIME: number = fs.constants.O_NOATIME ?? 0;
/** So that opening a pipe does not wait for a writer. */
const O_NONBLOCK: number = fs.constants.O_NONBLOCK ?? 0;

/** A file that was opened for looking. `done` closes it; call it in any case. */
export interface QuietFile {
  readonly fd: number;
  /** As it was before the look. */
  readonly stat: fs.Stats;
  /** Closes the file. True when its access time moved although it should not have (another user's file). */
  done(): boolean;
}

/**
 * Opens a file so that reading it leaves its times as they are: with O_NOATIME where that is allowed (the owner's files,
 * or as root), otherwise by putting the times back on the same open file, so that a file renamed over it meanwhile is
 * left alone.
 * @throws errno exceptions
 */
export function openQuietly(file: string, flags = 0): QuietFile {
  let plain = O_NOATIME === 0;
  let fd: number;
  try {
    fd = fs.openSync(file, O_RDONLY | O_NONBLOCK | O_NOATIME | flags);
  } catch (error) {
    if (plain || !(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
    plain = true;
    fd = fs.openSync(file, O_RDONLY | O_NONBLOCK | flags);
  }
  try {
    const stat = fs.fstatSync(fd);
    return {
      fd,
      stat,
      done() {
        try {
          return plain && !restoreTimes(fd, stat);
        } finally {
          fs.closeSync(fd);
        }
      },
    };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** Whether the access time is (again) what it was. */
function restoreTimes(fd: number, before: fs.Stats): boolean {
  if (fs.fstatSync(fd).atimeMs === before.atimeMs) return true;
  try {
    fs.futimesSync(fd, before.atimeMs / 1000, before.mtimeMs / 1000);
    return true;
  } catch {
    return false;
  }
}

/**
 * The bytes of a file, read to the end even when it grew meanwhile.
 * @throws errno exceptions; `EISDIR` for a directory
 */
export function readQuietly(file: string): Uint8Array {
  const quiet = openQuietly(file);
  try {
    const bytes = fs.readFileSync(quiet.fd);
    return bytes;
  } finally {
    quiet.done();
  }
}

const CHUNK = 4 << 20;

/** Copies a file for this user alone (mode 600), without holding up this thread. @throws errno exceptions */
export async function copyQuietly(from: string, to: string): Promise<void> {
  const source = openQuietly(from);
  try {
    const target = await fs.promises.open(to, 'wx', 0o600);
    try {
      const room = Buffer.allocUnsafe(CHUNK);
      for (let at = 0; ; ) {
        const read = await new Promise<number>((resolve, reject) => {
          fs.read(source.fd, room, 0, CHUNK, at, (error, n) => (error === null ? resolve(n) : reject(error)));
        });
        if (read === 0) break;
        await target.write(room, 0, read, at);
        at += read;
      }
    } finally {
      await target.close();
    }
  } finally {
    source.done();
  }
}
