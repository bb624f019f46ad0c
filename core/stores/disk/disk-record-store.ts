import fs from 'node:fs';
import path from 'node:path';
import { type ProblemError, problem } from '../../model/problem.ts';
import type {
  ClockName,
  NewRecord,
  RecordListing,
  RecordStore,
  Revision,
  ScannedRecord,
  StoreClock,
  StoredRecord,
  StoreTraits,
  WriteOutcome,
} from '../../model/record.ts';
import { moveInside, readInside } from '../inside-clocks.ts';
import type { FileLayout } from '../layout.ts';
import { revisionOf } from '../revision.ts';
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
import { batches, entryProblem, GONE, listing, ownership, storedRecord } from './disk-listing.ts';
import { foldsCase, isPathLike, nameProblem, recordPath } from './disk-names.ts';
import { DISK_POLL_MS, watchDirectory } from './disk-watch.ts';
import { FileCounter } from './file-counter.ts';
import { readAhead } from './read-ahead.ts';
import { recogniseFolder } from './recognise-folder.ts';

/** From so many files on a thread that reads ahead saves more than it costs to start. */
const READ_AHEAD_FROM = 3000;
/** Files written or removed before others have their turn: some milliseconds. */
const MANY = 100;

export interface DiskStoreOptions {
  /** The canonical URL. */
  readonly url: string;
  /** The layouts that are known; what lies in the folder says which it is. */
  readonly layouts: readonly FileLayout[];
}

/**
 * A folder with a file for each session as the debugger sees it. Until its files show how it is laid out, every file
 * counts as a record; then only those of the layout do, and nothing else in the folder is listed, changed or removed.
 */
export class DiskRecordStore implements RecordStore {
  readonly url: string;
  readonly #root: string;
  /** What comes before a name in a path. */
  readonly #prefix: string;
  readonly #foldsCase: boolean;
  readonly #watchers: Watchers;
  #watchHow: StoreTraits['watch'] = { how: 'events' };

  readonly #layouts: readonly FileLayout[];
  #layout: FileLayout | undefined;
  #depth = 0;
  #counter: FileCounter | undefined;

