import type { Readable, Writable } from 'node:stream';
import { problem } from '../model/problem.ts';

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** An event of the browser: of a page when it has a `sessionId`, else of the browser itself. */
export interface CdpEvent {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly sessionId?: string;
}

/**
 * Commands of the Chrome DevTools Protocol over the two pipes of `--remote-debugging-pipe`: JSON messages, each ended
 * by a zero byte. No port is opened, so nobody else on the machine can join.
 */
export class CdpPipe {
  readonly #toBrowser: Writable;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #chunks: Buffer[] = [];
  #closed: Error | undefined;
  readonly #listeners = new Set<(event: CdpEvent) => void>();

  constructor(toBrowser: Writable, fromBrowser: Readable) {
    this.#toBrowser = toBrowser;
    fromBrowser.on('data', (chunk: Buffer) => this.#take(chunk));
    const gone = () => this.#end(problem('browser-gone', 'The browser was closed'));
    fromBrowser.on('close', gone);
    fromBrowser.on('error', gone);
    toBrowser.on('error', gone);
  }

  /**
   * Sends one command, to the browser itself or to an attached page.
   * @throws ProblemError `browser-refused` with the browser's own words; `browser-gone` when it ended meanwhile.
   */
  send<T>(method: string, params: Record<string, unknown> = {}, sessionId?: string): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: (result) => resolve(result as T), reject });
      const message = JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) });
      this.#toBrowser.write(`${message}\0`);
    });
  }

  /** Notifies of every event of the domains that were enabled, in order. @returns a function that stops it. */
  onEvent(listener: (event: CdpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
      const text = Buffer.concat([...this.#chunks, chunk.subarray(start, end)]).toString('utf8');
      this.#chunks = [];
      start = end + 1;
      this.#message(text);
    }
    if (start < chunk.length) this.#chunks.push(chunk.subarray(start));
  }

  #message(text: string): void {
    const message = JSON.parse(text) as { id?: number; result?: unknown; error?: { message: string } } & CdpEvent;
    if (message.id === undefined) {
      for (const listener of this.#listeners) listener(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error === undefined) pending?.resolve(message.result);
    else pending?.reject(problem('browser-refused', `The browser refused: ${message.error.message}`));
  }

  #end(error: Error): void {
    this.#closed ??= error;
    for (const pending of this.#pending.values()) pending.reject(this.#closed);
    this.#pending.clear();
  }
}
