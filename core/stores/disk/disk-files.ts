import fs from 'node:fs';
import path from 'node:path';
import { type ProblemError, type ProblemKind, problem } from '../../model/problem.ts';
import { openQuietly } from '../quiet-files.ts';

/** Larger files are listed but not read: no session is that big, and a window has to stay usable. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** Facts of a file as they were before it was looked at. Times in milliseconds since 1970. */
export interface FileFacts {
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
}

export interface FileLook {
  readonly bytes: Uint8Array;
  readonly facts: FileFacts;
  /** The access time moved although it should not have (foreign file on a file system that records reads). */
  readonly touched: boolean;
}

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

/**
 * Reads a file without counting as use (`openQuietly`). Synchronous, because a session is a few hundred bytes and a trip
 * through the thread pool costs ten times the read.
 * @throws errno exceptions; ProblemError `not-a-file`, `too-large`
 */
export function lookAtFile(file: string): FileLook {
  const { fd, stat, done } = openQuietly(file);
  let bytes: Uint8Array | undefined;
  try {
    if (!stat.isFile()) throw notAFile(file, stat);
    if (stat.size > MAX_RECORD_BYTES) throw tooLarge(file, stat.size);
    bytes = readAll(fd, stat.size);
  } finally {
    if (bytes === undefined) done();
  }
  return { bytes, facts: stat, touched: done() };
}

const SLAB = 16 * 1024;
/** Records that are read one after the other share memory: one array for each of them instead of three. */
let slab = Buffer.allocUnsafeSlow(0);
let slabUsed = 0;

/** Reads to the end even when the file grew since it was measured. */
function readAll(fd: number, size: number): Uint8Array {
  if (size >= SLAB / 4) return readLarge(fd, size);
  if (slabUsed + size + 1 > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB);
    slabUsed = 0;
  }
  const n = fs.readSync(fd, slab, slabUsed, size + 1, null);
  // A file gives fewer bytes than asked for only at its end.
  if (n > size || (n < size && n > 0)) return readLarge(fd, size, slab.subarray(slabUsed, slabUsed + n));
  const bytes = slab.subarray(slabUsed, slabUsed + n);
  slabUsed += n;
  return bytes;
}

/** `begun`: what was read of it before. */
function readLarge(fd: number, size: number, begun: Uint8Array = new Uint8Array()): Uint8Array {
  let bytes = Buffer.allocUnsafe(Math.max(size, begun.length) + 1);
  bytes.set(begun);
  let length = begun.length;
  for (;;) {
    const n = fs.readSync(fd, bytes, length, bytes.length - length, null);
    length += n;
    if (n === 0 || length === size) return bytes.subarray(0, length);
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafe(bytes.length * 2);
    bytes.copy(larger);
    bytes = larger;
  }
}

let counter = 0;
const TEMP_NAME = /^sessionscope-(\d+)-\d+\.tmp$/;

/** A name for a temporary file of this process. It holds characters that are no hex digits: no cookie can name it. */
function tempName(): string {
  return `sessionscope-${process.pid}-${counter++}.tmp`;
}

/** Whether a name is that of a temporary file of a running write of this process. */
export function isOwnTemp(name: string): boolean {
  return name.startsWith('sessionscope-') && TEMP_NAME.exec(name)?.[1] === String(process.pid);
}

/** Whether a name is that of a temporary file of a debugger's write, of whichever process. */
export function isDebuggerTemp(name: string): boolean {
  return TEMP_NAME.test(name);
}

/** Whether a name is that of a temporary file of a write of that process. */
export function isTempOf(name: string, pid: number): boolean {
  return TEMP_NAME.exec(name)?.[1] === String(pid);
}

export interface WriteLike {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly atimeMs?: number;
  readonly mtimeMs?: number;
}

/**
 * Writes a complete new file beside its target and gives its path: nothing is visible under the target's name until
 * the caller renames or links it. A failed write leaves nothing behind.
 */
