import { ChunkedDecoder } from './chunked.ts';
import type { Framing } from './facts.ts';
import { END_OF_HEAD, type ParsedRequest, parseRequestHead } from './head.ts';
import { HeadError } from './head-error.ts';
import { HeadLines } from './head-lines.ts';

/** Bounds on a request's head: bytes and fields. */
export interface HeadLimits {
  readonly headBytes: number;
  readonly headerCount: number;
}

const NOTHING = Buffer.alloc(0);

/** Takes requests, one after the other, from bytes that are cut anywhere. No I/O: what it reads it gives back. */
export class RequestReader {
  /** Trailer fields of a chunked body; set when `body` has given its end. */
  trailers: string[] | undefined = undefined;
  /** The lines of the head that was read last. */
  readonly lines = new HeadLines();
  readonly #limits: HeadLimits;
  readonly #onBody: (chunk: Buffer) => void;
  #input: Buffer | undefined = undefined;
  /** Bytes of the body that are still to come; not for a chunked one. */
  #left = 0;
  #decoder: ChunkedDecoder | undefined = undefined;

  /** @param onBody gets slices of the input, not copied. */
  constructor(limits: HeadLimits, onBody: (chunk: Buffer) => void) {
    this.#limits = limits;
    this.#onBody = onBody;
  }

  /** Bytes that were pushed and not used yet. */
  get waiting(): number {
    return this.#input === undefined ? 0 : this.#input.length;
  }

  push(bytes: Buffer): void {
    this.#input = this.#input === undefined ? bytes : Buffer.concat([this.#input, bytes]);
  }

  /** Hands out what was not used, and forgets it. */
  take(): Buffer {
    const rest = this.#input ?? NOTHING;
    this.#input = undefined;
    return rest;
  }

  /**
   * The next head, once it is complete. Empty lines before it are skipped (RFC 9112 section 2.2).
   * @throws HeadError 400, 431 or 505.
   */
  head(): ParsedRequest | undefined {
    const bytes = this.#input;
    if (bytes === undefined) return undefined;
    const { headBytes, headerCount } = this.#limits;
    let start = 0;
    while (start < bytes.length && (bytes[start] === 13 || bytes[start] === 10)) start++;
    const end = bytes.indexOf(END_OF_HEAD, start);
    if ((end < 0 ? bytes.length : end) - start > headBytes) throw new HeadError(431, 'the request head is too long');
    if (end < 0) {
      if (start === bytes.length) this.#input = undefined;
      else if (bytes.indexOf('\n\n', start) >= 0) throw new HeadError(400, 'bare line feeds in the head');
      return undefined;
    }
    const request = parseRequestHead(bytes.toString('latin1', start, end + 2), headerCount, this.lines);
    this.#input = end + 4 === bytes.length ? undefined : bytes.subarray(end + 4);
    return request;
  }

  /** The head just read is followed by a body of this framing; `body` reads it. */
  expect(framing: Framing): void {
    this.trailers = undefined;
    this.#left = framing.kind === 'length' ? framing.length : 0;
    this.#decoder = framing.kind === 'chunked' ? new ChunkedDecoder(false, this.#limits.headBytes) : undefined;
  }

  /**
   * Gives what is there of the body to `onBody`.
   * @returns whether the body is complete.
   * @throws HeadError when the chunked coding is broken.
   */
  body(): boolean {
    const bytes = this.#input;
    if (bytes === undefined) return this.#decoder === undefined && this.#left === 0;
    this.#input = undefined;
    if (this.#decoder !== undefined) {
      const decoder = this.#decoder;
      const end = decoder.feed(bytes, 0, this.#onBody);
      if (end < bytes.length) this.#input = bytes.subarray(end);
      if (!decoder.done) return false;
      this.trailers = decoder.trailers;
      this.#decoder = undefined;
      return true;
    }
    const end = Math.min(bytes.length, this.#left);
    this.#left -= end;
    if (end < bytes.length) this.#input = bytes.subarray(end);
    this.#onBody(end === bytes.length ? bytes : bytes.subarray(0, end));
    return this.#left === 0;
  }
}
