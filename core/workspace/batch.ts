import { type Problem, toProblem } from '../model/problem.ts';
import { type Database, sqliteCode } from './sqlite.ts';

/** How many writes wait at most while the disk refuses them. */
const MOST_WAITING = 50_000;

export interface BatchOptions {
  /** Longest time a write waits for others, in milliseconds. */
  readonly delayMs: number;
  /** After so many waiting writes the batch is written at once. */
  readonly most: number;
  readonly onSaved: () => void;
  /** The writes could not be saved; they are tried again with the next batch. `dropped` counts those given up. */
  readonly onFailed: (problem: Problem, dropped: number) => void;
}

/**
 * Gathers writes and carries them out in one transaction: a thousand small commits a second would cost more than the
 * traffic. A later write with the same key takes the place of the earlier one.
 */
export class Batch {
  readonly #db: Database;
  readonly #options: BatchOptions;
  readonly #run: (jobs: ReadonlyMap<string | number, () => void>) => void;
  #waiting = new Map<string | number, () => void>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #running = false;

  constructor(db: Database, options: BatchOptions) {
    this.#db = db;
    this.#options = options;
    const transaction = db.transaction((jobs: ReadonlyMap<string | number, () => void>) => {
      for (const job of jobs.values()) job();
    });
    this.#run = (jobs) => transaction.immediate(jobs);
  }

  /** How many writes wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Adds a write. Jobs run synchronously inside the transaction, in the order in which their keys first came. */
  add(job: () => void, key?: string): void {
    this.#waiting.set(key ?? ++this.#count, job);
    if (this.#waiting.size >= this.#options.most && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.flush(), 0);
    }
    this.#timer ??= setTimeout(() => this.flush(), this.#options.delayMs);
  }

  /** Writes what waits. True when nothing is left waiting. */
  flush(): boolean {
    if (this.#running) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return true;
    if (!this.#db.open) return false;
    const jobs = this.#waiting;
    this.#waiting = new Map();
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
    this.#options.onSaved();
    return true;
  }

  /** One write that cannot be carried out must not take the others of its batch with it. */
  #oneByOne(jobs: ReadonlyMap<string | number, () => void>): void {
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
    this.#timer ??= setTimeout(() => this.flush(), 1_000);
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
