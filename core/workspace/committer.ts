import type { Removed } from './retention.ts';
import type { Outcome, Writer } from './writer.ts';
import type { Write } from './writes.ts';

/** Carries batches out, here or in another thread. Batches are carried out in the order in which they were given. */
export interface Committer {
  /** Starts a batch; `done` is called once, possibly before this returns. */
  send(writes: readonly Write[], done: (outcome: Outcome) => void): void;
  /**
   * Carries a batch out before it returns, after those that were sent.
   * @param durable it outlives the power too
   */
  now(writes: readonly Write[], durable?: boolean): Outcome;
  /** Returns when all that was sent is done. */
  settle(): void;
  /** One slice of the retention's work at this time (ms); undefined when there is none to do. */
  tidy(now: number): Promise<Removed | undefined>;
  close(): Promise<void>;
}

/** On the calling thread: for workspaces in memory, and where no thread can be had. */
export class InlineCommitter implements Committer {
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  send(writes: readonly Write[], done: (outcome: Outcome) => void): void {
    done(this.#writer.carryOut(writes));
  }

  now(writes: readonly Write[], durable = false): Outcome {
    return this.#writer.carryOut(writes, durable);
  }

  settle(): void {}

  async tidy(now: number): Promise<Removed | undefined> {
    return this.#writer.tidy(now);
  }

  async close(): Promise<void> {}
}
