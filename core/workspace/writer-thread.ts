import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Problem } from '../model/problem.ts';
import type { Committer } from './committer.ts';
import type { Removed, RetentionLimits } from './retention.ts';
import type { Outcome } from './writer.ts';
import type { Answer, Ask, WriterData } from './writer-messages.ts';
import type { Write } from './writes.ts';

export interface WriterThreadOptions {
  readonly file: string;
  readonly nativeBinding: string | undefined;
  readonly limits: RetentionLimits;
  /** Entry of the thread; the bundled application passes its own file. */
  readonly workerUrl: URL | string | undefined;
  /**
   * Makes another way to write when this one cannot work.
   * @param atOnce somebody waits for it without the event loop, which another thread would need to start
   */
  readonly instead: (why: Problem, atOnce: boolean) => Committer;
}

interface Sent {
  readonly ask: Ask;
  readonly done: (answer: Answer) => void;
}

/** So long one who waits sleeps before looking whether the thread is still there. */
const LOOK_MS = 5_000;
/** After so long without an answer a thread that is waited for is given up. */
const PATIENCE_MS = 60_000;

/**
 * Carries batches out in a thread of its own, so that SQLite's work and the disk hold nothing up. One who needs the
 * result at once waits for it without the event loop, which the thread does not need either.
 */
export class WriterThread implements Committer {
  readonly #options: WriterThreadOptions;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #answered = new Int32Array(new SharedArrayBuffer(4));
  #sent: Sent[] = [];
  /** What is used since the thread failed. */
  #instead: Committer | undefined;
  #closing = false;
  /** Somebody waits in `settle`. */
  #waited = false;

  constructor(options: WriterThreadOptions) {
    this.#options = options;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const { file, nativeBinding, limits } = options;
    const workerData: WriterData = { file, nativeBinding, limits, port: port2, answered: this.#answered };
    this.#worker = new Worker(options.workerUrl ?? new URL('./writer-worker.ts', import.meta.url), {
      workerData,
      transferList: [port2],
    });
    port1.on('message', (answer: Answer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#fail({ kind: 'writer-broken', message: error.message }));
    this.#worker.on('exit', () => {
      if (!this.#closing) this.#fail({ kind: 'writer-broken', message: 'it ended' });
    });
    // What is under way keeps the process alive, an idle thread does not.
    this.#worker.unref();
    port1.unref();
  }

  send(writes: readonly Write[], done: (outcome: Outcome) => void): void {
    if (this.#instead !== undefined) {
      this.#instead.send(writes, done);
      return;
    }
    this.#ask({ kind: 'write', writes, durable: false }, (answer) => done(outcomeOf(answer)));
  }

  now(writes: readonly Write[], durable = false): Outcome {
    this.settle();
    if (this.#instead !== undefined) return this.#instead.now(writes, durable);
    let outcome: Outcome | undefined;
    this.#ask({ kind: 'write', writes, durable }, (answer) => {
      outcome = outcomeOf(answer);
    });
    this.settle();
    return outcome ?? { failed: [], refused: { kind: 'writer-broken', message: 'The writing thread did not answer' } };
  }

  settle(): void {
    if (this.#instead !== undefined) this.#instead.settle();
    const since = Date.now();
    this.#waited = true;
    while (this.#sent.length > 0) {
      const seen = Atomics.load(this.#answered, 0);
      const received = receiveMessageOnPort(this.#port) as { message: Answer } | undefined;
      if (received !== undefined) this.#take(received.message);
      else if (
        Atomics.wait(this.#answered, 0, seen, LOOK_MS) === 'timed-out' &&
        (Date.now() - since > PATIENCE_MS || this.#worker.threadId < 0)
      ) {
        this.#fail({ kind: 'writer-broken', message: 'it does not answer' }, true);
      }
    }
    this.#waited = false;
  }

  async tidy(now: number): Promise<Removed | undefined> {
    if (this.#instead !== undefined) return this.#instead.tidy(now);
    return new Promise((resolve) =>
      this.#ask({ kind: 'tidy', now }, (answer) => resolve(answer.kind === 'tidied' ? answer.removed : undefined)),
    );
  }

  async close(): Promise<void> {
    if (this.#instead !== undefined) return this.#instead.close();
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#ask({ kind: 'close' }, () => resolve()));
    await closed;
    this.#port.close();
    await this.#worker.terminate();
  }

  #ask(ask: Ask, done: (answer: Answer) => void): void {
    this.#sent.push({ ask, done });
    this.#port.ref();
    this.#port.postMessage(ask);
  }

  #take(answer: Answer): void {
    if (answer.kind === 'broken') {
      this.#fail(answer.problem, this.#waited);
      return;
    }
    const sent = this.#sent.shift();
    if (this.#sent.length === 0) this.#port.unref();
    sent?.done(answer);
  }

  /** The thread is of no use any more: what it was given is done elsewhere. Doing it twice changes nothing. */
  #fail(why: Problem, atOnce = false): void {
    if (this.#instead !== undefined) return;
    const instead = this.#options.instead(why, atOnce);
    this.#instead = instead;
    const left = this.#sent;
    this.#sent = [];
    this.#port.close();
    void this.#worker.terminate();
    for (const { ask, done } of left) {
      if (ask.kind === 'write' && !atOnce) instead.send(ask.writes, (outcome) => done({ kind: 'written', outcome }));
      else if (ask.kind === 'write') done({ kind: 'written', outcome: instead.now(ask.writes, ask.durable) });
      else if (ask.kind === 'close') void instead.close().then(() => done({ kind: 'closed' }));
      else void instead.tidy(ask.now).then((removed) => done({ kind: 'tidied', removed }));
    }
  }
}

function outcomeOf(answer: Answer): Outcome {
  return answer.kind === 'written' ? answer.outcome : { failed: [] };
}
