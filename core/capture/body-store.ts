import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BodyInfo } from '../model/flow.ts';
import { problem } from '../model/problem.ts';

export interface BodyLimits {
  /** Most bytes kept of one body; the rest passes on unrecorded. Default 2 MiB. */
  readonly bodyBytes: number;
  /** Bytes held in memory before closed bodies go to disk. Default 32 MiB; never more than twice of it is held. */
  readonly memoryBytes: number;
  /** Bytes on disk before the oldest file of bodies is given up. Default 2 GiB. */
  readonly diskBytes: number;
  /** Size of one file of bodies. Default 32 MiB. */
  readonly fileBytes: number;
}

const defaultBodyLimits: BodyLimits = {
  bodyBytes: 2 << 20,
  memoryBytes: 32 << 20,
  diskBytes: 2 ** 31,
  fileBytes: 32 << 20,
};

/** Takes the bytes of one body as they pass. */
export interface BodyWriter {
  /** Copies what is kept of the chunk. Never waits. */
  append(chunk: Uint8Array): void;
  /** What has passed and what is kept so far. */
  info(): BodyInfo;
  /** The body is over: its bytes may go to disk. */
  close(): BodyInfo;
}

export interface BodyStoreCounts {
  /** Bytes that passed but were not kept, because of `bodyBytes` or because memory was full. */
  readonly bytesNotKept: number;
  /** Bodies of which something is missing. */
  readonly bodiesCut: number;
  /** Bodies of which something is missing because memory was full: the disk did not take them fast enough. */
  readonly bodiesLeftOut: number;
  readonly bytesLeftOut: number;
  /** Bodies whose file was given up to stay within `diskBytes`. */
  readonly bodiesGivenUp: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** Where recorded bodies lie: in memory up to a bound, then in files of a folder that goes when the store closes. */
export interface BodyStore {
  open(): BodyWriter;
  /** @throws ProblemError `body-gone` when it was given up or never kept */
  read(ref: string): Promise<Buffer>;
  /** Gives a body up, e.g. when its flow is deleted. */
  forget(ref: string): void;
  readonly counts: BodyStoreCounts;
  readonly limits: BodyLimits;
  /** Resolves when everything that is due to go to disk is there. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface BodyFile {
  readonly path: string;
  readonly handle: FileHandle;
  bytes: number;
  readonly refs: Set<string>;
  /** Reads that are under way: the file stays open for them. */
  readers: number;
  gone: boolean;
}

interface Kept {
  chunks: Buffer[] | undefined;
  bytes: number;
  closed: boolean;
  file?: BodyFile;
  offset?: number;
}

const FILE_NAME = /^bodies-\d+-\d+\.bin$/;

/** @param folder is made when missing; files that a crash left in it are removed */
export function createBodyStore(folder: string, limits: Partial<BodyLimits> = {}): BodyStore {
  return new DiskBodyStore(folder, { ...defaultBodyLimits, ...limits });
}

class DiskBodyStore implements BodyStore {
  readonly limits: BodyLimits;
  readonly #folder: string;
  /** In order of opening: the oldest body is the first to go to disk. */
  readonly #bodies = new Map<string, Kept>();
  /** Closed bodies in memory, oldest first. */
  readonly #ripe = new Set<string>();
  readonly #files: BodyFile[] = [];
  #sequence = 0;
  #fileNumber = 0;
  #memory = 0;
  #disk = 0;
  #spilling: Promise<void> | undefined;
  readonly #discarding = new Set<Promise<void>>();
  #closed = false;
  #bytesNotKept = 0;
  #bodiesCut = 0;
  #bodiesGivenUp = 0;
  #bodiesLeftOut = 0;
  #bytesLeftOut = 0;

  constructor(folder: string, limits: BodyLimits) {
    this.#folder = folder;
    this.limits = limits;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const owner = FILE_NAME.test(name) ? Number(name.split('-')[1]) : undefined;
      if (owner !== undefined && !isAlive(owner)) rmSync(join(folder, name), { force: true });
    }
  }

  get counts(): BodyStoreCounts {
    return {
      bytesNotKept: this.#bytesNotKept,
      bodiesCut: this.#bodiesCut,
      bodiesLeftOut: this.#bodiesLeftOut,
      bytesLeftOut: this.#bytesLeftOut,
      bodiesGivenUp: this.#bodiesGivenUp,
      memoryBytes: this.#memory,
      diskBytes: this.#disk,
    };
  }

