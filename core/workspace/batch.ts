import { guarded } from '../model/failures.ts';
import { type Problem, ProblemError, toProblem } from '../model/problem.ts';
import type { Committer } from './committer.ts';
import { DISK_REMEDY } from './disk-refuses.ts';
import type { Outcome } from './writer.ts';
import type { Write } from './writes.ts';

/** How many changes wait at most while the disk refuses them. */
const MOST_WAITING = 50_000;
const RETRY_MS = 1_000;
/** Of bodies in one batch: some tens of milliseconds of work, so that no reader waits long for the batch under way. */
const BODY_BYTES_AT_ONCE = 4 << 20;

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
  /** Bodies that wait: as writes of so many bytes at most. They have a queue of their own, which has its own bound. */
  readonly takeBodies: (mostBytes: number) => Write[];
  readonly bodiesWaiting: () => number;
  /** All that waited (of bodies: what was taken) is on its way now; what is added from now on belongs to the next batch. */
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
  /** Batches that were begun and that are over, and who waits for which of them. */
  #begun = 0;
  #over = 0;
  #waiters: { readonly batch: number; readonly done: () => void }[] = [];
  /** Why the disk takes nothing at present. */
  #refused: Problem | undefined;

  constructor(committer: Committer, options: BatchOptions) {
    this.#committer = committer;
    this.#options = options;
  }

  /** How many changes are not saved yet. */
  get waiting(): number {
    return changesIn(this.#waiting) + changesIn(this.#sent) + this.#options.bodiesWaiting();
  }

  /** Whether a write with this key is not saved yet: only then a read of that one thing has to wait for the batch. */
  has(key: string): boolean {
    return this.#waiting.has(key) || this.#sent?.has(key) === true;
  }

  /** Adds a write. Writes are carried out in the order in which their keys first came. */
  add(job: Job, key?: string): void {
    this.#waiting.set(key ?? ++this.#count, job);
    if (this.#waiting.size > MOST_WAITING) this.#dropOldest();
    if (this.#sent === undefined) this.#later(this.#options.delayMs);
  }

  /** A page of bodies has begun. @param many they need not wait for more */
  bodiesWait(many: boolean): void {
    if (this.#sent !== undefined) return;
    if (many) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.#later(many ? 0 : this.#options.delayMs);
  }

  #later(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      guarded('writing of the workspace', () => this.#send());
    }, delayMs);
  }

  #send(): void {
    const writes = this.#take(BODY_BYTES_AT_ONCE);
    if (writes !== undefined) this.#committer.send([...writes.values()], (outcome) => this.#done(outcome));
  }

  /**
   * Resolves when all that has been added by now (bodies that have not begun to be written aside) is saved, without
   * holding this thread up. Also when the disk refuses it: a reader then sees what is there.
   */
  whenSaved(): Promise<void> {
    const batch = this.#waiting.size > 0 ? this.#begun + 1 : this.#sent === undefined ? this.#over : this.#begun;
    if (batch <= this.#over || this.#stopped) return Promise.resolve();
    return new Promise((done) => {
      this.#waiters.push({ batch, done });
      if (this.#sent !== undefined) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#later(0);
    });
  }

  /** A batch is over: saved, or refused for now. */
  #ended(): void {
    this.#over = this.#begun;
    const due = this.#waiters.filter(({ batch }) => batch <= this.#over);
    this.#waiters = this.#waiters.filter(({ batch }) => batch > this.#over);
    for (const { done } of due) done();
    // Somebody waits for what came meanwhile.
    if (this.#waiters.length > 0) this.#later(0);
  }

  /**
   * Writes all that waits, except bodies that have not begun to be written, and returns when it is written. For readers:
   * who wants a body that waits finds it in memory. True when nothing is left waiting.
   */
  flush(): boolean {
    this.#committer.settle();
    // Twice: first what the disk had refused before, then what has come since.
    for (let round = 0; round < 2; round += 1) this.#now(0);
    return this.#waiting.size === 0 && this.#sent === undefined;
  }

  /**
   * Returns when all that waited (bodies aside) is saved.
   * @throws ProblemError `workspace-not-saved`
   */
  confirm(): void {
    if (!this.flush()) throw new ProblemError(notSaved(this.#refused ?? { message: 'the disk takes nothing' }));
  }

  /** Writes all that waits, bodies too. True when nothing is left waiting. */
  flushAll(): boolean {
    if (!this.flush()) return false;
    while (this.#options.bodiesWaiting() > 0) {
      this.#now(BODY_BYTES_AT_ONCE);
      if (this.#sent !== undefined) return false;
    }
    return this.#waiting.size === 0;
  }

  #now(bodyBytes: number): void {
    const writes = this.#take(bodyBytes);
    if (writes !== undefined) this.#done(this.#committer.now([...writes.values()]));
  }

  /**
   * Writes all that waits and then this, to the disk itself.
   * @throws when it cannot be written
   */
  writeNow(write: Write): void {
    this.flush();
    const { refused, failed } = this.#committer.now([write], true);
    const wrong = refused ?? failed[0];
    if (wrong !== undefined) throw new ProblemError(notSaved(wrong));
  }

  /** What is to be written now; undefined when there is nothing. */
  #take(bodyBytes: number): ReadonlyMap<string | number, Write> | undefined {
    if (this.#sent !== undefined) {
      this.#stopTimer();
      return this.#sent;
    }
    // Bodies first: flows that name them follow in the same transaction.
    const bodies = bodyBytes > 0 ? this.#options.takeBodies(bodyBytes) : [];
    if (bodyBytes > 0 || this.#options.bodiesWaiting() === 0) this.#stopTimer();
    if (this.#waiting.size === 0 && bodies.length === 0) return undefined;
    const writes = new Map<string | number, Write>();
    for (const write of bodies) writes.set(++this.#count, write);
    for (const [key, job] of this.#waiting) {
      try {
        writes.set(key, made(job));
      } catch (error) {
        this.#options.onFailed(toProblem(error), 1);
      }
    }
    this.#waiting = new Map();
    this.#sent = writes;
    this.#begun += 1;
    this.#options.onSent();
    return writes;
  }

  #done({ refused, failed }: Outcome): void {
    if (this.#sent === undefined) return;
    for (const wrong of failed) this.#options.onFailed(wrong, 1);
    if (refused !== undefined) {
      this.#refused = refused;
      this.#options.onFailed(refused, this.#makeRoom());
      this.#later(RETRY_MS);
      const waiters = this.#waiters;
      this.#waiters = [];
      for (const { done } of waiters) done();
      return;
    }
    this.#sent = undefined;
    this.#refused = undefined;
    this.#options.onSaved();
    this.#ended();
    if (this.#options.bodiesWaiting() > 0) this.#later(0);
    else if (this.#waiting.size > 0) this.#later(this.#options.delayMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The writing thread or the disk hangs: what is oldest is given up, and said. */
  #dropOldest(): void {
    let dropped = 0;
    for (const [key, job] of this.#waiting) {
      if (this.#waiting.size <= MOST_WAITING * 0.9) break;
      this.#waiting.delete(key);
      dropped += changesOf(job);
    }
    this.#options.onFailed(
      { kind: 'workspace-slow', message: 'it does not take what is recorded fast enough' },
      dropped,
    );
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
    this.#stopTimer();
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { done } of waiters) done();
  }
}

/** What somebody is told who waits for something to be saved. */
function notSaved({ message }: Pick<Problem, 'message'>): Problem {
  return { kind: 'workspace-not-saved', message: `It could not be saved: ${message}`, remedy: DISK_REMEDY };
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
      return job[1].counts.length;
    default:
      return 1;
  }
}
