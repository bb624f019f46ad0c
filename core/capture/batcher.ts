/** Timers as the batcher needs them; a test gives its own. */
export interface Timers {
  set(callback: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export const realTimers: Timers = {
  set: (callback, ms) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return timer;
  },
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export interface BatcherOptions<T> {
  /**
   * Takes a batch, oldest first. `dropped`: items that did not fit since the last batch. While a returned promise is
   * pending no further batch comes, so a slow consumer gets larger batches, never a queue of them.
   */
  deliver(items: readonly T[], dropped: number): void | Promise<void>;
  /** Items of one key replace each other, so that only the newest state is delivered. */
  keyOf?(item: T): string;
  /** Most items that wait; then the oldest go. Default 10,000. */
  readonly capacity?: number;
  /** Milliseconds between batches. Default 50. */
  readonly intervalMs?: number;
  readonly timers?: Timers;
}

export interface Batcher<T> {
  /** Never waits and never throws. */
  push(item: T): void;
  /** Delivers at once what waits, e.g. at the end. Resolves when the consumer has taken it. */
  flush(): Promise<void>;
  /** Items dropped in all. */
  readonly dropped: number;
  close(): void;
}

/** A bounded ring between traffic and whoever looks at it: nothing in the pump waits for the window. */
export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  const { capacity = 10_000, intervalMs = 50, timers = realTimers } = options;
  let waiting = new Map<unknown, T>();
  let timer: unknown;
  let busy: Promise<void> | undefined;
  let droppedNow = 0;
  let droppedInAll = 0;
  let sequence = 0;
  let closed = false;

  const deliver = (): void => {
    timer = undefined;
    if (waiting.size === 0 || busy !== undefined) return;
    const items = [...waiting.values()];
    const dropped = droppedNow;
    waiting = new Map();
    droppedNow = 0;
    let taken: void | Promise<void>;
    try {
      taken = options.deliver(items, dropped);
    } catch {
      return;
    }
    if (taken === undefined) return;
    busy = taken
      .catch(() => undefined)
      .then(() => {
        busy = undefined;
        schedule();
      });
  };

  const schedule = (): void => {
    if (timer !== undefined || busy !== undefined || waiting.size === 0 || closed) return;
    timer = timers.set(deliver, intervalMs);
  };

  return {
    push(item) {
      if (closed) return;
      const key = options.keyOf?.(item) ?? sequence++;
      waiting.set(key, item);
      if (waiting.size > capacity) {
        const oldest = waiting.keys().next().value;
        waiting.delete(oldest);
        droppedNow += 1;
        droppedInAll += 1;
      }
      schedule();
    },
    async flush() {
      while (busy !== undefined) await busy;
      if (timer !== undefined) timers.clear(timer);
      deliver();
      while (busy !== undefined) await busy;
    },
    get dropped() {
      return droppedInAll;
    },
    close() {
      closed = true;
      if (timer !== undefined) timers.clear(timer);
      timer = undefined;
      waiting.clear();
    },
  };
}
