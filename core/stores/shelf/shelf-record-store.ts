import fs from 'node:fs';
import { problem } from '../../model/problem.ts';
import type {
  RecordListing,
  RecordStore,
  Revision,
  ScannedRecord,
  StoredRecord,
  StoreTraits,
  WriteOutcome,
} from '../../model/record.ts';
import { revisionOf } from '../revision.ts';
import { changedKeys, poll, Watchers } from '../watchers.ts';
import type { Dbm } from './dbm.ts';
import { openDbm } from './open-dbm.ts';
import { shelfKind } from './shelf-kind.ts';
import { shelfTime, withShelfTime } from './shelf-value.ts';

const POLL_MS = 500;

/** Opens the shelf of a path for the debugger; `path` is the name given to `shelve.open`, or one of its files. */
export function openShelfRecordStore(path: string, pollMs = POLL_MS): RecordStore {
  return new ShelfRecordStore(openDbm(path), path, pollMs);
}

/** A web.py `ShelfStore` as the debugger sees it. A record's bytes are the pickle of `(float, dict)` as shelve wrote it. */
export class ShelfRecordStore implements RecordStore {
  readonly url: string;
  readonly traits: StoreTraits;
  readonly #dbm: Dbm;
  readonly #where: string;
  readonly #watchers: Watchers;

  constructor(dbm: Dbm, path: string, pollMs: number) {
    this.#dbm = dbm;
    this.#where = path;
    this.url = shelfKind.format({ kind: 'shelf', path });
    this.traits = {
      kind: 'shelf',
      canAge: dbm.canWrite,
      canWrite: dbm.canWrite,
      // web.py's ShelfStore keeps a tuple: the time, then the session's data.
      dataAt: '[1]',
      watch: { how: 'poll', pollMs },
      foldsCase: false,
    };
    this.#watchers = new Watchers((changed) => this.#watchFiles(changed, pollMs));
  }

  async *list(signal?: AbortSignal): AsyncIterable<RecordListing> {
    for await (const { listing } of this.scan(signal)) yield listing;
  }

  async *scan(signal?: AbortSignal): AsyncIterable<ScannedRecord> {
    for await (const [id, bytes] of this.#dbm.entries()) {
      signal?.throwIfAborted();
      const record = recordOf(id, bytes);
      const reason =
        record.lastUsed === null
          ? {
              problem: {
                kind: 'not-webpy' as const,
                message: 'Not a tuple that begins with a time: no ShelfStore wrote it',
              },
            }
          : {};
      yield { listing: { id, lastUsed: record.lastUsed, bytes: bytes.length, ...reason }, record };
    }
  }

  async read(id: string): Promise<StoredRecord | undefined> {
    const bytes = await this.#dbm.get(id);
    return bytes === undefined ? undefined : recordOf(id, bytes);
  }

  async replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome> {
    return this.#change(id, expected, (before) => this.#dbm.set(id, bytes, { before }));
  }

  async create(id: string, bytes: Uint8Array, lastUsed: number): Promise<void> {
    const value = withShelfTime(bytes, lastUsed / 1000, this.#where);
    if (await this.#dbm.set(id, value, { before: undefined })) this.#watchers.changed([id]);
    else {
      throw problem('exists', `There is already a session ${id}`, {
        remedy: 'Edit it, or choose another id',
        where: this.#where,
      });
    }
  }

  async setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const before = await this.#dbm.get(id);
      if (before === undefined) return 'gone';
      if (await this.#dbm.set(id, withShelfTime(before, lastUsed / 1000, this.#where), { before })) {
        this.#watchers.changed([id]);
        return 'written';
      }
    }
    return 'stale';
  }

  async remove(id: string, expected?: Revision): Promise<WriteOutcome> {
    if (expected !== undefined) return this.#change(id, expected, (before) => this.#dbm.delete(id, { before }));
    if (!(await this.#dbm.delete(id))) return 'gone';
    this.#watchers.changed([id]);
    return 'written';
  }

  watch(onChange: (ids: readonly string[] | undefined) => void): () => void {
    return this.#watchers.add(onChange);
  }

  async close(): Promise<void> {
    this.#watchers.stop();
    await this.#dbm.close();
  }

  async #change(id: string, expected: Revision, work: (before: Uint8Array) => Promise<boolean>): Promise<WriteOutcome> {
    const before = await this.#dbm.get(id);
    if (before === undefined) return 'gone';
    if (revisionOf(before) !== expected || !(await work(before))) {
      return (await this.#dbm.get(id)) === undefined ? 'gone' : 'stale';
    }
    this.#watchers.changed([id]);
    return 'written';
  }

  /** The files' facts first; the values are only compared when those have changed. */
  #watchFiles(changed: (ids: readonly string[]) => void, pollMs: number): () => void {
    let stamp = '';
    let before: Map<string, string> | undefined;
    return poll(pollMs, async () => {
      const facts = this.#dbm.files.map((file) => {
        const stat = fs.statSync(file, { throwIfNoEntry: false });
        return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
      });
      if (facts.join() === stamp && before !== undefined) return;
      const now = new Map<string, string>();
      for await (const [id, bytes] of this.#dbm.entries()) now.set(id, revisionOf(bytes));
      stamp = facts.join();
      const ids = before === undefined ? [] : changedKeys(before, now);
      before = now;
      if (ids.length > 0) changed(ids);
    });
  }
}

function recordOf(id: string, bytes: Uint8Array): StoredRecord {
  const time = shelfTime(bytes);
  return { id, bytes, revision: revisionOf(bytes), lastUsed: time === undefined ? null : time.seconds * 1000 };
}
