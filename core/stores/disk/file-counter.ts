import fs from 'node:fs';
import path from 'node:path';
import type { FileLayout } from '../layout.ts';
import { readQuietly } from '../quiet-files.ts';
import { type WriteLike, writeBeside } from './disk-files.ts';

/**
 * A file in which an application counts its records: brought up to date after files were made or removed, as the
 * application itself does. A count that cannot be read or written stays: the application counts anew when it cleans up.
 */
export class FileCounter {
  readonly #root: string;
  readonly #counter: NonNullable<FileLayout['counter']>;
  /** As it was when the store was opened: back at that count, the file has its times again. */
  readonly #first: { readonly bytes: Buffer; readonly stat: fs.Stats } | undefined;

  constructor(root: string, counter: NonNullable<FileLayout['counter']>) {
    this.#root = root;
    this.#counter = counter;
    this.#first = this.#read();
  }

  /** @param by how many files there are more than before */
  adjust(by: number): void {
    if (by === 0) return;
    const now = this.#read();
    const next = now && this.#counter.adjusted(now.bytes, by);
    if (now === undefined || next === undefined) return;
    const { mode, uid, gid } = now.stat;
    const first = this.#first;
    const like: WriteLike =
      first?.bytes.equals(next) === true
        ? { mode, uid, gid, atimeMs: first.stat.atimeMs, mtimeMs: first.stat.mtimeMs }
        : { mode, uid, gid };
    let temp: string | undefined;
    try {
      temp = writeBeside(this.#root, next, like);
      fs.renameSync(temp, path.join(this.#root, this.#counter.name));
    } catch {
      if (temp !== undefined) fs.rmSync(temp, { force: true });
    }
  }

  #read(): { bytes: Buffer; stat: fs.Stats } | undefined {
    const file = path.join(this.#root, this.#counter.name);
    try {
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      return stat?.isFile() === true ? { bytes: Buffer.from(readQuietly(file)), stat } : undefined;
    } catch {
      return undefined;
    }
  }
}
