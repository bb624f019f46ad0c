import { problem } from '../model/problem.ts';

/** Bounds of one decoding. Beyond a bound the value says so at that place, or the layer fails with kind `limit-…`. */
export interface Limits {
  /** Longest input, in bytes. */
  readonly bytes: number;
  /** Deepest nesting of containers in a value. */
  readonly depth: number;
  /** Most values in one decoding, scalars included. */
  readonly nodes: number;
  /** Most memo slots of a pickle. */
  readonly memo: number;
  /** Most decimal digits of one integer written as text, and digits shown of one. */
  readonly digits: number;
  /** Most bytes that all decompression steps of one decoding may give together. */
  readonly inflated: number;
  /** Longest time of one decoding, in milliseconds. */
  readonly milliseconds: number;
  /**
   * Most steps of one decoding: some ten nanoseconds each, counted alike on every machine. For callers that must not be
   * held up; beyond it the decoding fails with kind `limit-steps` and belongs into a thread of its own.
   */
  readonly steps: number;
  /** Most layers above one another. */
  readonly layers: number;
}

/** Bounds that fit a session by two orders of magnitude and keep a hostile one within 256 MB. */
export const DEFAULT_LIMITS: Limits = {
  bytes: 64 * 1024 * 1024,
  depth: 1000,
  nodes: 1_000_000,
  memo: 1_000_000,
  digits: 100_000,
  inflated: 32 * 1024 * 1024,
  milliseconds: 10_000,
  steps: Number.MAX_SAFE_INTEGER,
  layers: 8,
};

interface ThreadClock {
  readonly threadCpuUsage?: () => { readonly user: number; readonly system: number };
}

/**
 * Processor time of this thread in milliseconds, where it can be had (Node 23.9), so that a busy machine does not make a
 * decoding fail; else the time that has passed.
 */
function threadTime(): number {
  const usage = (globalThis as { process?: ThreadClock }).process?.threadCpuUsage?.();
  return usage === undefined ? performance.now() : (usage.user + usage.system) / 1_000;
}

/** Steps between two looks at the clock. */
const LOOK_AFTER = 100_000;

/** What one decoding has used so far; made once and handed from layer to layer. */
export interface Budget {
  readonly limits: Limits;
  /** The clock that `milliseconds` is measured with. */
  readonly now: () => number;
  /** Throws kind `cancelled` or `limit-time`; cheap enough for every few hundred steps of a loop. */
  check(): void;
  /** Counts steps; throws kind `limit-steps` beyond the bound, and looks at the clock now and then as `check` does. */
  spend(steps: number): void;
  /** Counts decompressed bytes; throws kind `limit-inflated` beyond the bound. */
  inflate(bytes: number): void;
  /** Bytes that may still be decompressed. */
  readonly inflatable: number;
}

/** Makes a budget. `now` gives milliseconds and is only compared with itself. */
export function makeBudget(limits: Limits, signal?: AbortSignal | undefined, now: () => number = threadTime): Budget {
  const start = now();
  let inflated = 0;
  let spent = 0;
  let looked = 0;
  const check = (): void => {
    if (signal?.aborted) throw problem('cancelled', 'The decoding was cancelled');
    if (now() - start > limits.milliseconds) {
      throw problem('limit-time', `Decoding took longer than ${limits.milliseconds} ms`);
    }
  };
  return {
    limits,
    now,
    check,
    spend(steps) {
      spent += steps;
      if (spent > limits.steps) throw problem('limit-steps', `Decoding takes more than ${limits.steps} steps`);
      if (spent - looked < LOOK_AFTER) return;
      looked = spent;
      check();
    },
    inflate(bytes) {
      inflated += bytes;
      if (inflated > limits.inflated) {
        throw problem('limit-inflated', `The data grows beyond ${limits.inflated} bytes when decompressed`);
      }
    },
    get inflatable() {
      return limits.inflated - inflated;
    },
  };
}
