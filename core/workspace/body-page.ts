import type { GatheredWrite } from './batch.ts';
import type { BodiesData, Write } from './writes.ts';

/** Bytes of one body: parts of buffers that are not written to any more. */
export interface Piece {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Bodies in a page, and bytes after which it is full: what is given up when the disk takes nothing goes page by page. */
const MOST_BODIES = 500;
const MOST_BYTES = 1 << 20;

/** Bodies that wait to be written together: hundreds of small ones cost little more than one. */
export class BodyPage implements GatheredWrite {
  readonly #refs: string[] = [];
  readonly #lengths: number[] = [];
  readonly #pieces: Piece[] = [];
  #bytes = 0;

  get changes(): number {
    return this.#refs.length;
  }

  write(): Write {
    return ['bodies', this.data()];
  }

  get isFull(): boolean {
    return this.#refs.length >= MOST_BODIES || this.#bytes >= MOST_BYTES;
  }

  add(ref: string, pieces: readonly Piece[], bytes: number): void {
    this.#refs.push(ref);
    this.#lengths.push(bytes);
    this.#pieces.push(...pieces);
    this.#bytes += bytes;
  }

  /** Asked seldom, so that a walk is better than an index that is kept all the time. */
  has(ref: string): boolean {
    return this.#refs.includes(ref);
  }

  data(): BodiesData {
    const bytes = new Uint8Array(this.#bytes);
    let at = 0;
    for (const { buffer, from, to } of this.#pieces) at += buffer.copy(bytes, at, from, to);
    return { refs: this.#refs.join('\n'), lengths: Int32Array.from(this.#lengths), bytes };
  }
}
