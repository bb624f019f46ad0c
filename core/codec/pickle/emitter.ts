import { problem } from '../../model/problem.ts';

const FRAME_TARGET = 64 * 1024;
const FRAME_HEADER = 9;
const FRAME_LEAST = 4;
/** Memo numbers are slots of a list here. */
const MOST_SLOTS = 4_000_000;
const UNUSED = Symbol('unused');
/** Most room that is kept for the next stream. */
const MOST_ROOM = 64 * 1024;

/** Room of the last finished stream: making it again costs as much as writing a small session. */
let spareRoom: Uint8Array<ArrayBuffer> | undefined;

/** How a stream puts values in the memo: MEMOIZE counts by itself, BINPUT names a byte or four, PUT is text. */
export type MemoForm = 'memoize' | 'binary' | 'text';

/**
 * Output of one pickle: bytes, the memo and the frames. A memo entry is known by any object or text of the caller
 * (`key`), so that numbers can be given late.
 */
export class Emitter {
  readonly form: MemoForm;
  /** Begin a frame with the first byte after the header and close it at 64 KB, as CPython does. */
  private framing = false;
  private frameStart = -1;
  private out: Uint8Array<ArrayBuffer>;
  private length = 0;
  private readonly numbers = new Map<unknown, number>();
  private readonly slots: unknown[] = [];
  /** Slots in use; what MEMOIZE counts. */
  private used = 0;
  private spare: number[] = [];
  /** First number for new entries of the explicit forms. */
  private next: number;

  constructor(form: MemoForm, next = 0) {
    this.form = form;
    this.next = next;
    this.out = spareRoom ?? new Uint8Array(1024);
    spareRoom = undefined;
  }

  get size(): number {
    return this.length;
  }

  /** The finished bytes. Nothing can be written after it. */
  take(): Uint8Array {
    this.closeFrame();
    const taken = this.out.slice(0, this.length);
    if (this.out.length <= MOST_ROOM) spareRoom = this.out;
    this.out = new Uint8Array(0);
    return taken;
  }

  frames(on: boolean): void {
    this.framing = on;
  }

  byte(value: number): void {
    this.open();
    this.room(1);
    this.out[this.length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    this.open();
    this.room(values.length);
    this.out.set(values, this.length);
    this.length += values.length;
  }

  /** An opcode with the length of an ASCII text in `width` bytes, and the text. */
  asciiCounted(opcode: number, width: 1 | 4, text: string): void {
    if (this.framing && text.length >= FRAME_TARGET) {
      this.counted(
        [opcode, ...lengthBytes(text.length, width)],
        Uint8Array.from(text, (unit) => unit.charCodeAt(0)),
      );
      return;
    }
    this.open();
    const length = text.length;
    this.room(length + 5);
    const { out } = this;
    let at = this.length;
    out[at++] = opcode;
    out[at++] = length & 255;
    if (width === 4) {
      out[at++] = (length >> 8) & 255;
      out[at++] = (length >> 16) & 255;
      out[at++] = length >>> 24;
    }
    for (let i = 0; i < length; i++) out[at++] = text.charCodeAt(i);
    this.length = at;
  }

  ascii(text: string): void {
    this.open();
    this.room(text.length);
    for (let i = 0; i < text.length; i++) this.out[this.length++] = text.charCodeAt(i);
  }

  /** Little-endian number of `size` bytes. */
  uint(value: number, size: number): void {
    this.open();
    this.room(size);
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.out[this.length++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** An opcode with its counted bytes. From 64 KB on CPython writes it outside of any frame. */
  counted(header: readonly number[], payload: Uint8Array): void {
    const outside = this.framing && payload.length >= FRAME_TARGET;
    if (outside) {
      this.closeFrame();
      this.framing = false;
    }
    this.bytes(header);
    this.bytes(payload);
    if (outside) this.framing = true;
  }

  /** Between two values: a frame that has reached its size ends here. */
  boundary(): void {
    if (this.frameStart >= 0 && this.length - this.frameStart - FRAME_HEADER >= FRAME_TARGET) this.closeFrame();
  }

  has(key: unknown): boolean {
    return this.numbers.has(key);
  }

  /** Puts what was just written in the memo, under a new number; without a key it is never taken out. */
  put(key: unknown): void {
    const number = this.form === 'memoize' ? this.used : (this.spare.shift() ?? this.next++);
    this.enter(key, number);
    if (this.form === 'memoize') this.byte(0x94);
    else this.indexed(0x71, 0x72, 0x70, number);
  }

  /** Numbers that new entries take first: those of a value that is replaced. */
  lend(numbers: readonly number[]): void {
    this.spare = [...numbers];
  }

  /** A memo opcode of the original was or will be copied: MEMOIZE without a number, any other with its own. */
  note(key: unknown, number = this.used): void {
    this.enter(key, number);
  }

  /** Whether a value stands in the memo under just this number. */
  standsAs(key: unknown, number: number): boolean {
    return this.slots[number] === key;
  }

  /** Takes a value from the memo. */
  get(key: unknown): void {
    const number = this.numbers.get(key);
    if (number === undefined || this.slots[number] !== key) {
      throw problem('pickle-memo', 'A memo entry of the stream is used where it no longer stands');
    }
    this.indexed(0x68, 0x6a, 0x67, number);
  }

  /** Overwrites a little-endian number written before. */
  patch(at: number, value: number, size: number): void {
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.out[at + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  private enter(key: unknown, number: number): void {
    if (number > MOST_SLOTS) throw problem('pickle-memo', 'A memo number of the stream is too large');
    while (this.slots.length <= number) this.slots.push(UNUSED);
    if (this.slots[number] === UNUSED) this.used++;
    this.slots[number] = key;
    if (key !== undefined) this.numbers.set(key, number);
  }

  private indexed(short: number, long: number, text: number, number: number): void {
    if (this.form === 'text') {
      this.byte(text);
      this.ascii(`${number}\n`);
    } else if (number < 256) {
      this.byte(short);
      this.byte(number);
    } else {
      this.byte(long);
      this.uint(number, 4);
    }
  }

  private open(): void {
    if (!this.framing || this.frameStart >= 0) return;
    this.room(FRAME_HEADER);
    this.frameStart = this.length;
    this.length += FRAME_HEADER;
  }

  private closeFrame(): void {
    if (this.frameStart < 0) return;
    const start = this.frameStart;
    const size = this.length - start - FRAME_HEADER;
    this.frameStart = -1;
    if (size >= FRAME_LEAST) {
      this.out[start] = 0x95;
      this.patch(start + 1, size, 8);
    } else {
      this.out.copyWithin(start, start + FRAME_HEADER, this.length);
      this.length -= FRAME_HEADER;
    }
  }

  private room(more: number): void {
    if (this.length + more <= this.out.length) return;
    const grown = new Uint8Array(Math.max(this.out.length * 2, this.length + more));
    grown.set(this.out.subarray(0, this.length));
    this.out = grown;
  }
}

function lengthBytes(length: number, width: number): number[] {
  return Array.from({ length: width }, (_, i) => (length >>> (8 * i)) & 255);
}
