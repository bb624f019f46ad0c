import { problem, toProblem } from '../../../model/problem.ts';
import type {
  RecordListing,
  RecordStore,
  Revision,
  ScannedRecord,
  StoredRecord,
  StoreTraits,
  WriteOutcome,
} from '../../../model/record.ts';
import { revisionOf } from '../../../stores/revision.ts';
import { formatStoreUrl } from '../../../stores/url.ts';
import { Watchers } from '../../../stores/watchers.ts';
import { decodeSession, encodeSession } from '../session/encoding.ts';
import { type MemoryItem, type MemoryStore, namedMemoryStore } from './memory-store.ts';

/**
 * A `MemoryStore` of this process as the debugger sees it. Its values are live objects; as bytes they are what a
 * `DiskStore` would hold for them.
 */
export class MemoryRecordStore implements RecordStore {
  readonly url: string;
  readonly traits: StoreTraits = {
    kind: 'memory',
    canAge: true,
    canWrite: true,
    watch: { how: 'events' },
    foldsCase: false,
  };
  readonly #store: MemoryStore;
  readonly #watchers: Watchers;

  constructor(store: MemoryStore, name: string) {
    this.#store = store;
    this.url = formatStoreUrl({ kind: 'memory', name });
    this.#watchers = new Watchers((changed) => store.onChange((id) => changed([id])));
  }

  async *list(signal?: AbortSignal): AsyncIterable<RecordListing> {
    for await (const { listing } of this.scan(signal)) yield listing;
  }

  async *scan(signal?: AbortSignal): AsyncIterable<ScannedRecord> {
    for (const [id, item] of [...this.#store.entries()]) {
      signal?.throwIfAborted();
      try {
        const record = recordOf(id, item);
        yield { listing: { id, lastUsed: item.lastUsed, bytes: record.bytes.length }, record };
      } catch (error) {
        yield { listing: { id, lastUsed: item.lastUsed, bytes: 0, problem: toProblem(error) } };
      }
    }
  }

  async read(id: string): Promise<StoredRecord | undefined> {
    const item = this.#store.peek(id);
    return item === undefined ? undefined : recordOf(id, item);
  }

  async replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome> {
    const item = this.#store.peek(id);
    if (item === undefined) return 'gone';
    if (recordOf(id, item).revision !== expected) return 'stale';
    this.#store.put(id, { lastUsed: item.lastUsed, value: topLevel(decodeSession(bytes)) });
    return 'written';
  }

  async create(id: string, bytes: Uint8Array, lastUsed: number): Promise<void> {
    if (this.#store.peek(id) !== undefined) {
      throw problem('exists', `There is already a session ${id}`, { remedy: 'Edit it, or choose another id' });
    }
    this.#store.put(id, { lastUsed, value: topLevel(decodeSession(bytes)) });
  }

  async setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    const item = this.#store.peek(id);
    if (item === undefined) return 'gone';
    this.#store.put(id, { lastUsed, value: item.value });
    return 'written';
  }

  async remove(id: string, expected?: Revision): Promise<WriteOutcome> {
    const item = this.#store.peek(id);
    if (item === undefined) return 'gone';
    if (expected !== undefined && recordOf(id, item).revision !== expected) return 'stale';
    this.#store.take(id);
    return 'written';
  }

  watch(onChange: (ids: readonly string[] | undefined) => void): () => void {
    return this.#watchers.add(onChange);
  }

  async close(): Promise<void> {
    this.#watchers.stop();
  }
}

/** Opens the store of this process with that name; made at first use. */
export function openMemory(name: string, clock: (() => number) | undefined): RecordStore {
  return new MemoryRecordStore(namedMemoryStore(name, clock === undefined ? {} : { clock }), name);
}

function recordOf(id: string, item: MemoryItem): StoredRecord {
  const bytes = encodeSession(item.value as ReadonlyMap<unknown, unknown>);
  return { id, bytes, revision: revisionOf(bytes), lastUsed: item.lastUsed };
}

/** A mapping as the Map that `MemoryStore.save` would have stored. */
function topLevel(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value) || Array.isArray(value)) return value;
  return 'get' in value && 'entries' in value ? new Map(value as Iterable<[unknown, unknown]>) : value;
}
