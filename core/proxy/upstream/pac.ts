import { Worker } from 'node:worker_threads';
import { problem } from '../../model/problem.ts';
import type { PacAnswer, PacQuestion, PacWorkerData } from './pac-messages.ts';
import type { UpstreamProxy } from './upstream-settings.ts';

/** Longest script that is taken, in bytes; browsers stop at one megabyte. */
export const SCRIPT_LIMIT = 1 << 20;
/** Milliseconds that one question to the script may take, name look-ups included. */
const TIME_LIMIT = 2_000;
/** A thread that does not stop by itself so long after that is ended. */
const GRACE = 1_000;
/** Questions that wait at most; more are answered with an error at once. */
const MOST_WAITING = 1_000;
/** Questions that were given up without an answer, after which the thread is replaced. */
const MOST_ABANDONED = 20;

/** Asks a PAC script for the ways to an address, best first. */
export interface PacResolver {
  (url: string, host: string): Promise<UpstreamProxy[]>;
  /** Ends its thread. Questions under way fail. */
  close(): void;
}

export interface PacOptions {
  /** Reads `quickjs.wasm`, for a bundle that the library's own path does not lead out of. */
  readonly engineBytes?: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /** Entry of the thread; the bundled application passes its own file. */
  readonly workerUrl?: URL | string | undefined;
  /** Default 2,000. */
  readonly timeLimit?: number | undefined;
}

/**
 * Runs a PAC script in a thread of its own, and there in a JavaScript engine of its own (QuickJS as WebAssembly): it sees
 * no file, no network but the name look-ups that PAC has, and is stopped over its limits of memory and time. Whatever it
 * does, only the question that made it do so fails.
 * @throws ProblemError `bad-pac`
 */
export async function createPac(script: string, options: PacOptions = {}): Promise<PacResolver> {
  if (script.length > SCRIPT_LIMIT) throw scriptTooLong();
  const wasm = await options.engineBytes?.();
  const thread = new PacThread({ script, wasm, timeLimit: options.timeLimit ?? TIME_LIMIT }, options.workerUrl);
  try {
    await thread.ready();
  } catch (error) {
    thread.close();
    throw problem('bad-pac', `The PAC script cannot be used: ${(error as Error).message}`, { cause: error });
  }
  const resolve = async (url: string, host: string): Promise<UpstreamProxy[]> => {
    try {
      return parsePacAnswer(await thread.ask(url, host));
    } catch (error) {
      throw problem('bad-pac', `The PAC script failed for ${host}: ${(error as Error).message}`, { cause: error });
    }
  };
  return Object.assign(resolve, { close: () => thread.close() });
}

interface Asked {
  readonly question: PacQuestion;
  readonly done: (answer: string) => void;
  readonly fail: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

/** The thread of one script; a new one takes the place of one that hangs or dies. */
class PacThread {
  readonly #data: PacWorkerData;
  readonly #url: URL | string;
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #starting: { done: () => void; fail: (error: Error) => void } | undefined;
  #count = 0;
  #abandoned = 0;
  #closed = false;

  constructor(data: PacWorkerData, url: URL | string | undefined) {
    this.#data = data;
    this.#url = url ?? new URL('./pac-worker.ts', import.meta.url);
  }

