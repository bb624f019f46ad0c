import fs from 'node:fs';
import path from 'node:path';
import { type ProblemError, problem } from '../../model/problem.ts';
import type {
  NewRecord,
  RecordListing,
  RecordStore,
  Revision,
  ScannedRecord,
  StoredRecord,
  StoreTraits,
  WriteOutcome,
} from '../../model/record.ts';
import { revisionOf } from '../revision.ts';
import { formatStoreUrl } from '../url.ts';
import { Watchers } from '../watchers.ts';
import {
  diskProblem,
  errno,
  type FileLook,
  isOwnTemp,
  isTempOf,
  lookAtFile,
  MAX_RECORD_BYTES,
  notAFile,
  removeFile,
  tooLarge,
  writeBeside,
  writeNew,
} from './disk-files.ts';
import { batches, entryProblem, GONE, listing, ownership, scannedFile, storedRecord } from './disk-listing.ts';
import { foldsCase, nameProblem, recordPath } from './disk-names.ts';
import { DISK_POLL_MS, watchDirectory } from './disk-watch.ts';
import { readAhead } from './read-ahead.ts';

/** From so many files on a thread that reads ahead saves more than it costs to start. */
const READ_AHEAD_FROM = 3000;
/** Files written or removed before others have their turn: some milliseconds. */
const MANY = 100;

/** A web.py `DiskStore` directory as the debugger sees it: one file per session, named like its id. */
export class DiskRecordStore implements RecordStore {
  readonly url: string;
  readonly #root: string;
  /** What comes before a name in a path. */
  readonly #prefix: string;
  readonly #foldsCase: boolean;
  readonly #watchers: Watchers;
  #watchHow: StoreTraits['watch'] = { how: 'events' };

  constructor(root: string) {
    this.#root = path.resolve(root);
    this.#prefix = path.join(this.#root, 'x').slice(0, -1);
    this.url = formatStoreUrl({ kind: 'disk', path: this.#root });
    this.#foldsCase = foldsCase(this.#root);
    this.#watchers = new Watchers((changed) =>
      watchDirectory(this.#root, changed, (how) => {
        this.#watchHow = how === 'events' ? { how } : { how, pollMs: DISK_POLL_MS };
      }),
    );
  }

