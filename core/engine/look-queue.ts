import { inBackground } from '../model/failures.ts';

export interface LookQueueOptions {
  /** What is done, for the log: "checking signatures". */
  readonly what: string;
  /** From the first session to the look at all that came meanwhile, in milliseconds. */
  readonly waitMs: number;
  /** Sessions that wait at most; those beyond are looked at when something happens to them again. */
  readonly most: number;
  readonly lookAt: (key: string) => Promise<void>;
  /** Sessions that are looked at too, found out once for all that waits. */
  readonly more?: () => Iterable<string>;
  /** The pause after a look that took so long, in milliseconds; `waitMs` when absent. */
  readonly pauseAfter?: (tookMs: number) => number;
}

/** Sessions to which something happened are looked at one after another, beside the traffic, each once for many changes. */
export class LookQueue {
  readonly #options: LookQueueOptions;
  readonly #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: LookQueueOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  add(keys: Iterable<string>): void {
    for (const key of keys) if (this.#waiting.size < this.#options.most) this.#waiting.add(key);
    if (this.#waiting.size > 0) this.wake();
  }

  /** There is something to look at that only `more` knows. */
  wake(): void {
    this.#again = true;
    this.#later(this.#options.waitMs);
  }

  /** Resolves when no look is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #later(ms: number): void {
    if (this.#closed || this.#timer !== undefined || this.#running !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const began = performance.now();
      this.#running = this.#lookAtAll().finally(() => {
        this.#running = undefined;
        if (this.#again) this.#later(this.#options.pauseAfter?.(performance.now() - began) ?? this.#options.waitMs);
      });
      inBackground(this.#options.what, this.#running);
    }, ms);
    this.#timer.unref?.();
  }

  async #lookAtAll(): Promise<void> {
    this.#again = false;
    const keys = new Set([...this.#waiting, ...(this.#options.more?.() ?? [])]);
    this.#waiting.clear();
    for (const key of keys) {
      if (this.#closed) return;
      await this.#options.lookAt(key);
    }
  }
}
