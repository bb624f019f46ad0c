import fs from 'node:fs';
import path from 'node:path';
import { problem } from '../../model/problem.ts';
import { diskProblem, errno, lookAtFile, writeBeside } from '../disk/disk-files.ts';
import { openQuietly } from '../quiet-files.ts';
import { type Dbm, keyText, sameValue } from './dbm.ts';
import { parseDirectory, printDirectory } from './dumb-directory.ts';

/** `dbm.dumb` starts each value at a multiple of this. */
const BLOCK = 512;

type Place = readonly [position: number, size: number];

/**
 * Python's `dbm.dumb`: NAME.dir lists keys with position and size of their values in NAME.dat. A value is always written
 * to a new place before the directory, replaced whole, names it: no reader meets half a value. A program that holds the
 * shelf open keeps its own copy of the directory and writes it back when it closes.
 */
export class DumbDbm implements Dbm {
  readonly kind = 'dumb';
  readonly files: readonly string[];
  readonly canWrite = true;
  readonly #base: string;
  #known: { stamp: string; index: Map<string, Place> } | undefined;

  constructor(base: string) {
    this.#base = base;
    this.files = [`${base}.dir`, `${base}.dat`];
  }

  /** Makes an empty one, as `dbm.dumb.open(base, 'c')`. */
  static create(base: string): DumbDbm {
    try {
      fs.closeSync(fs.openSync(`${base}.dat`, 'a'));
      fs.closeSync(fs.openSync(`${base}.dir`, 'a'));
    } catch (error) {
      throw diskProblem(error, base, 'write');
    }
    return new DumbDbm(base);
  }

  async *entries(): AsyncIterable<readonly [string, Uint8Array]> {
    const index = this.#index();
    const data = this.#attempt(() => lookAtFile(`${this.#base}.dat`).bytes);
    for (const [key, place] of index) yield [utf8Key(key), this.#slice(data, place)];
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#value(key);
  }

  async set(key: string, value: Uint8Array, guard?: { readonly before: Uint8Array | undefined }): Promise<boolean> {
    return this.#attempt(() => {
      if (guard !== undefined && !sameValue(this.#value(key), guard.before)) return false;
      const index = this.#index();
      const place: Place = [this.#append(value), value.length];
      // Nothing is awaited since the directory was read, and the directory changes in one rename.
      this.#commit(new Map(index).set(latinKey(key), place));
      return true;
    }, 'write');
  }

  async delete(key: string, guard?: { readonly before: Uint8Array | undefined }): Promise<boolean> {
    return this.#attempt(() => {
      if (guard !== undefined && !sameValue(this.#value(key), guard.before)) return false;
      const index = new Map(this.#index());
      if (!index.delete(latinKey(key))) return false;
      this.#commit(index);
      return true;
    }, 'write');
  }

  async close(): Promise<void> {
    this.#known = undefined;
  }

  #value(key: string): Uint8Array | undefined {
    const place = this.#index().get(latinKey(key));
    if (place === undefined) return undefined;
    return this.#attempt(() => {
      const { fd, done } = openQuietly(`${this.#base}.dat`);
      try {
        const bytes = Buffer.alloc(place[1]);
        const read = fs.readSync(fd, bytes, 0, place[1], place[0]);
        if (read < place[1]) throw this.#damaged();
        return bytes;
      } finally {
        done();
      }
    });
  }

  #index(): ReadonlyMap<string, Place> {
    return this.#attempt(() => {
      const stat = fs.statSync(`${this.#base}.dir`, { throwIfNoEntry: false });
      const stamp = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
      if (this.#known?.stamp !== stamp) {
        const text = stat === undefined ? '' : Buffer.from(lookAtFile(`${this.#base}.dir`).bytes).toString('latin1');
        this.#known = { stamp, index: parseDirectory(text, `${this.#base}.dir`) };
      }
      return this.#known.index;
    });
  }

  /** Puts a value at the end, at the start of a block; gives its position. */
  #append(value: Uint8Array): number {
    const fd = fs.openSync(`${this.#base}.dat`, 'r+');
    try {
      const position = Math.ceil(fs.fstatSync(fd).size / BLOCK) * BLOCK;
      for (let at = 0; at < value.length; ) at += fs.writeSync(fd, value, at, value.length - at, position + at);
      if (value.length === 0 && position > 0) fs.ftruncateSync(fd, position);
      fs.fsyncSync(fd);
      return position;
    } finally {
      fs.closeSync(fd);
    }
  }

  #commit(index: Map<string, Place>): void {
    const file = `${this.#base}.dir`;
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    const like = stat === undefined ? {} : { mode: stat.mode, uid: stat.uid, gid: stat.gid };
    const temp = writeBeside(path.dirname(file), Buffer.from(printDirectory(index), 'latin1'), like);
    try {
      // As Python does: the directory before this change stays as NAME.bak.
      if (stat !== undefined) fs.copyFileSync(file, `${this.#base}.bak`);
      fs.renameSync(temp, file);
    } catch (error) {
      fs.rmSync(temp, { force: true });
      throw error;
    }
    this.#known = undefined;
  }

  #slice(data: Uint8Array, [position, size]: Place): Uint8Array {
    if (position + size > data.length) throw this.#damaged();
    return data.subarray(position, position + size);
  }

  #damaged() {
    return problem('store-damaged', `${this.#base}.dat is shorter than ${this.#base}.dir says`, {
      remedy: `${this.#base}.bak is the directory before the last change`,
      where: this.#base,
    });
  }

  #attempt<T>(work: () => T, doing: 'read' | 'write' = 'read'): T {
    try {
      return work();
    } catch (error) {
      throw errno(error) === undefined ? error : diskProblem(error, this.#base, doing);
    }
  }
}

/** The directory holds key bytes as Latin-1 text; shelve's keys are UTF-8. */
function latinKey(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1');
}

function utf8Key(key: string): string {
  return keyText(Buffer.from(key, 'latin1'));
}