export function writeBeside(folder: string, bytes: Uint8Array, like: WriteLike): string {
  const temp = path.join(folder, tempName());
  const fd = fs.openSync(temp, O_WRONLY | O_CREAT | O_EXCL, 0o666);
  try {
    try {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
      if (like.uid !== undefined && like.gid !== undefined) keepOwner(fd, like.uid, like.gid);
      if (like.mode !== undefined) fs.fchmodSync(fd, like.mode & 0o7777);
      if (like.atimeMs !== undefined && like.mtimeMs !== undefined) {
        fs.futimesSync(fd, like.atimeMs / 1000, like.mtimeMs / 1000);
      }
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    fs.rmSync(temp, { force: true });
    throw error;
  }
  return temp;
}

/** Only root may give files away; anybody else's edit becomes theirs, as a save by the application would. */
function keepOwner(fd: number, uid: number, gid: number): void {
  const now = fs.fstatSync(fd);
  if (now.uid === uid && now.gid === gid) return;
  try {
    fs.fchownSync(fd, uid, gid);
  } catch {
    // Not allowed: the file stays ours.
  }
}

export function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** An errno exception in words, with what to do; anything else unchanged. */
export function diskProblem(error: unknown, where: string, doing: 'read' | 'write'): unknown {
  const make = (kind: ProblemKind, message: string, remedy: string): ProblemError =>
    problem(kind, message, { remedy, where, cause: error });
  switch (errno(error)) {
    case 'ENOENT':
      return make(
        'store-not-found',
        `There is no ${where}`,
        'Check the path. Some applications make the folder at their start',
      );
    case 'ENOTDIR':
      return make('store-not-found', `${where} is not a directory`, 'A disk store is the directory of the sessions');
    case 'EACCES':
    case 'EPERM':
      return doing === 'write'
        ? make(
            'store-read-only',
            `${where} may not be written by this user`,
            'Run as the user that runs the application, or give write permission on the directory',
          )
        : make(
            'store-refused',
            `${where} may not be read by this user`,
            'Run as the user that runs the application, or give read permission',
          );
    case 'EROFS':
      return make('store-read-only', `${where} is on a read-only file system`, 'Mount it writable to edit sessions');
    case 'ENOSPC':
    case 'EDQUOT':
      return make('store-full', `No space is left for ${where}; nothing was changed`, 'Free space and try again');
    case 'EMFILE':
    case 'ENFILE':
      return make('store-busy', 'Too many files are open', 'Try again, or raise the limit with ulimit -n');
    case 'EIO':
      return make('store-damaged', `The disk reports an error for ${where}`, 'Check the disk');
    case 'ELOOP':
      return make('not-a-file', `${where} is a symbolic link that leads in a circle`, 'Remove the link');
    default:
      return error;
  }
}

export function notAFile(where: string, stat: fs.Stats | fs.Dirent): ProblemError {
  if (stat.isDirectory()) {
    return problem('not-a-file', `${path.basename(where)} is a sub-directory, not a session`, {
      remedy: 'Move it out of the folder of the sessions: a cleanup may remove it with everything in it',
      where,
    });
  }
  return problem('not-a-file', `${path.basename(where)} is a pipe, socket or device, not a session`, {
    remedy: 'Move it out of the directory of the sessions',
    where,
  });
}

export function tooLarge(where: string, size: number): ProblemError {
  return problem('too-large', `${path.basename(where)} has ${size} bytes; ${MAX_RECORD_BYTES} can be shown`, {
    remedy: 'It is hardly a session. An application would read it whole into memory on a request with this id',
    where,
  });
}

/** Makes a file that was not there, with these times (ms), without waiting for the disk. @throws errno exceptions, `EEXIST` among them */
export function writeNew(file: string, bytes: Uint8Array, timeMs: number): void {
  const fd = fs.openSync(file, O_WRONLY | O_CREAT | O_EXCL, 0o666);
  try {
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
    fs.futimesSync(fd, timeMs / 1000, timeMs / 1000);
  } finally {
    fs.closeSync(fd);
  }
}

/** Removes a file; false when it was not there. @throws errno exceptions */
export function removeFile(file: string): boolean {
  try {
    fs.unlinkSync(file);
    return true;
  } catch (error) {
    if (errno(error) === 'ENOENT') return false;
    throw error;
  }
}
