import { concat, sameBytes } from '../bytes.ts';
import type { Span } from '../layer.ts';

/**
 * For layers that write each inner byte as a few outer characters of its own (percent, quotes, hex): remembers where
 * each inner byte stands, so that a change rewrites only what lies between the unchanged beginning and end.
 */
class CharMap {
  readonly #outer: Uint8Array;
  readonly #inner: Uint8Array;
  /** Outer offset of each inner byte, and one more for the end. */
  readonly #starts: Uint32Array;

  constructor(outer: Uint8Array, inner: Uint8Array, starts: Uint32Array) {
    this.#outer = outer;
    this.#inner = inner;
    this.#starts = starts;
  }

  outerSpan(inner: Span): Span | undefined {
    const start = this.#starts[inner.start];
    const end = this.#starts[inner.end];
    return start === undefined || end === undefined ? undefined : { start, end };
  }

  /**
   * The outer bytes for new inner ones; `write` says how changed bytes are written. Where old and new characters meet
   * they could read as something else together (`%` left by itself before `41`), so `read` checks the result; if it
   * is not what was meant, everything is written again.
   */
  rewrite(
    next: Uint8Array,
    write: (changed: Uint8Array) => Uint8Array,
    read: (outer: Uint8Array) => Uint8Array,
  ): Uint8Array {
    const made = this.#joined(next, write);
    if (sameBytes(read(made), next)) return made;
    const length = this.#inner.length;
    return concat([this.#outer.subarray(0, this.#starts[0]), write(next), this.#outer.subarray(this.#starts[length])]);
  }

  #joined(next: Uint8Array, write: (changed: Uint8Array) => Uint8Array): Uint8Array {
    const old = this.#inner;
    const most = Math.min(old.length, next.length);
    let head = 0;
    while (head < most && old[head] === next[head]) head++;
    let tail = 0;
    while (tail < most - head && old[old.length - 1 - tail] === next[next.length - 1 - tail]) tail++;
    return concat([
      this.#outer.subarray(0, this.#starts[head]),
      write(next.subarray(head, next.length - tail)),
      this.#outer.subarray(this.#starts[old.length - tail]),
    ]);
  }
}

/** Collects inner bytes with the outer offset of each. */
export class CharMapBuilder {
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  #length = 0;

  /** `most` is the largest possible number of inner bytes. */
  constructor(most: number) {
    this.#bytes = new Uint8Array(most);
    this.#starts = new Uint32Array(most + 1);
  }

  add(byte: number, start: number): void {
    this.#starts[this.#length] = start;
    this.#bytes[this.#length++] = byte;
  }

  finish(outer: Uint8Array, end: number): { inner: Uint8Array; map: CharMap } {
    this.#starts[this.#length] = end;
    const inner = this.#bytes.slice(0, this.#length);
    return { inner, map: new CharMap(outer, inner, this.#starts.slice(0, this.#length + 1)) };
  }
}
