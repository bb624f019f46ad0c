import { problem } from '../../model/problem.ts';

/** Body bytes of one side that wait: for a hook, for a connection, or because a hook asked for the whole body. */
export class HeldBody {
  chunks: Buffer[] = [];
  size = 0;
  ended = false;
  trailers: string[] | undefined = undefined;
  /** What a hook wants sent instead. */
  replacement: Buffer | undefined = undefined;
  #waiting: { limit: number; resolve: (body: Buffer) => void; reject: (error: Error) => void } | undefined = undefined;

  /** Someone waits for the whole body: the sender must not be paused. */
  get collecting(): boolean {
    return this.#waiting !== undefined;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.#waiting !== undefined && this.size > this.#waiting.limit) this.#tooLarge(this.#waiting.limit);
  }

  end(trailers: string[] | undefined): void {
    this.ended = true;
    this.trailers = trailers;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(this.#joined());
  }

  fail(reason: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(problem('aborted', reason));
  }

  /** The whole body, once it is there. */
  collect(limit: number): Promise<Buffer> {
    if (this.ended) return this.size > limit ? Promise.reject(tooLarge(limit)) : Promise.resolve(this.#joined());
    return new Promise((resolve, reject) => {
      this.#waiting = { limit, resolve, reject };
      if (this.size > limit) this.#tooLarge(limit);
    });
  }

  /** Hands the waiting chunks out and forgets them. */
  take(): Buffer[] {
    const chunks = this.chunks;
    this.chunks = [];
    this.size = 0;
    return chunks;
  }

  #joined(): Buffer {
    const body = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    if (this.chunks.length > 1) this.chunks = [body];
    return body;
  }

  #tooLarge(limit: number): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(tooLarge(limit));
  }
}

function tooLarge(limit: number): Error {
  return problem('body-too-large', `The body is longer than ${limit} bytes; it passes unchanged`);
}
