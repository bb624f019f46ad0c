import { PythonError } from '../../../python/python-error.ts';
import { strRepr } from '../../../python/python-text.ts';
import type { Clock, Store } from '../session/store.ts';
import { profileOf, type StoreOptions, systemClock } from './store-options.ts';

export interface MemoryItem {
  /** Last use, milliseconds since 1970. */
  readonly lastUsed: number;
  readonly value: unknown;
}

/**
 * web.py's `MemoryStore` (`webpy-sessions.md` 8.7): nothing is encoded, so nested objects are shared between the store
 * and running requests; only the top level is copied.
 */
export class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #killUnknown: 'store' | 'fine';
  readonly #items = new Map<string, MemoryItem>();
  readonly #listeners = new Set<(id: string) => void>();

  constructor(options: StoreOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#killUnknown = profileOf(options).killUnknown;
  }

  async contains(id: string): Promise<boolean> {
    return this.#items.has(id);
  }

  async load(id: string): Promise<unknown> {
    const item = this.#items.get(id);
    if (item === undefined) throw new PythonError('KeyError', strRepr(id));
    this.put(id, { lastUsed: this.#clock(), value: item.value });
    return item.value instanceof Map ? new Map(item.value) : item.value;
  }

  async save(id: string, data: ReadonlyMap<unknown, unknown>): Promise<void> {
    this.put(id, { lastUsed: this.#clock(), value: new Map(data) });
  }

  async delete(id: string): Promise<void> {
    if (!this.take(id) && this.#killUnknown === 'store') throw new PythonError('KeyError', strRepr(id));
  }

  async cleanup(timeout: number): Promise<void> {
    const now = this.#clock();
    for (const [id, item] of this.#items) if ((now - item.lastUsed) / 1000 > timeout) this.take(id);
  }

  /** What is stored now, without counting as use: for the debugger. */
  entries(): IterableIterator<[string, MemoryItem]> {
    return this.#items.entries();
  }

  peek(id: string): MemoryItem | undefined {
    return this.#items.get(id);
  }

  /** Puts an item in as it is. */
  put(id: string, item: MemoryItem): void {
    this.#items.set(id, item);
    for (const listener of this.#listeners) listener(id);
  }

  /** Removes an item; false when there was none. */
  take(id: string): boolean {
    if (!this.#items.delete(id)) return false;
    for (const listener of this.#listeners) listener(id);
    return true;
  }

  /** Calls back for each change; the result ends that. */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const named = new Map<string, MemoryStore>();

/** The store of this process with that name; made at first use. `options` only count then. */
export function namedMemoryStore(name: string, options: StoreOptions = {}): MemoryStore {
  let store = named.get(name);
  if (store === undefined) named.set(name, (store = new MemoryStore(options)));
  return store;
}

/** Forgets a named store. */
export function forgetMemoryStore(name: string): void {
  named.delete(name);
}