  constructor(root: string, { url, layouts }: DiskStoreOptions) {
    this.#root = path.resolve(root);
    this.#layouts = layouts;
    this.#prefix = path.join(this.#root, 'x').slice(0, -1);
    this.url = url;
    this.#foldsCase = foldsCase(this.#root);
    this.#watchers = new Watchers((changed) =>
      watchDirectory(this.#root, changed, (how) => {
        this.#watchHow = how === 'events' ? { how } : { how, pollMs: DISK_POLL_MS };
      }),
    );
  }

  get traits(): StoreTraits {
    const clock = this.#clock();
    return {
      kind: 'disk',
      canAge: clock?.name === 'lastUsed',
      clock,
      ...(clock === null ? { cannotAge: this.#layout?.comparesNothing ?? UNKNOWN_CLOCK } : {}),
      canWrite: true,
      watch: this.#watchHow,
      foldsCase: this.#foldsCase,
    };
  }

  get layout(): FileLayout | undefined {
    return this.#layout;
  }

  /** Fails when there is no such directory or it may not be read; finds out how it is laid out. */
  async check(): Promise<void> {
    const { layout, depth } = await recogniseFolder(this.#root, this.#layouts);
    this.#layout = layout ?? (this.#layouts.length === 1 ? this.#layouts[0] : undefined);
    this.#depth = depth;
    const counter = this.#layout?.counter;
    this.#counter = counter && new FileCounter(this.#root, counter);
  }

  /** The clock that the application compares. An empty folder may become a `DiskStore`, so it is taken for one. */
  #clock(): StoreClock | null {
    const layout = this.#layout;
    if (layout === undefined) return { name: 'lastUsed', where: 'file access time' };
    if (layout.compares === undefined) return null;
    if (layout.compares === 'expires') {
      return { name: 'expires', where: layout.inside?.find(({ clock }) => clock === 'expires')?.where ?? 'the data' };
    }
    return { name: 'lastUsed', where: layout.lastUsedIn === 'mtime' ? 'file modification time' : 'file access time' };
  }

  async *list(signal?: AbortSignal): AsyncIterable<RecordListing> {
    if (this.#readsForListing()) {
      for await (const { listing: line } of this.scan(signal)) yield line;
      return;
    }
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
    return look === undefined ? undefined : this.#record(id, look);
  }

  async replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome> {
    const look = this.#look(id);
    if (look === undefined) return 'gone';
    if (revisionOf(look.bytes) !== expected) return 'stale';
    const file = this.#file(id);
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
    const file = this.#file(id);
    if (!this.#isRecord(id)) throw notARecord(id, this.#root);
    this.#write(() => {
      if (this.#depth > 0) fs.mkdirSync(path.dirname(file), { recursive: true });
      const temp = writeBeside(this.#root, bytes, { ...ownership(extra), ...this.#newTimes(lastUsed) });
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
      this.#counter?.adjust(1);
      this.#watchers.changed([id]);
    });
  }

  async setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    const layout = this.#layout;
    if (layout?.compares === 'expires' || (layout !== undefined && layout.compares === undefined)) {
      throw problem('cannot-age', 'The last use is not what the application compares', {
        remedy: layout.comparesNothing ?? 'Set the end of the session instead',
        where: this.#root,
      });
    }
    if (layout?.lastUsedIn === 'inside') return this.#setInside(id, 'lastUsed', lastUsed);
    const file = this.#file(id);
    if (!this.#isRecord(id)) return 'gone';
    return this.#write(() => {
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      if (stat === undefined) return 'gone';
      if (!stat.isFile()) throw notAFile(file, stat);
      const seconds = lastUsed / 1000;
      if (layout?.lastUsedIn === 'mtime') fs.utimesSync(file, stat.atimeMs / 1000, seconds);
      else fs.utimesSync(file, seconds, stat.mtimeMs / 1000);
      this.#watchers.changed([id]);
      return 'written';
    });
  }

  async setExpires(id: string, expires: number): Promise<WriteOutcome> {
    return this.#setInside(id, 'expires', expires);
  }

  /** Sets a clock that stands in the data; the file's own times stay. */
  async #setInside(id: string, name: ClockName, ms: number): Promise<WriteOutcome> {
    const look = this.#look(id);
    if (look === undefined) return 'gone';
    const inside = this.#layout?.inside ?? [];
    const before = readInside(inside, name, look.bytes);
    if (before === null) {
      throw problem('cannot-age', 'The data of this record says nothing of its end', { where: this.#root });
    }
    return this.replace(id, moveInside(inside, look.bytes, { name, ms, before }), revisionOf(look.bytes));
  }

  async remove(id: string, expected?: Revision): Promise<WriteOutcome> {
    const look = expected === undefined ? undefined : this.#look(id);
    const file = this.#file(id);
    if (!this.#isRecord(id)) throw notARecord(id, this.#root);
    return this.#write(() => {
      if (expected !== undefined) {
        if (look === undefined) return 'gone';
        if (revisionOf(look.bytes) !== expected) return 'stale';
      }
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stat === undefined) return 'gone';
      if (stat.isDirectory()) throw notAFile(file, stat);
      fs.unlinkSync(file);
      this.#counter?.adjust(-1);
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
            writeNew(this.#file(id), bytes, lastUsed);
          } catch (error) {
            throw errno(error) === 'EEXIST' ? exists(id, this.#root) : error;
          }
          this.#counter?.adjust(1);
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
        const before = removed;
        for (const id of some) if (removeFile(this.#file(id))) removed += 1;
        this.#counter?.adjust(before - removed);
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
          const one =
            file === undefined ? this.#scanned(entry) : this.#scannedFile(entry.name, { ...file, touched: false });
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
      const all = await fs.promises.readdir(this.#root, { withFileTypes: true, recursive: this.#depth > 0 });
      // A folder that was empty, or held nothing that is known, may have got its first session.
      if (this.#layout === undefined && all.length > 0) await this.check();
      return all.filter((entry) => !isOwnTemp(entry.name) && this.#isRecord(entry.name));
    } catch (error) {
      throw diskProblem(error, this.#root, 'read');
    }
  }

  /** Whether a name is a record's, or one that a write left half done; everything is until the layout is known. */
  #isRecord(name: string): boolean {
    const layout = this.#layout;
    return layout === undefined || layout.belongs(name) || nameProblem(name, layout)?.kind === 'leftover';
  }

  /** The path of a record. @throws ProblemError `bad-id` for a name that leads elsewhere, or is no record's here */
  #file(id: string): string {
    if (this.#depth === 0 || isPathLike(id)) return recordPath(this.#root, id);
    return path.join(this.#root, ...(this.#layout?.folders?.(id, this.#depth) ?? []), id);
  }

  /** The list needs what is inside the files. */
  #readsForListing(): boolean {
    return this.#layout?.lastUsedIn === 'inside' || (this.#layout?.inside?.length ?? 0) > 0;
  }

  #times(
    stat: { readonly atimeMs: number; readonly mtimeMs: number },
    bytes?: Uint8Array,
  ): Pick<StoredRecord, 'lastUsed' | 'expires'> {
    const layout = this.#layout;
    const where = layout === undefined ? 'atime' : layout.lastUsedIn;
    const inside = layout?.inside ?? [];
    const hasEnd = inside.some(({ clock }) => clock === 'expires');
    const within = (name: ClockName) => (bytes === undefined ? null : readInside(inside, name, bytes));
    const lastUsed =
      where === 'inside'
        ? within('lastUsed')
        : where === 'mtime'
          ? stat.mtimeMs
          : where === 'atime'
            ? stat.atimeMs
            : null;
    return { lastUsed, ...(hasEnd ? { expires: within('expires') } : {}) };
  }

  #record(id: string, look: FileLook): StoredRecord {
    return storedRecord(id, look, this.#times(look.facts, look.bytes));
  }

  #scannedFile(name: string, look: FileLook): ScannedRecord {
    const record = this.#record(name, look);
    return { listing: listing(name, record, look.bytes.length, nameProblem(name, this.#layout)), record };
  }

  #listing(entry: fs.Dirent): RecordListing {
    const file = this.#file(entry.name);
    const odd = nameProblem(entry.name, this.#layout);
    try {
      const stat = fs.statSync(file);
      const reason = !stat.isFile()
        ? notAFile(file, stat).problem
        : stat.size > MAX_RECORD_BYTES
          ? tooLarge(file, stat.size).problem
          : odd;
      return listing(entry.name, this.#times(stat), stat.isFile() ? stat.size : 0, reason);
    } catch (error) {
      return listing(entry.name, undefined, 0, entryProblem(error, entry, file, this.#layout) ?? odd);
    }
  }

  #scanned(entry: fs.Dirent): ScannedRecord {
    if (!entry.isFile()) {
      const line = this.#listing(entry);
      if (line.problem !== undefined || !entry.isSymbolicLink()) return { listing: line };
    }
    const file = this.#depth === 0 ? this.#prefix + entry.name : this.#file(entry.name);
    try {
      return this.#scannedFile(entry.name, lookAtFile(file));
    } catch (error) {
      const line = this.#listing(entry);
      const reason = line.problem ?? entryProblem(error, entry, file, this.#layout);
      return { listing: listing(entry.name, line, line.bytes, reason) };
    }
  }

  #look(id: string): FileLook | undefined {
    if (!isPathLike(id) && !this.#isRecord(id)) return undefined;
    const file = this.#file(id);
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

  /** The times of a new file: those of its clock, or now where the clock stands in the data. */
  #newTimes(clock: number): { atimeMs: number; mtimeMs: number } {
    const isFileTime = this.#layout === undefined || ['atime', 'mtime'].includes(this.#layout.lastUsedIn ?? '');
    const ms = isFileTime ? clock : Date.now();
    return { atimeMs: ms, mtimeMs: ms };
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

const UNKNOWN_CLOCK = 'It is not known what the application compares';

function notARecord(id: string, where: string): ProblemError {
  return problem('bad-id', `${JSON.stringify(id)} is no session of this folder`, {
    remedy: 'Only files that are laid out as the others are made or removed here',
    where,
  });
}
