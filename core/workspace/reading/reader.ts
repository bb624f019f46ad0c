import { Worker } from 'node:worker_threads';
import { ProblemError, problem } from '../../model/problem.ts';
import type { FromReader, ReaderData, ReadKind, Reads, ToReader } from './reader-messages.ts';

export interface ReaderOptions extends ReaderData {
  /** Entry of the thread; the bundled application passes its own file. */
  readonly workerUrl: URL | string | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Resolves when what was written before is there to be read. */
  readonly whenSaved: () => Promise<void>;
  /** Reads in this thread: where there is no file, and where the other thread is of no use. */
  readonly here: <K extends ReadKind>(kind: K, query: Reads[K]['query']) => Reads[K]['answer'];
  readonly log: (line: string) => void;
}

interface Asked {
  readonly lane: string | undefined;
  readonly done: (answer: Reads[ReadKind]['answer']) => void;
  readonly fail: (error: unknown) => void;
  readonly again: () => void;
}

/** A thread that failed so often is not started again. */
const MOST_STARTS = 3;

/**
 * Reads lists in a thread of its own, so that no filter holds the traffic up. A read sees all that was written before it
 * was asked. Of the reads of one lane (one list of one window) the newest counts: an older one that is not answered yet
 * fails with kind `superseded`.
 */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #asked = new Map<number, Asked>();
  readonly #lanes = new Map<string, number>();
  #worker: Worker | undefined;
  #starts = 0;
  #count = 0;
  #closed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /**
   * @param lane names the list that the answer is for; undefined: it has nothing to do with any other
   * @throws ProblemError `filter`, `superseded`
   */
  async read<K extends ReadKind>(kind: K, query: Reads[K]['query'], lane?: string): Promise<Reads[K]['answer']> {
    const id = ++this.#count;
    if (lane !== undefined) {
      this.#supersede(lane);
      this.#lanes.set(lane, id);
    }
    await this.#options.whenSaved();
    if (lane !== undefined && this.#lanes.get(lane) !== id) throw superseded();
    if (this.#closed) throw problem('closed', 'The workspace is closed');
    const now = this.#options.clock();
    const worker = this.#start();
    try {
      if (worker === undefined) return this.#options.here(kind, query);
      return await new Promise<Reads[K]['answer']>((done, fail) => {
        const asked: Asked = {
          lane,
          done: done as Asked['done'],
          fail,
          again: () => {
            try {
              done(this.#options.here(kind, query));
            } catch (error) {
              fail(error);
            }
          },
        };
        this.#asked.set(id, asked);
        worker.ref();
        worker.postMessage({ what: 'read', id, kind, query, now } satisfies ToReader);
      });
    } finally {
      if (lane !== undefined && this.#lanes.get(lane) === id) this.#lanes.delete(lane);
    }
  }

  /** Rows were removed: what the thread has counted is over. */
  removed(): void {
    this.#worker?.postMessage({ what: 'removed' } satisfies ToReader);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { fail } of this.#asked.values()) fail(problem('closed', 'The workspace is closed'));
    this.#asked.clear();
    await worker?.terminate();
  }

  #supersede(lane: string): void {
    const before = this.#lanes.get(lane);
    const asked = before === undefined ? undefined : this.#asked.get(before);
    if (before === undefined || asked === undefined) return;
    this.#asked.delete(before);
    this.#worker?.postMessage({ what: 'cancel', id: before } satisfies ToReader);
    asked.fail(superseded());
  }

  #start(): Worker | undefined {
    if (this.#worker !== undefined || this.#options.file === ':memory:') return this.#worker;
    if (this.#starts >= MOST_STARTS) return undefined;
    this.#starts += 1;
    const { file, nativeBinding } = this.#options;
    const workerData: ReaderData = { file, nativeBinding };
    const worker = new Worker(this.#options.workerUrl ?? new URL('./reading-worker.ts', import.meta.url), {
      workerData,
    });
    worker.unref();
    worker.on('message', (message: FromReader) => this.#take(message, worker));
    worker.on('error', (error) => this.#failed(worker, error.message));
    worker.on('exit', () => this.#failed(worker, 'it ended'));
    this.#worker = worker;
    return worker;
  }

  #take(message: FromReader, worker: Worker): void {
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (this.#asked.size === 0) worker.unref();
    if (asked === undefined) return;
    if ('answer' in message) asked.done(message.answer);
    else asked.fail(new ProblemError(message.problem));
  }

  /** What it was asked is read here; the next read starts another thread. */
  #failed(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#options.log(`The thread that reads the workspace failed: ${why}`);
    const left = [...this.#asked.values()];
    this.#asked.clear();
    for (const { again } of left) again();
  }
}

function superseded(): ProblemError {
  return problem('superseded', 'A newer question took the place of this one');
}
