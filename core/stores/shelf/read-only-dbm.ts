import fs from 'node:fs';
import { problem } from '../../model/problem.ts';
import { diskProblem, lookAtFile } from '../disk/disk-files.ts';
import type { Dbm } from './dbm.ts';

/** A dbm file whose format is read here but not written. */
export class ReadOnlyDbm implements Dbm {
  readonly kind: 'ndbm' | 'gdbm';
  readonly files: readonly string[];
  readonly canWrite = false;
  readonly #file: string;
  readonly #parse: (bytes: Uint8Array, where: string) => Map<string, Uint8Array>;
  #known: { stamp: string; pairs: Map<string, Uint8Array> } | undefined;

  constructor(
    kind: 'ndbm' | 'gdbm',
    file: string,
    parse: (bytes: Uint8Array, where: string) => Map<string, Uint8Array>,
  ) {
    this.kind = kind;
    this.#file = file;
    this.files = [file];
    this.#parse = parse;
  }

  async *entries(): AsyncIterable<readonly [string, Uint8Array]> {
    yield* this.#pairs();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#pairs().get(key);
  }

  async set(): Promise<boolean> {
    throw this.#refusal();
  }

  async delete(): Promise<boolean> {
    throw this.#refusal();
  }

  async close(): Promise<void> {
    this.#known = undefined;
  }

  #pairs(): Map<string, Uint8Array> {
    try {
      const stat = fs.statSync(this.#file);
      const stamp = `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
      if (this.#known?.stamp !== stamp) {
        this.#known = { stamp, pairs: this.#parse(lookAtFile(this.#file).bytes, this.#file) };
      }
      return this.#known.pairs;
    } catch (error) {
      if (error instanceof RangeError) {
        throw problem('store-damaged', `${this.#file} is damaged: it is cut off`, {
          remedy: 'Copy it again while no program uses it',
          where: this.#file,
        });
      }
      throw diskProblem(error, this.#file, 'read');
    }
  }

  #refusal() {
    return problem(
      'store-read-only',
      `${this.#file} is a file of dbm.${this.kind === 'ndbm' ? 'ndbm' : 'gnu'}, which is only read here`,
      {
        remedy:
          'Change the session through the application, or keep the shelf in dbm.dumb or (Python 3.13) dbm.sqlite3',
        where: this.#file,
      },
    );
  }
}
