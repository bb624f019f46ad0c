import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Problem, ProblemError } from '../../../model/problem.ts';
import { PythonError } from '../../../python/python-error.ts';
import { strRepr } from '../../../python/python-text.ts';
import { diskProblem, errno, lookAtFile } from '../../../stores/disk/disk-files.ts';
import { isPathLike } from '../../../stores/disk/disk-names.ts';
import { decodeSession, encodeSession } from '../session/encoding.ts';
import type { Profile } from '../session/profiles.ts';
import type { Clock, Store } from '../session/store.ts';
import type { AccessTimes } from './access-times.ts';
import { osError } from './python-os-error.ts';
import { profileOf, type StoreOptions, systemClock } from './store-options.ts';

export interface DiskStoreOptions extends StoreOptions {
  /**
   * Whose access times count. `system` (the default): the file system keeps them, as for web.py. The others keep them by
   * the given clock, for a clock that can be moved: `relatime` (the default with a clock of one's own) as Linux mounts
   * do, `strictatime`: every read, `noatime`: only writes.
   */
  readonly accessTimes?: 'system' | AccessTimes;
  /** Told what web.py swallows: a save that failed. */
  readonly onProblem?: (problem: Problem) => void;
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC } = fs.constants;
const O_NONBLOCK: number = fs.constants.O_NONBLOCK ?? 0;
const DAY_MS = 86_400_000;
const BATCH = 500;

let saves = 0;

/**
 * web.py's `DiskStore` (`webpy-sessions.md` 6 and 8.1): one file per session, named like its id, holding base64 lines.
 * File calls are synchronous: a session is a few hundred bytes, and the way through the thread pool takes longer.
 * What differs from web.py for the better is listed in README.md beside this file.
 */
export class DiskStore implements Store {
  readonly root: string;
  /** What comes before an id in a path. */
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #profile: Profile;
  readonly #accessTimes: NonNullable<DiskStoreOptions['accessTimes']>;
  readonly #onProblem: (problem: Problem) => void;

  /** Makes the directory, with its parents, when it is missing. */
  constructor(root: string, options: DiskStoreOptions = {}) {
    this.root = root;
    this.#prefix = path.join(root, 'x').slice(0, -1);
    this.#clock = options.clock ?? systemClock;
    this.#profile = profileOf(options);
    this.#accessTimes = options.accessTimes ?? (options.clock === undefined ? 'system' : 'relatime');
    this.#onProblem = options.onProblem ?? (() => {});
    fs.mkdirSync(root, { recursive: true });
  }