  get traits(): StoreTraits {
    return { kind: 'disk', canAge: true, canWrite: true, watch: this.#watchHow, foldsCase: this.#foldsCase };
  }

  /** Tells at once when there is no such directory, or it may not be read. */
  async check(): Promise<void> {
    try {
      await (await fs.promises.opendir(this.#root)).close();
    } catch (error) {
      throw diskProblem(error, this.#root, 'read');
    }
  }

  async *list(signal?: AbortSignal): AsyncIterable<RecordListing> {
    for await (const batch of batches(await this.#entries(), signal)) {
      for (const entry of batch) {
        const line = this.#listing(entry);
        if (line.problem?.kind !== GONE) yield line;
      }
    }
  }

  async *scan(signal?: AbortSignal): AsyncIterable<ScannedRecord> {
    const entries = await this.#entries();
    // Batches inside, since every record would cost a turn of the promises at each generator it passes.
    for await (const batch of this.#scanBatches(entries, signal)) for (const one of batch) yield one;
  }

  async *#scanBatches(entries: readonly fs.Dirent[], signal: AbortSignal | undefined): AsyncGenerator<ScannedRecord[]> {
    const files = entries.filter((entry) => entry.isFile());
    if (files.length < READ_AHEAD_FROM) {
      yield* this.#scanEntries(entries, signal);
      return;
    }
    const others = entries.filter((entry) => !entry.isFile());
    yield* this.#scanEntries(others, signal);
    yield* this.#scanAhead(files, signal);
  }

  async read(id: string): Promise<StoredRecord | undefined> {
    const look = this.#look(id);
    return look === undefined ? undefined : storedRecord(id, look);
  }

  async replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome> {
    const look = this.#look(id);
    if (look === undefined) return 'gone';
    if (revisionOf(look.bytes) !== expected) return 'stale';
    const file = recordPath(this.#root, id);
    return this.#write(() => {
      const temp = writeBeside(this.#root, bytes, look.facts);
      try {
        // The application may have saved while the new file was being written: look again, with no pause before the
        // rename. POSIX has no "rename if unchanged"; what is left is the time of one system call.
        const now = this.#look(id);
        if (now === undefined || revisionOf(now.bytes) !== expected) {
          fs.rmSync(temp, { force: true });
          return now === undefined ? 'gone' : 'stale';
        }
        if (now.facts.atimeMs !== look.facts.atimeMs || now.facts.mtimeMs !== look.facts.mtimeMs) {
          fs.utimesSync(temp, now.facts.atimeMs / 1000, now.facts.mtimeMs / 1000);
        }
        fs.renameSync(temp, file);
      } catch (error) {
        fs.rmSync(temp, { force: true });
        throw error;
      }
      this.#watchers.changed([id]);
      return 'written';
    });
  }

  async create(id: string, bytes: Uint8Array, lastUsed: number, extra?: StoredRecord['extra']): Promise<void> {
    const file = recordPath(this.#root, id);
    this.#write(() => {
      const temp = writeBeside(this.#root, bytes, { ...ownership(extra), atimeMs: lastUsed, mtimeMs: lastUsed });
      try {
        // A hard link, unlike a rename, never replaces what is there.
        fs.linkSync(temp, file);
      } catch (error) {
        if (errno(error) === 'EEXIST') throw exists(id, this.#root);
        if (!NO_LINKS.has(errno(error) ?? '')) throw error;
        if (fs.existsSync(file)) throw exists(id, this.#root);
        fs.renameSync(temp, file);
      } finally {
        fs.rmSync(temp, { force: true });
      }
      this.#watchers.changed([id]);
    });
  }

  async setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    const file = recordPath(this.#root, id);
    return this.#write(() => {
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      if (stat === undefined) return 'gone';
      if (!stat.isFile()) throw notAFile(file, stat);
      fs.utimesSync(file, lastUsed / 1000, stat.mtimeMs / 1000);
      this.#watchers.changed([id]);
      return 'written';
    });
  }

  async remove(id: string, expected?: Revision): Promise<WriteOutcome> {
    const look = expected === undefined ? undefined : this.#look(id);
    const file = recordPath(this.#root, id);
    return this.#write(() => {
      if (expected !== undefined) {
        if (look === undefined) return 'gone';
        if (revisionOf(look.bytes) !== expected) return 'stale';
      }
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stat === undefined) return 'gone';
      if (stat.isDirectory()) throw notAFile(file, stat);
      fs.unlinkSync(file);
      this.#watchers.changed([id]);
      return 'written';
    });
  }

  async createMany(records: readonly NewRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += MANY) {
      const some = records.slice(at, at + MANY);
      this.#write(() => {
        for (const { id, bytes, lastUsed } of some) {
          try {
            writeNew(recordPath(this.#root, id), bytes, lastUsed);
          } catch (error) {
            throw errno(error) === 'EEXIST' ? exists(id, this.#root) : error;
          }
        }
      });
      this.#watchers.changed(some.map(({ id }) => id));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async removeMany(ids: readonly string[]): Promise<number> {
    let removed = 0;
    for (let at = 0; at < ids.length; at += MANY) {
      const some = ids.slice(at, at + MANY);
      this.#write(() => {
        for (const id of some) if (removeFile(recordPath(this.#root, id))) removed += 1;
      });
      this.#watchers.changed(some);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return removed;
  }

  async removeLeftovers(pid: number): Promise<number> {
    return this.#write(() => {
      const names = fs.readdirSync(this.#root).filter((name) => isTempOf(name, pid));
      for (const name of names) fs.rmSync(path.join(this.#root, name), { force: true });
      return names.length;
    });
  }

  watch(onChange: (ids: readonly string[] | undefined) => void): () => void {
    return this.#watchers.add(onChange);
  }

  async close(): Promise<void> {
    this.#watchers.stop();
  }

  async *#scanEntries(entries: readonly fs.Dirent[], signal: AbortSignal | undefined): AsyncGenerator<ScannedRecord[]> {
    for await (const batch of batches(entries, signal)) {
      yield batch.map((entry) => this.#scanned(entry)).filter(isThere);
    }
  }

  /** A large directory: another thread reads, this one does the rest. */
  async *#scanAhead(entries: readonly fs.Dirent[], signal: AbortSignal | undefined): AsyncGenerator<ScannedRecord[]> {
    let next = 0;
    try {
      for await (const batch of readAhead(
        this.#root,
        entries.map((entry) => entry.name),
      )) {
        signal?.throwIfAborted();
        const records: ScannedRecord[] = [];
        for (let n = 0; n < batch.count; n++) {
          const entry = entries[batch.from + n] as fs.Dirent;
          const file = batch.file(n);
          const one = file === undefined ? this.#scanned(entry) : scannedFile(entry.name, { ...file, touched: false });
          if (isThere(one)) records.push(one);
        }
        next = batch.from + batch.count;
        yield records;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (next >= entries.length) throw error;
      // No thread to be had: the rest without one.
      yield* this.#scanEntries(entries.slice(next), signal);
    }
  }

  async #entries(): Promise<fs.Dirent[]> {
    try {
      const entries = await fs.promises.readdir(this.#root, { withFileTypes: true });
      return entries.filter((entry) => !isOwnTemp(entry.name));
    } catch (error) {
      throw diskProblem(error, this.#root, 'read');
    }
  }

  #listing(entry: fs.Dirent): RecordListing {
    const file = path.join(this.#root, entry.name);
    const odd = nameProblem(entry.name);
    try {
      const stat = fs.statSync(file);
      const reason = !stat.isFile()
        ? notAFile(file, stat).problem
        : stat.size > MAX_RECORD_BYTES
          ? tooLarge(file, stat.size).problem
          : odd;
      return listing(entry.name, stat, stat.isFile() ? stat.size : 0, reason);
    } catch (error) {
      return listing(entry.name, undefined, 0, entryProblem(error, entry, file) ?? odd);
    }
  }

  #scanned(entry: fs.Dirent): ScannedRecord {
    if (!entry.isFile()) {
      const line = this.#listing(entry);
      if (line.problem !== undefined || !entry.isSymbolicLink()) return { listing: line };
    }
    const file = this.#prefix + entry.name;
    try {
      return scannedFile(entry.name, lookAtFile(file));
    } catch (error) {
      const line = this.#listing(entry);
      const reason = line.problem ?? entryProblem(error, entry, file);
      return { listing: listing(entry.name, line, line.bytes, reason) };
    }
  }

  #look(id: string): FileLook | undefined {
    const file = recordPath(this.#root, id);
    try {
      return lookAtFile(file);
    } catch (error) {
      const code = errno(error);
      // A name that is too long for the file system simply does not exist.
      if (code === 'ENOENT' || code === 'ENAMETOOLONG') {
        if (!fs.existsSync(this.#root)) throw diskProblem(error, this.#root, 'read');
        return undefined;
      }
      throw diskProblem(error, file, 'read');
    }
  }

  #write<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw diskProblem(error, this.#root, 'write');
    }
  }
}

/** Not removed since the directory was read. */
function isThere(one: ScannedRecord): boolean {
  return one.listing.problem?.kind !== GONE;
}

/** What file systems without hard links answer. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function exists(id: string, where: string): ProblemError {
  return problem('exists', `There is already a session ${id}`, { remedy: 'Edit it, or choose another id', where });
}
