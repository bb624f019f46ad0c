import { factsOf, type HeadFacts, steersMessage } from './facts.ts';

/** Longer heads are not remembered: an idle connection shall not hold much. Characters. */
const LONGEST = 8192;

/**
 * The header lines of the head that was read last on a connection. A line that comes again is not taken apart again, and
 * lines that go on as they came leave as one piece of the received text; most lines of most heads are both.
 */
export class HeadLines {
  /** The list that the head was read into. */
  #list: readonly string[] | undefined = undefined;
  #text = '';
  #count = 0;
  #same = false;
  #facts: HeadFacts | undefined = undefined;
  #copy: readonly string[] | undefined = undefined;
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  readonly #starts: number[] = [];
  /** Complete, with their ends. */
  readonly #lines: string[] = [];
  /** The line is `Name: value` and CRLF, and no field that concerns only one connection. */
  readonly #plain: boolean[] = [];

  /** A head begins; its lines are read into `list`. */
  begin(text: string, list: readonly string[]): void {
    this.#text = text;
    this.#list = text.length > LONGEST ? undefined : list;
    this.#count = 0;
    this.#same = true;
  }

  /** Where the line ends that begins at `at`, when it is the one of the head before; it is then in `list`. Else -1. */
  again(at: number, list: string[]): number {
    const i = this.#count;
    const line = this.#lines[i];
    if (line === undefined || !this.#text.startsWith(line, at)) return -1;
    list.push(this.#names[i] as string, this.#values[i] as string);
    this.#starts[i] = at;
    this.#count++;
    return at + line.length;
  }

  /** A line that was taken apart: from `start` to `end`, its end of line included. */
  add(name: string, value: string, start: number, end: number): void {
    if (this.#list === undefined) return;
    const i = this.#count++;
    const text = this.#text;
    this.#same = false;
    this.#names[i] = name;
    this.#values[i] = value;
    this.#starts[i] = start;
    this.#lines[i] = text.slice(start, end);
    const length = name.length + value.length + 4;
    this.#plain[i] = end - start === length && !steersMessage(name) && text.startsWith(`${name}: ${value}\r\n`, start);
  }

  /** The head is complete. */
  end(): void {
    if (this.#lines.length > this.#count) {
      this.#same = false;
      for (const list of [this.#names, this.#values, this.#starts, this.#lines, this.#plain]) list.length = this.#count;
    }
    if (!this.#same) {
      this.#facts = undefined;
      this.#copy = undefined;
    }
    if (this.#list === undefined) this.#text = '';
  }

  /** What steers framing and connections in a list; computed once for a head that nobody has changed. */
  factsOf(list: readonly string[]): HeadFacts {
    if (!this.#holds(list)) return factsOf(list);
    this.#facts ??= factsOf(list);
    return this.#facts;
  }

  /** A copy of a list, the same one as long as the head comes again; undefined for a list that was changed. */
  copyOf(list: readonly string[]): readonly string[] | undefined {
    if (!this.#holds(list)) return undefined;
    this.#copy ??= list.slice();
    return this.#copy;
  }

  /** Whether this is about a list at all. */
  knows(list: readonly string[]): boolean {
    return this.#list === list;
  }

  /** Whether line `i` is this field, and can go on as it came. */
  passes(i: number, name: string, value: string): boolean {
    return i < this.#count && this.#plain[i] === true && this.#names[i] === name && this.#values[i] === value;
  }

  start(i: number): number {
    return this.#starts[i] as number;
  }

  /** Where line `i` ends. */
  stop(i: number): number {
    return (this.#starts[i] as number) + (this.#lines[i] as string).length;
  }

  /** A piece of the received head. */
  piece(from: number, to: number): string {
    return this.#text.slice(from, to);
  }

  #holds(list: readonly string[]): boolean {
    if (this.#list !== list || list.length !== this.#count * 2) return false;
    for (let i = 0; i < this.#count; i++) {
      if (list[2 * i] !== this.#names[i] || list[2 * i + 1] !== this.#values[i]) return false;
    }
    return true;
  }
}
