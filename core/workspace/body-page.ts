import type { Piece } from './slabs.ts';
import type { BodiesData } from './writes.ts';

/** Bodies in a page, and bytes after which it is full: what is given up when the disk takes nothing goes page by page. */
const MOST_BODIES = 500;
const MOST_BYTES = 1 << 20;

/** Bodies that wait to be written together: hundreds of small ones cost little more than one. */
export class BodyPage {
  readonly #bodies = new Map<string, readonly Piece[]>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#bodies.size;
  }

  get isFull(): boolean {
    return this.#bodies.size >= MOST_BODIES || this.#bytes >= MOST_BYTES;
  }

  add(ref: string, pieces: readonly Piece[], bytes: number): void {
    this.#bodies.set(ref, pieces);
    this.#bytes += bytes;
  }

  has(ref: string): boolean {
    return this.#bodies.has(ref);
  }

  /** A copy of a body's bytes; undefined when it is not in this page. */
  read(ref: string): Uint8Array | undefined {
    const pieces = this.#bodies.get(ref);
    if (pieces === undefined) return undefined;
    const bytes = new Uint8Array(pieces.reduce((sum, { from, to }) => sum + to - from, 0));
    let at = 0;
    for (const { buffer, from, to } of pieces) {
      bytes.set(new Uint8Array(buffer, from, to - from), at);
      at += to - from;
    }
    return bytes;
  }

  /** Takes a body out that need not be written any more; gives its pieces. */
  remove(ref: string): readonly Piece[] {
    const pieces = this.#bodies.get(ref) ?? [];
    this.#bodies.delete(ref);
    for (const { from, to } of pieces) this.#bytes -= to - from;
    return pieces;
  }

  *pieces(): Generator<Piece> {
    for (const pieces of this.#bodies.values()) yield* pieces;
  }

  /** What the writing thread is given: where the bytes lie. */
  data(): BodiesData {
    const buffers: SharedArrayBuffer[] = [];
    const numbers = new Map<SharedArrayBuffer, number>();
    const counts = new Int32Array(this.#bodies.size);
    const places: number[] = [];
    let i = 0;
    for (const pieces of this.#bodies.values()) {
      counts[i++] = pieces.length;
      for (const { buffer, from, to } of pieces) {
        let number = numbers.get(buffer);
        if (number === undefined) {
          numbers.set(buffer, (number = buffers.length));
          buffers.push(buffer);
        }
        places.push(number, from, to);
      }
    }
    return { refs: [...this.#bodies.keys()].join('\n'), counts, places: Int32Array.from(places), buffers };
  }
}
