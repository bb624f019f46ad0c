import { PythonError } from '../../../python/python-error.ts';
import { decodeSession, encodeSession } from '../session/encoding.ts';
import { DEFAULT_PROFILE, type Profile } from '../session/profiles.ts';
import type { Clock, Store } from '../session/store.ts';

interface Kept {
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
}

/**
 * One record taken out of a real store, with the rules of age that all of web.py's stores share (section 6 of the
 * reference: removed when strictly older than `timeout`). The real store is not touched.
 */
export class ScratchStore implements Store {
  readonly #records = new Map<string, Kept>();
  readonly #clock: Clock;
  readonly #profile: Profile;
  /** MySQL's usual collations find an id in any letter case. */
  readonly #key: (id: string) => string;

  constructor(options: { clock: Clock; profile?: Profile; foldsCase: boolean }) {
    this.#clock = options.clock;
    this.#profile = options.profile ?? DEFAULT_PROFILE;
    this.#key = options.foldsCase ? (id) => id.toLowerCase() : (id) => id;
  }

  put(id: string, bytes: Uint8Array, lastUsed: number): void {
    this.#records.set(this.#key(id), { bytes, lastUsed });
  }

  /** As they are found: in small letters where letter case does not count. */
  ids(): Iterable<string> {
    return this.#records.keys();
  }

  /** The record as it lies there now. */
  peek(id: string): Kept | undefined {
    return this.#records.get(this.#key(id));
  }

  async contains(id: string): Promise<boolean> {
    return this.#records.has(this.#key(id));
  }

  async load(id: string): Promise<unknown> {
    const found = this.peek(id);
    if (found === undefined) throw new PythonError('KeyError', `'${id}'`);
    this.put(id, found.bytes, this.#clock());
    return decodeSession(found.bytes);
  }

  async save(id: string, data: ReadonlyMap<unknown, unknown>): Promise<void> {
    this.put(id, encodeSession(data, this.#profile.pickle), this.#clock());
  }

  async delete(id: string): Promise<void> {
    this.#records.delete(this.#key(id));
  }

  async cleanup(timeout: number): Promise<void> {
    for (const [id, { lastUsed }] of this.#records) {
      if ((this.#clock() - lastUsed) / 1000 > timeout) this.#records.delete(id);
    }
  }
}