  async contains(id: string): Promise<boolean> {
    return fs.existsSync(this.#path(id));
  }

  async load(id: string): Promise<unknown> {
    const file = this.#path(id);
    let bytes: Uint8Array;
    try {
      bytes = this.#accessTimes === 'system' ? readFile(file) : this.#readByClock(file);
    } catch (error) {
      const code = errno(error);
      if (code === 'ENOENT' || code === 'ENAMETOOLONG') throw new PythonError('KeyError', strRepr(id));
      throw osError(error, file);
    }
    return decodeSession(bytes);
  }

  async save(id: string, data: ReadonlyMap<unknown, unknown>): Promise<void> {
    const file = this.#path(id);
    const bytes = encodeSession(data, this.#profile.pickle);
    try {
      if (this.#profile.diskWrite === 'direct') this.#write(file, bytes);
      else this.#writeAndRename(file, bytes);
    } catch (error) {
      // web.py passes over every I/O error here: the answer goes out, the session is not stored.
      const told = diskProblem(error, this.root, 'write');
      this.#onProblem(told instanceof ProblemError ? told.problem : { kind: 'not-saved', message: String(told) });
    }
  }

  async delete(id: string): Promise<void> {
    const file = this.#path(id);
    try {
      fs.unlinkSync(file);
    } catch (error) {
      const code = errno(error);
      if (code !== 'ENOENT' && code !== 'ENAMETOOLONG') throw osError(error, file);
    }
  }

  async cleanup(timeout: number): Promise<void> {
    let names: string[];
    try {
      names = fs.readdirSync(this.root);
    } catch (error) {
      // A missing directory, or a file in its place, is passed over.
      if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return;
      throw osError(error, this.root);
    }
    const now = this.#clock();
    for (const [at, name] of names.entries()) {
      if (at > 0 && at % BATCH === 0) await nextTurn();
      this.#cleanEntry(path.join(this.root, name), now, timeout);
    }
  }

  #cleanEntry(file: string, now: number, timeout: number): void {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) {
      // Removed by somebody else meanwhile: nothing to do (web.py raises). A dangling link makes web.py raise each time.
      const link = fs.lstatSync(file, { throwIfNoEntry: false });
      if (link === undefined || this.#profile.id === 'intended') return;
      throw new PythonError('FileNotFoundError', `[Errno 2] No such file or directory: ${strRepr(file)}`);
    }
    if (!((now - stat.atimeMs) / 1000 > timeout)) return;
    try {
      if (!stat.isDirectory()) fs.rmSync(file, { force: true });
      else if (this.#profile.diskCleanup === 'files') {
        throw new PythonError('IsADirectoryError', `[Errno 21] Is a directory: ${strRepr(file)}`);
      } else if (fs.lstatSync(file).isSymbolicLink()) {
        throw new PythonError('OSError', 'Cannot call rmtree on a symbolic link');
      } else fs.rmSync(file, { recursive: true, force: true });
    } catch (error) {
      throw osError(error, file);
    }
  }

  /** web.py refuses the path separator; `.`, `..`, an empty id and NUL would lead it out of its own files. */
  #path(id: string): string {
    if (isPathLike(id)) throw new PythonError('ValueError', `Bad key: ${strRepr(id)}`);
    return this.#prefix + id;
  }

  #writeAndRename(file: string, bytes: Uint8Array): void {
    // `.` is no hex digit: no cookie can name the temporary file. Each save has its own, as each thread of web.py has.
    const temp = `${file}.Sessionscope-${process.pid}-${saves++ % 10_000}`;
    try {
      this.#write(temp, bytes);
      fs.renameSync(temp, file);
    } catch (error) {
      fs.rmSync(temp, { force: true });
      throw error;
    }
  }

  #write(file: string, bytes: Uint8Array): void {
    const fd = fs.openSync(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666);
    try {
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
      if (this.#accessTimes !== 'system') {
        const now = this.#clock() / 1000;
        fs.futimesSync(fd, now, now);
      }
    } finally {
      fs.closeSync(fd);
    }
  }

  #readByClock(file: string): Uint8Array {
    const { bytes, facts } = lookAtFile(file);
    const now = this.#clock();
    // Linux's relatime: the first read after a write counts, and one after a day.
    const counts =
      this.#accessTimes === 'strictatime' ||
      (this.#accessTimes === 'relatime' && (facts.atimeMs <= facts.mtimeMs || now - facts.atimeMs >= DAY_MS));
    if (counts) fs.utimesSync(file, now / 1000, facts.mtimeMs / 1000);
    return bytes;
  }
}

/** Where files are read to; a session is decoded before the next one is read. */
let room = Buffer.allocUnsafeSlow(64 * 1024);

/** Reads a file in the ordinary way. Does not wait for the writer of a pipe. The bytes stand until the next call. */
function readFile(file: string): Uint8Array {
  const fd = fs.openSync(file, O_RDONLY | O_NONBLOCK);
  try {
    let length = 0;
    for (;;) {
      const more = fs.readSync(fd, room, length, room.length - length, null);
      length += more;
      if (more === 0) return room.subarray(0, length);
      if (length < room.length) continue;
      const larger = Buffer.allocUnsafeSlow(room.length * 2);
      room.copy(larger);
      room = larger;
    }
  } finally {
    fs.closeSync(fd);
  }
}
