/** Values that were put and are not saved yet: answered from here, so that asking for one does not end the batch. */
export class Pending<K, V> {
  #waiting = new Map<K, V>();
  #sent: ReadonlyMap<K, V> = new Map();

  get(key: K): V | undefined {
    return this.#waiting.get(key) ?? this.#sent.get(key);
  }

  /** The value of the batch that still gathers, which may be changed; undefined when there is none. */
  gathering(key: K): V | undefined {
    return this.#waiting.get(key);
  }

  /** What the batch on its way and the one that gathers hold of a key. */
  both(key: K): V[] {
    return [this.#sent.get(key), this.#waiting.get(key)].filter((value) => value !== undefined);
  }

  set(key: K, value: V): void {
    this.#waiting.set(key, value);
  }

  /** Each key once, with its newest value. */
  *entries(): Generator<[K, V]> {
    for (const entry of this.#sent) if (!this.#waiting.has(entry[0])) yield entry;
    yield* this.#waiting;
  }

  /** The batch is on its way. */
  sent(): void {
    this.#sent = this.#waiting;
    this.#waiting = new Map();
  }

  /** The batch is saved. */
  saved(): void {
    this.#sent = new Map();
  }
}
