import { Worker } from 'node:worker_threads';
import type { Edit, Path } from '../../model/path.ts';
import { ProblemError, problem } from '../../model/problem.ts';
import type { DecodedData } from '../codec.ts';
import type { Layer } from '../layer.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Answer, Job, JobResults, SentOptions } from './messages.ts';
import { runJob } from './run-job.ts';

/** Steps that a decoding may take in the calling thread: some milliseconds. */
export const STEPS_HERE = 250_000;

export interface DecodePoolOptions {
  /** Entry of the worker (it calls `serveJobs` with the same layers); the bundled application passes its own file. */
  readonly workerUrl: URL | string;
  /** The layers that are known. */
  readonly layers: readonly Layer[];
  /** Inputs up to this many bytes are done at once in the calling thread, where they take well under 16 ms. */
  readonly threshold?: number;
  /** Most threads at the same time. */
  readonly size?: number;
  /** Most memory of one thread, in MB; beyond it the work fails with kind `limit-memory`. */
  readonly memory?: number;
}

export type PoolJobOptions = SentOptions & {
  readonly signal?: AbortSignal;
  /** The work takes long whatever the size of the bytes (many keys are derived): a thread does it in any case. */
  readonly elsewhere?: boolean;
};

/** Decodes and edits without blocking the thread that asks. Made once for an application; `close` ends its threads. */
export interface DecodePool {
  /** As `decode`, without `spanOf` (see there). */
  decode(bytes: Uint8Array, options?: PoolJobOptions): Promise<DecodedData>;
  /** As `decode`, with the bytes at each depth. */
  peel(bytes: Uint8Array, options?: PoolJobOptions): Promise<JobResults['peel']>;
  applyEdits(bytes: Uint8Array, edits: readonly Edit[], options?: PoolJobOptions): Promise<Uint8Array>;
  /** As `applyEditsFully`. */
  applyEditsFully(bytes: Uint8Array, edits: readonly Edit[], options?: PoolJobOptions): Promise<JobResults['edit']>;
  spanOf(bytes: Uint8Array, path: Path, options?: PoolJobOptions): Promise<JobResults['span']>;
  /** Threads that are alive, for diagnostics. */
  readonly threads: number;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (result: JobResults[Job['kind']]) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignal | undefined;
  stopListening(): void;
}

interface Thread {
  readonly worker: Worker;
  current: Waiting | undefined;
}

export function createDecodePool(options: DecodePoolOptions): DecodePool {
  return new Pool(options);
}

class Pool implements DecodePool {
  readonly #url: URL | string;
  readonly #layers: readonly Layer[];
  readonly #threshold: number;
  readonly #size: number;
  readonly #memory: number;
  readonly #threads = new Set<Thread>();
  readonly #queue: Waiting[] = [];
  #closed = false;

  constructor(options: DecodePoolOptions) {
    this.#url = options.workerUrl;
    this.#layers = options.layers;
    this.#threshold = options.threshold ?? 32 * 1024;
    this.#size = options.size ?? 2;
    this.#memory = options.memory ?? 1024;
  }

  get threads(): number {
    return this.#threads.size;
  }

  decode(bytes: Uint8Array, options: PoolJobOptions = {}): Promise<DecodedData> {
    return this.#run({ kind: 'decode', bytes, options: sent(options) }, options.signal, options.elsewhere);
  }

  peel(bytes: Uint8Array, options: PoolJobOptions = {}): Promise<JobResults['peel']> {
    return this.#run({ kind: 'peel', bytes, options: sent(options) }, options.signal);
  }

  async applyEdits(bytes: Uint8Array, edits: readonly Edit[], options: PoolJobOptions = {}): Promise<Uint8Array> {
    return (await this.applyEditsFully(bytes, edits, options)).bytes;
  }

  applyEditsFully(
    bytes: Uint8Array,
    edits: readonly Edit[],
    options: PoolJobOptions = {},
  ): Promise<JobResults['edit']> {
    return this.#run({ kind: 'edit', bytes, edits, options: sent(options) }, options.signal);
  }

