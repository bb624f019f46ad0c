import { type Problem, toProblem } from '../model/problem.ts';
import { type Database, sqliteCode } from './sqlite.ts';

/** How many writes wait at most while the disk refuses them. */
const MOST_WAITING = 50_000;
/** Writes in one transaction of the timer: some milliseconds of work, so that nothing else waits long for it. */
const SLICE = 100;
const RETRY_MS = 1_000;

type Jobs = ReadonlyMap<string | number, () => void>;

export interface BatchOptions {
  /** Longest time a write waits for others, in milliseconds. */
  readonly delayMs: number;
  /** Everything that was added is committed. */
  readonly onSaved: () => void;
  /** The writes could not be saved; they are tried again. `dropped` counts those given up. */
  readonly onFailed: (problem: Problem, dropped: number) => void;
}

/**
 * Gathers writes and carries them out together: a thousand small commits a second would cost more than the traffic.
 * A later write with the same key takes the place of the earlier one.
 */
export class Batch {
  readonly #db: Database;
  readonly #options: BatchOptions;
  readonly #run: (jobs: Jobs) => void;
  #waiting = new Map<string | number, () => void>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #running = false;

  constructor(db: Database, options: BatchOptions) {
    this.#db = db;
    this.#options = options;
    const transaction = db.transaction((jobs: Jobs) => {
      for (const job of jobs.values()) job();
    });
    this.#run = (jobs) => transaction.immediate(jobs);
  }

  /** How many writes wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a write with this key waits: only then a read of that one thing has to wait for the batch. */
  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Adds a write. Jobs run synchronously inside a transaction, in the order in which their keys first came. */
  add(job: () => void, key?: string): void {
    this.#waiting.set(key ?? ++this.#count, job);
    this.#again(this.#options.delayMs);
  }

  #again(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // What is left is written next, but not before others had their turn.
      // The longer the queue, the larger the slice, so that it cannot grow without bound.
      const slice = Math.max(SLICE, this.#waiting.size >> 1);
      if (this.#write(slice) && this.#waiting.size > 0) this.#again(0);
    }, delayMs);
  }

  /** Writes all that waits. True when nothing is left waiting. */
  flush(): boolean {
    if (this.#running) return false;
    if (this.#waiting.size === 0) return true;
    return this.#write(Number.POSITIVE_INFINITY);
  }

  /** Writes so many of the jobs, the oldest first. False when the disk refused them. */
  #write(most: number): boolean {
    if (this.#running || !this.#db.open || this.#waiting.size === 0) return false;
    const jobs = this.#take(most);
    this.#running = true;
    try {
      this.#run(jobs);
    } catch (error) {
      if (diskRefuses(error)) {
        this.#keep(jobs, error);
        return false;
      }
      this.#oneByOne(jobs);
    } finally {
      this.#running = false;
    }
    if (this.#waiting.size === 0) this.#options.onSaved();
    return true;
  }

  #take(most: number): Map<string | number, () => void> {
    let jobs = this.#waiting;
    if (jobs.size <= most) {
      this.#waiting = new Map();
      return jobs;
    }
    jobs = new Map();
    for (const [key, job] of this.#waiting) {
      if (jobs.size >= most) break;
      jobs.set(key, job);
      this.#waiting.delete(key);
    }
    return jobs;
  }

  /** One write that cannot be carried out must not take the others of its batch with it. */
  #oneByOne(jobs: Jobs): void {
    for (const [key, job] of jobs) {
      try {
        this.#run(new Map([[key, job]]));
      } catch (error) {
        this.#options.onFailed(toProblem(error), 1);
      }
    }
  }

  #keep(jobs: Map<string | number, () => void>, error: unknown): void {
    let dropped = 0;
    for (const [key, job] of this.#waiting) jobs.set(key, job);
    for (const key of jobs.keys()) {
      if (jobs.size <= MOST_WAITING) break;
      jobs.delete(key);
      dropped += 1;
    }
    this.#waiting = jobs;
    this.#again(RETRY_MS);
    this.#options.onFailed(toProblem(error), dropped);
  }

  /** Ends the timer; what waits is lost unless it was flushed. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Full, read-only, failing or held by somebody: worth another try. Anything else would fail again. */
function diskRefuses(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|NOMEM|CANTOPEN)/.test(sqliteCode(error) ?? '');
}
