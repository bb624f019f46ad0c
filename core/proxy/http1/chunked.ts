import { parseTrailers } from './head.ts';
import { HeadError } from './head-error.ts';

const LINE = 4096;
const OVERLONG = 'chunk longer than announced';

/** Decodes the chunked transfer coding (RFC 9112 section 7.1) from pieces cut anywhere. */
export class ChunkedDecoder {
  /** Trailer fields; set when `done`. */
  trailers: string[] | undefined;
  done = false;

  readonly #lenient: boolean;
  readonly #maxTrailers: number;
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #left = 0;
  #line = '';
  #lines: string[] = [];
  #trailerBytes = 0;

  /**
   * @param lenient accept bare LF, zeros before the size and anything behind it, as some applications send.
   * @param maxTrailers bytes of trailer fields.
   */
  constructor(lenient: boolean, maxTrailers: number) {
    this.#lenient = lenient;
    this.#maxTrailers = maxTrailers;
  }

  /**
   * Takes bytes from `at` on and gives data slices (not copied) to `onData`.
   * @returns the offset of the first byte that is not part of this body.
   * @throws HeadError 400 when the coding is broken.
   */
  feed(bytes: Buffer, at: number, onData: (data: Buffer) => void): number {
    while (at < bytes.length && !this.done) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) this.#state = 'data-end';
        onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        at = end;
        continue;
      }
      const lineFeed = bytes.indexOf(10, at);
      const stop = lineFeed < 0 ? bytes.length : lineFeed;
      this.#line += bytes.toString('latin1', at, stop);
      if (this.#line.length > (this.#state === 'trailer' ? this.#maxTrailers : LINE)) {
        throw new HeadError(400, 'line too long in the chunked body');
      }
      if (this.#state === 'data-end' && this.#line.replace('\r', '') !== '') throw new HeadError(400, OVERLONG);
      if (lineFeed < 0) return bytes.length;
      at = lineFeed + 1;
      this.#endLine();
    }
    return at;
  }

  #endLine(): void {
    let line = this.#line;
    this.#line = '';
    if (line.endsWith('\r')) line = line.slice(0, -1);
    else if (!this.#lenient) throw new HeadError(400, 'bare line feed in the chunked body');
    if (line.includes('\r') || line.includes('\0'))
      throw new HeadError(400, 'stray control character in the chunked body');
    if (this.#state === 'data-end') this.#state = 'size';
    else if (this.#state === 'size') {
      const match =
        // curl reads the digits and skips what follows them; `0x5` would then be an end, and is refused everywhere.
        (
          this.#lenient
            ? /^0*([0-9a-f]{1,13})(?![0-9a-fx]).*$/i
            : /^([0-9a-f]{1,13})(?:[ \t]*;[^\0-\x08\x0a-\x1f\x7f]*)?$/i
        ).exec(line);
      if (match === null) throw new HeadError(400, 'malformed chunk size');
      this.#left = Number.parseInt(match[1] as string, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    } else if (line === '') {
      this.done = true;
      this.trailers = this.#lines.length === 0 ? [] : parseTrailers(this.#lines);
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > this.#maxTrailers) throw new HeadError(431, 'too many trailer fields');
      this.#lines.push(line);
    }
  }
}