  spanOf(bytes: Uint8Array, path: Path, options: PoolJobOptions = {}): Promise<JobResults['span']> {
    return this.#run({ kind: 'span', bytes, path, options: sent(options) }, options.signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) settle(waiting, cancelled());
    const ending = [...this.#threads].map((thread) => this.#end(thread, cancelled()));
    await Promise.all(ending);
  }

  async #run<K extends Job['kind']>(
    job: Extract<Job, { kind: K }>,
    signal: AbortSignal | undefined,
    elsewhere = false,
  ): Promise<JobResults[K]> {
    if (signal?.aborted || this.#closed) throw cancelled();
    const here = !elsewhere && job.bytes.length <= this.#threshold ? this.#here(job) : undefined;
    if (here !== undefined) return here.result as JobResults[K];
    return (await this.#inThread(job, signal)) as JobResults[K];
  }

  /** Does a small job in this thread; undefined when it takes too many steps after all. */
  #here(job: Job): { readonly result: JobResults[Job['kind']] } | undefined {
    const limits = { ...(job.options.limits ?? DEFAULT_LIMITS), steps: STEPS_HERE };
    try {
      const result = runJob({ ...job, options: { ...job.options, limits } } as Job, this.#layers);
      return isTooMuch(result) ? undefined : { result };
    } catch (error) {
      if (error instanceof ProblemError && error.problem.kind === 'limit-steps') return undefined;
      throw error;
    }
  }

  #inThread(job: Job, signal: AbortSignal | undefined): Promise<JobResults[Job['kind']]> {
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#abort(waiting);
      const waiting: Waiting = {
        job,
        resolve,
        reject,
        signal,
        stopListening: () => signal?.removeEventListener('abort', onAbort),
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    while (this.#queue.length > 0) {
      let thread = [...this.#threads].find((one) => one.current === undefined);
      if (thread === undefined && this.#threads.size < this.#size) thread = this.#start();
      if (thread === undefined) return;
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      thread.current = waiting;
      thread.worker.ref();
      thread.worker.postMessage(waiting.job);
    }
  }

  #start(): Thread {
    const worker = new Worker(this.#url, {
      // Deep values are walked by recursion; the limits keep that within this stack.
      resourceLimits: { maxOldGenerationSizeMb: this.#memory, stackSizeMb: 8 },
    });
    const thread: Thread = { worker, current: undefined };
    this.#threads.add(thread);
    worker.on('message', (answer: Answer) => {
      const done = thread.current;
      thread.current = undefined;
      // An idle thread does not keep the process alive.
      worker.unref();
      if (done !== undefined) settle(done, answer);
      this.#next();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const told = memory ? problem('limit-memory', `Decoding needs more than ${this.#memory} MB of memory`) : error;
      void this.#end(thread, told);
    });
    worker.on('exit', (code) => {
      if (this.#threads.has(thread)) void this.#end(thread, new Error(`The decoding thread ended with code ${code}`));
    });
    return thread;
  }

  /** Work that cannot be stopped from inside is stopped by ending its thread; the next job starts a new one. */
  #abort(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      settle(waiting, cancelled());
      return;
    }
    const thread = [...this.#threads].find((one) => one.current === waiting);
    if (thread !== undefined) void this.#end(thread, cancelled());
  }

  async #end(thread: Thread, why: Error): Promise<void> {
    this.#threads.delete(thread);
    const { current } = thread;
    thread.current = undefined;
    if (current !== undefined) settle(current, why);
    await thread.worker.terminate();
    if (!this.#closed) this.#next();
  }
}

function isTooMuch(result: JobResults[Job['kind']]): boolean {
  return result !== undefined && 'error' in result && result.error?.kind === 'limit-steps';
}

function settle(waiting: Waiting, outcome: Answer | Error): void {
  waiting.stopListening();
  if (outcome instanceof Error) waiting.reject(outcome);
  else if (outcome.ok) waiting.resolve(outcome.result);
  else waiting.reject(outcome.bug ? new Error(outcome.problem.message) : new ProblemError(outcome.problem));
}

function sent(options: PoolJobOptions): SentOptions {
  const { signal: _, elsewhere: __, ...rest } = options;
  return rest;
}

function cancelled(): ProblemError {
  return problem('cancelled', 'The decoding was cancelled');
}
