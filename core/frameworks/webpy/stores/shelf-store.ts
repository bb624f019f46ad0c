import { decodePickle, encodePickle } from '../../../codec/pickle/pickle.ts';
import { toProblem } from '../../../model/problem.ts';
import { PythonError } from '../../../python/python-error.ts';
import { strRepr } from '../../../python/python-text.ts';
import { loadValue, PyFloat, PyTuple, pyDict, saveValue } from '../../../python/python-values.ts';
import type { Dbm } from '../../../stores/shelf/dbm.ts';
import { openDbm } from '../../../stores/shelf/open-dbm.ts';
import { shelfTime, withShelfTime } from '../../../stores/shelf/shelf-value.ts';
import type { Profile } from '../session/profiles.ts';
import type { Clock, Store } from '../session/store.ts';
import { profileOf, type StoreOptions, systemClock } from './store-options.ts';

/** `shelve.open(path)`: the files of a shelf, made (as `dbm.dumb`) when they are missing. */
export function openShelf(path: string): Dbm {
  return openDbm(path, { create: true });
}

/** `ShelfStore(shelve.open(path))`. */
export function openShelfStore(path: string, options: StoreOptions = {}): ShelfStore {
  return new ShelfStore(openShelf(path), options);
}

/**
 * web.py's `ShelfStore` (`webpy-sessions.md` 8.6) over the files of Python's `shelve`: each value is the pickle of
 * `(seconds, dict)`, without base64. Files of `dbm.dumb` and `dbm.sqlite3` are written, those of `dbm.ndbm` and
 * `dbm.gnu` only read, so that a load, which writes the new time, fails there and says so.
 */
export class ShelfStore implements Store {
  readonly #dbm: Dbm;
  readonly #clock: Clock;
  readonly #profile: Profile;

  constructor(shelf: Dbm, options: StoreOptions = {}) {
    this.#dbm = shelf;
    this.#clock = options.clock ?? systemClock;
    this.#profile = profileOf(options);
  }

  async contains(id: string): Promise<boolean> {
    return (await this.#dbm.get(id)) !== undefined;
  }

  async load(id: string): Promise<unknown> {
    const bytes = await this.#dbm.get(id);
    if (bytes === undefined) throw new PythonError('KeyError', strRepr(id));
    const value = loadPickle(bytes);
    if (!Array.isArray(value) || value.length !== 2) throw unpackError(value);
    // web.py pickles the value again with the new time; exchanging the time alone keeps what only Python can represent.
    const seconds = this.#clock() / 1000;
    const written =
      shelfTime(bytes) === undefined ? this.#encode(seconds, value[1]) : withShelfTime(bytes, seconds, id);
    await this.#dbm.set(id, written);
    return value[1];
  }

  async save(id: string, data: ReadonlyMap<unknown, unknown>): Promise<void> {
    await this.#dbm.set(id, this.#encode(this.#clock() / 1000, data instanceof Map ? pyDict(data) : data));
  }

  async delete(id: string): Promise<void> {
    await this.#dbm.delete(id);
  }

  async cleanup(timeout: number): Promise<void> {
    const now = this.#clock() / 1000;
    const old: string[] = [];
    for await (const [id, bytes] of this.#dbm.entries()) {
      const seconds = shelfTime(bytes)?.seconds ?? timeOf(loadPickle(bytes));
      if (now - seconds > timeout) old.push(id);
    }
    for (const id of old) await this.#dbm.delete(id);
  }

  close(): Promise<void> {
    return this.#dbm.close();
  }

  #encode(seconds: number, data: unknown): Uint8Array {
    return encodePickle(saveValue(PyTuple.make([new PyFloat(seconds), data])), this.#profile.pickle);
  }
}

function loadPickle(bytes: Uint8Array): unknown {
  try {
    return loadValue(decodePickle(bytes).value);
  } catch (error) {
    if (error instanceof PythonError) throw error;
    if (bytes.length === 0) throw new PythonError('EOFError', 'Ran out of input', { cause: error });
    throw new PythonError('_pickle.UnpicklingError', toProblem(error).message, { cause: error });
  }
}

/** What Python raises for `atime, v = value`. */
function unpackError(value: unknown): PythonError {
  if (!Array.isArray(value)) return new PythonError('TypeError', 'cannot unpack non-iterable object');
  return value.length < 2
    ? new PythonError('ValueError', `not enough values to unpack (expected 2, got ${value.length})`)
    : new PythonError('ValueError', 'too many values to unpack (expected 2)');
}

function timeOf(value: unknown): number {
  if (!Array.isArray(value) || value.length !== 2) throw unpackError(value);
  const seconds = Number(value[0]);
  if (typeof value[0] === 'string' || Number.isNaN(seconds)) {
    throw new PythonError('TypeError', "unsupported operand type(s) for -: 'float' and 'str'");
  }
  return seconds;
}