  /** Resolves when the script has been read; rejects when it cannot be used. */
  async ready(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((done, fail) => {
        this.#starting = { done, fail };
        // A thread takes long to start on a busy machine; the script itself is stopped by its own limit.
        timer = setTimeout(() => fail(new Error('it does not come to an end')), 10 * (this.#data.timeLimit + GRACE));
        this.#start();
      });
    } finally {
      clearTimeout(timer);
      this.#starting = undefined;
    }
  }

  ask(url: string, host: string): Promise<string> {
    if (this.#closed) return Promise.reject(new Error('the settings have changed'));
    if (this.#asked.size >= MOST_WAITING) return Promise.reject(new Error('too many requests wait for it'));
    return new Promise((done, fail) => {
      const question: PacQuestion = { id: ++this.#count, url, host };
      this.#asked.set(question.id, { question, done, fail, timer: undefined });
      const worker = this.#worker ?? this.#start();
      worker.ref();
      worker.postMessage(question);
    });
  }

  close(): void {
    this.#closed = true;
    for (const { question } of [...this.#asked.values()]) this.#fail(question.id, 'the settings have changed');
    this.#drop();
  }

  #start(): Worker {
    const worker = new Worker(this.#url, {
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: 128, stackSizeMb: 4 },
    });
    this.#worker = worker;
    worker.on('message', (message: PacAnswer) => {
      if (this.#worker === worker) this.#take(message);
    });
    const ended = (why: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#starting?.fail(new Error(why));
      // Who had the thread's time when it died is the one that fails; the others are asked again.
      const began = [...this.#asked.values()].filter(({ timer }) => timer !== undefined);
      for (const { question } of began) this.#fail(question.id, why);
      this.#again();
    };
    worker.on('error', (error: NodeJS.ErrnoException) =>
      ended(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it took too much memory' : error.message),
    );
    worker.on('exit', () => ended('its thread ended'));
    worker.unref();
    return worker;
  }

  #take(message: PacAnswer): void {
    if (message.kind === 'ready') this.#starting?.done();
    else if (message.kind === 'unusable') this.#starting?.fail(new Error(message.why));
    else if (message.kind === 'begun') this.#begun(message.id);
    else if (message.kind === 'answer') this.#end(message.id)?.done(message.answer);
    else this.#fail(message.id, message.why);
  }

  /** From now on the question's time runs: what others take before it does not count. */
  #begun(id: number): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    const { timeLimit } = this.#data;
    asked.timer = setTimeout(
      () => {
        this.#fail(id, `it gave no answer within ${timeLimit} ms`);
        this.#abandoned += 1;
        if (this.#abandoned >= MOST_ABANDONED) this.#replace();
        else this.#probe();
      },
      timeLimit + GRACE / 2,
    );
  }

  /** A thread that is stuck (not only waiting for something that never comes) says nothing to this either. */
  #probe(): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    const timer = setTimeout(() => {
      if (this.#worker === worker) this.#replace();
    }, GRACE);
    timer.unref();
    worker.once('message', () => clearTimeout(timer));
    worker.postMessage({ id: 0, url: '', host: '' } satisfies PacQuestion);
  }

  #replace(): void {
    this.#drop();
    this.#again();
  }

  #drop(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#abandoned = 0;
    void worker?.terminate();
  }

  #again(): void {
    if (this.#asked.size === 0 || this.#closed) return;
    const worker = this.#start();
    worker.ref();
    for (const asked of this.#asked.values()) {
      clearTimeout(asked.timer);
      asked.timer = undefined;
      worker.postMessage(asked.question);
    }
  }

  #fail(id: number, why: string): void {
    this.#end(id)?.fail(new Error(why));
  }

  #end(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    clearTimeout(asked?.timer);
    // An idle thread does not keep the process alive.
    if (this.#asked.size === 0) this.#worker?.unref();
    return asked;
  }
}

export function scriptTooLong(): Error {
  return problem('bad-pac', 'The PAC script is larger than 1 MiB', { remedy: 'Browsers take no longer one either.' });
}

/** Reads `PROXY a:8080; SOCKS5 b:1080; DIRECT`. What is not understood is left out; nothing left means straight. */
export function parsePacAnswer(answer: string): UpstreamProxy[] {
  const ways: UpstreamProxy[] = [];
  for (const part of String(answer).slice(0, 4096).split(';')) {
    const [, word = '', host = '', port] = /^\s*(\w+)(?:\s+(\[[^\]]+\]|[^\s:]+)(?::(\d+))?)?\s*$/.exec(part) ?? [];
    const kind = PAC_WORDS[word.toUpperCase()];
    if (kind === undefined) continue;
    if (kind === 'direct') ways.push({ kind });
    else if (host !== '') {
      const usual = kind === 'http' ? 80 : kind === 'https' ? 443 : 1080;
      ways.push({ kind, host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? usual : Number(port) });
    }
  }
  return ways.length === 0 ? [{ kind: 'direct' }] : ways;
}

const PAC_WORDS: Readonly<Record<string, 'direct' | 'http' | 'https' | 'socks4' | 'socks5'>> = {
  DIRECT: 'direct',
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
  SOCKS: 'socks4',
  SOCKS4: 'socks4',
  SOCKS5: 'socks5',
};