  open(): BodyWriter {
    const ref = `b${++this.#sequence}`;
    const kept: Kept = { chunks: [], bytes: 0, closed: false };
    let size = 0;
    const info = (): BodyInfo => ({ size, kept: kept.bytes, ...(kept.bytes > 0 ? { ref } : {}) });
    return {
      append: (chunk) => {
        const whole = size === kept.bytes;
        const wanted = Math.max(0, Math.min(this.limits.bodyBytes - size, chunk.length));
        size += chunk.length;
        // After a gap nothing more is kept: what can be read is always the beginning, without holes.
        const room = whole && !this.#closed ? this.#room() : 0;
        const taken = Math.min(room, wanted);
        if (taken < wanted) {
          this.#bytesLeftOut += wanted - taken;
          if (whole) this.#bodiesLeftOut += 1;
        }
        if (taken > 0) {
          if (kept.bytes === 0) this.#bodies.set(ref, kept);
          kept.chunks?.push(Buffer.from(chunk.subarray(0, taken)));
          kept.bytes += taken;
          this.#memory += taken;
        }
        if (taken < chunk.length) {
          this.#bytesNotKept += chunk.length - taken;
          if (whole) this.#bodiesCut += 1;
        }
      },
      info,
      close: () => {
        if (!kept.closed) {
          kept.closed = true;
          if (this.#bodies.has(ref)) this.#ripe.add(ref);
          this.#spill();
        }
        return info();
      },
    };
  }

  #room(): number {
    if (this.#memory >= this.limits.memoryBytes) this.#spill();
    return 2 * this.limits.memoryBytes - this.#memory;
  }

  async read(ref: string): Promise<Buffer> {
    const kept = this.#bodies.get(ref);
    if (kept === undefined) throw problem('body-gone', 'This body is not kept any more');
    if (kept.chunks !== undefined) return Buffer.concat(kept.chunks);
    const { file, offset } = kept;
    if (file === undefined || offset === undefined) throw problem('body-gone', 'This body is not kept any more');
    file.readers += 1;
    try {
      const bytes = Buffer.alloc(kept.bytes);
      await file.handle.read(bytes, 0, kept.bytes, offset);
      return bytes;
    } finally {
      file.readers -= 1;
      if (file.gone && file.readers === 0) await this.#discard(file);
    }
  }

  forget(ref: string): void {
    const kept = this.#bodies.get(ref);
    if (kept === undefined) return;
    this.#bodies.delete(ref);
    this.#ripe.delete(ref);
    if (kept.chunks !== undefined) this.#memory -= kept.bytes;
    kept.chunks = undefined;
    kept.file?.refs.delete(ref);
    if (kept.file?.refs.size === 0 && kept.file !== this.#files.at(-1)) this.#giveUp(kept.file);
  }

  async settled(): Promise<void> {
    while (this.#spilling !== undefined) await this.#spilling;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.settled();
    this.#bodies.clear();
    this.#ripe.clear();
    this.#memory = 0;
    for (const file of [...this.#files]) this.#giveUp(file);
    await Promise.all(this.#discarding);
  }

  /** Starts moving the oldest closed bodies to disk, one write after another, until memory is half empty. */
  #spill(): void {
    if (this.#spilling !== undefined || this.#closed || this.#memory < this.limits.memoryBytes) return;
    this.#spilling = this.#moveOut()
      // A full or broken disk: bodies stay in memory, and new ones are cut when that is full. The counts say so.
      .catch(() => undefined)
      .finally(() => {
        this.#spilling = undefined;
      });
  }

  async #moveOut(): Promise<void> {
    while (!this.#closed && this.#memory > this.limits.memoryBytes / 2 && this.#ripe.size > 0) {
      const file = await this.#currentFile();
      const batch: [ref: string, kept: Kept][] = [];
      let bytes = 0;
      for (const ref of this.#ripe) {
        const kept = this.#bodies.get(ref);
        this.#ripe.delete(ref);
        if (kept?.chunks === undefined) continue;
        batch.push([ref, kept]);
        bytes += kept.bytes;
        if (bytes >= 1 << 20) break;
      }
      const start = file.bytes;
      await file.handle.write(Buffer.concat(batch.flatMap(([, kept]) => kept.chunks ?? [])), 0, bytes, start);
      let offset = start;
      for (const [ref, kept] of batch) {
        // Forgotten while it was being written: its bytes stay in the file as a gap.
        if (kept.chunks !== undefined) {
          kept.file = file;
          kept.offset = offset;
          kept.chunks = undefined;
          file.refs.add(ref);
          this.#memory -= kept.bytes;
        }
        offset += kept.bytes;
      }
      file.bytes += bytes;
      this.#disk += bytes;
      while (this.#disk > this.limits.diskBytes && this.#files.length > 1) {
        const oldest = this.#files[0];
        if (oldest === undefined) break;
        this.#bodiesGivenUp += oldest.refs.size;
        this.#giveUp(oldest);
      }
    }
  }

  async #currentFile(): Promise<BodyFile> {
    const last = this.#files.at(-1);
    if (last !== undefined && last.bytes < this.limits.fileBytes) return last;
    const path = join(this.#folder, `bodies-${process.pid}-${++this.#fileNumber}.bin`);
    const handle = await open(path, 'wx+', 0o600);
    const file: BodyFile = { path, handle, bytes: 0, refs: new Set(), readers: 0, gone: false };
    this.#files.push(file);
    return file;
  }

  #giveUp(file: BodyFile): void {
    const at = this.#files.indexOf(file);
    if (at < 0) return;
    this.#files.splice(at, 1);
    this.#disk -= file.bytes;
    for (const ref of file.refs) this.#bodies.delete(ref);
    file.refs.clear();
    file.gone = true;
    if (file.readers === 0) void this.#discard(file);
  }

  #discard(file: BodyFile): Promise<void> {
    const gone = file.handle
      .close()
      .catch(() => undefined)
      .then(() => rm(file.path, { force: true }))
      .catch(() => undefined);
    this.#discarding.add(gone);
    void gone.then(() => this.#discarding.delete(gone));
    return gone;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
