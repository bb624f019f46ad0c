import { guarded } from '../model/failures.ts';
import { type Problem, toProblem } from '../model/problem.ts';
import type { Committer } from './committer.ts';
import type { Outcome } from './writer.ts';
import type { Write } from './writes.ts';

/** How many changes wait at most while the disk refuses them. */
const MOST_WAITING = 50_000;
const RETRY_MS = 1_000;

/** A write, or how to make it when its time has come: what is put many times is made once. */
export type Job = Write | (() => Write) | GatheredWrite;

/** A write into which changes are gathered until its time has come. */
export interface GatheredWrite {
  /** How many there are by now. */
  readonly changes: number;
  write(): Write;
}

export interface BatchOptions {
  /** Longest time a write waits for others, in milliseconds. */
  readonly delayMs: number;
  /** All that waited is on its way now; what is added from now on belongs to the next batch. */
  readonly onSent: () => void;
  /** The batch that was on its way is committed. */
  readonly onSaved: () => void;
  /** The writes could not be saved; they are tried again. `dropped` counts those given up. */
  readonly onFailed: (problem: Problem, dropped: number) => void;
}

/**
 * Gathers writes and has them carried out together: a thousand small commits a second would cost more than the traffic.
 * A later write with the same key takes the place of the earlier one. One batch is on its way at a time.
 */
export class Batch {
  readonly #committer: Committer;
  readonly #options: BatchOptions;
  #waiting = new Map<string | number, Job>();
  /** On its way, or refused by the disk and to be tried again. */
  #sent: ReadonlyMap<string | number, Write> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #stopped = false;

  constructor(committer: Committer, options: BatchOptions) {
    this.#committer = committer;
    this.#options = options;
  }

  /** How many changes are not saved yet. */
  get waiting(): number {
    return changesIn(this.#waiting) + changesIn(this.#sent);
  }

  /** Whether a write with this key is not saved yet: only then a read of that one thing has to wait for the batch. */
  has(key: string): boolean {
    return this.#waiting.has(key) || this.#sent?.has(key) === true;
  }

  /** Adds a write. Writes are carried out in the order in which their keys first came. */
  add(job: Job, key?: string): void {
    this.#waiting.set(key ?? ++this.#count, job);
    if (this.#sent === undefined) this.#later(this.#options.delayMs);
  }

  #later(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      guarded('writing of the workspace', () => this.#send());
    }, delayMs);
  }

  #send(): void {
    const writes = this.#take();
    if (writes !== undefined) this.#committer.send([...writes.values()], (outcome) => this.#done(outcome));
  }

  /** Writes all that waits, and returns when it is written. True when nothing is left waiting. */
  flush(): boolean {
    this.#committer.settle();
    // Twice: first what the disk had refused before, then what has come since.
    for (let round = 0; round < 2; round += 1) {
      const writes = this.#take();
      if (writes !== undefined) this.#done(this.#committer.now([...writes.values()]));
    }
    return this.#waiting.size === 0 && this.#sent === undefined;
  }

  /**
   * Writes all that waits and then this, to the disk itself.
   * @throws when it cannot be written
   */
  writeNow(write: Write): void {
    this.flush();
    const { refused, failed } = this.#committer.now([write], true);
    const wrong = refused ?? failed[0];
    if (wrong !== undefined) throw new Error(wrong.message);
  }

  /** What is to be written now; undefined when there is nothing. */
  #take(): ReadonlyMap<string | number, Write> | undefined {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sent !== undefined) return this.#sent;
    if (this.#waiting.size === 0) return undefined;
    const writes = new Map<string | number, Write>();
    for (const [key, job] of this.#waiting) {
      try {
        writes.set(key, made(job));
      } catch (error) {
        this.#options.onFailed(toProblem(error), 1);
      }
    }
    this.#waiting = new Map();
    this.#sent = writes;
    this.#options.onSent();
    return writes;
  }

  #done({ refused, failed }: Outcome): void {
    if (this.#sent === undefined) return;
    for (const wrong of failed) this.#options.onFailed(wrong, 1);
    if (refused !== undefined) {
      this.#options.onFailed(refused, this.#makeRoom());
      this.#later(RETRY_MS);
      return;
    }
    this.#sent = undefined;
    this.#options.onSaved();
    if (this.#waiting.size > 0) this.#later(this.#options.delayMs);
  }

  /** Gives up the oldest writes beyond the bound. Returns how many changes were in them. */
  #makeRoom(): number {
    const kept = new Map(this.#sent);
    const beyond = this.waiting - MOST_WAITING;
    let dropped = 0;
    for (const [key, write] of kept) {
      if (dropped >= beyond) break;
      kept.delete(key);
      dropped += changesOf(write);
    }
    this.#sent = kept;
    return dropped;
  }

  /** Ends the timer; what waits is lost unless it was flushed. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function made(job: Job): Write {
  if (typeof job === 'function') return job();
  return 'write' in job ? job.write() : job;
}

function changesIn(jobs: ReadonlyMap<string | number, Job> | undefined): number {
  let changes = 0;
  if (jobs !== undefined) for (const job of jobs.values()) changes += changesOf(job);
  return changes;
}

/** A page of flows or bodies is one write with many changes. */
function changesOf(job: Job): number {
  if (typeof job === 'function') return 1;
  if ('write' in job) return job.changes;
  switch (job[0]) {
    case 'flows':
      return job[1].count;
    case 'bodies':
      return job[1].lengths.length;
    default:
      return 1;
  }
}
