import { Worker } from 'node:worker_threads';
import { ProblemError, problem } from '../model/problem.ts';

/** A thread that answers one message after another, for work that the user may cancel. */
export class WorkerCalls<To, From extends object> {
  readonly #worker: Worker;
  readonly #signal: AbortSignal;
  readonly #cancelled: () => ProblemError;
  #answer: { readonly done: (message: From) => void; readonly fail: (error: unknown) => void } | undefined;
  #failed: unknown;

  /** @param cancelled makes the error of every call once `signal` has ended it */
  constructor(
    url: URL | string,
    options: { readonly data: unknown; readonly signal: AbortSignal; readonly cancelled: () => ProblemError },
  ) {
    this.#signal = options.signal;
    this.#cancelled = options.cancelled;
    this.#worker = new Worker(url, { workerData: options.data });
    this.#worker.on('message', (message: From) => this.#take()?.done(message));
    this.#worker.on('error', (error) => this.#fails(error));
    this.#worker.on('exit', () => this.#fails(problem('closed', 'The thread for this work ended')));
    options.signal.addEventListener('abort', this.#onAbort);
  }

  /** One at a time. @throws what the thread answers as its problem, and the error of a cancel */
  async call(message: To): Promise<Exclude<From, { readonly problem: unknown }>> {
    const answer = await new Promise<From>((done, fail) => {
      if (this.#failed !== undefined) return fail(this.#failed);
      this.#answer = { done, fail };
      this.#worker.postMessage(message);
    });
    if ('problem' in answer) throw new ProblemError(answer.problem as ProblemError['problem']);
    return answer as Exclude<From, { readonly problem: unknown }>;
  }

  /** To be called in the end, whatever came of it. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#failed ??= problem('closed', 'This work is over');
    await this.#worker.terminate();
  }

  readonly #onAbort = (): void => this.#fails(this.#cancelled());

  #take() {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }

  #fails(error: unknown): void {
    this.#failed ??= error;
    this.#take()?.fail(this.#failed);
  }
}
