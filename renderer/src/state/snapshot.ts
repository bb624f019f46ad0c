/**
 * Keeps a copy in step with its source: ask for a snapshot and queue the updates that arrive meanwhile; apply the
 * snapshot, then the queue. A newer `refresh` drops the older answer, whenever that comes.
 */
export class Snapshot<S, U> {
  readonly #fetch: () => Promise<S>;
  readonly #onSnapshot: (snapshot: S) => void;
  readonly #onUpdate: (update: U) => void;
  readonly #onError: (error: unknown) => void;
  #queue: U[] | undefined = [];
  #generation = 0;

  constructor(parts: {
    fetch: () => Promise<S>;
    onSnapshot: (snapshot: S) => void;
    onUpdate: (update: U) => void;
    onError: (error: unknown) => void;
  }) {
    this.#fetch = parts.fetch;
    this.#onSnapshot = parts.onSnapshot;
    this.#onUpdate = parts.onUpdate;
    this.#onError = parts.onError;
  }

  /** Asks again; resolves when its answer, or a newer one's, has been dealt with. */
  async refresh(): Promise<void> {
    const generation = ++this.#generation;
    this.#queue ??= [];
    try {
      const snapshot = await this.#fetch();
      if (generation !== this.#generation) return;
      this.#onSnapshot(snapshot);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#onError(error);
    }
    const queue = this.#queue ?? [];
    this.#queue = undefined;
    for (const update of queue) this.#onUpdate(update);
  }

  update(update: U): void {
    if (this.#queue !== undefined) this.#queue.push(update);
    else this.#onUpdate(update);
  }
}
