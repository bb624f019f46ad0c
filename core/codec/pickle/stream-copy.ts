import { problem } from '../../model/problem.ts';
import type { Emitter } from './emitter.ts';
import type { PickleNode } from './node.ts';
import { endOfOpcode, memoNumber, unsigned } from './opcodes.ts';
import type { Patch, PatchSet } from './patch-set.ts';
import type { ReaderState } from './reader-state.ts';

const DEEPEST = 300;
const DUP = 0x32;

/**
 * Writes a stream again with some changes. Everything else keeps its bytes, but for what follows from the changes:
 * memo numbers, the lengths of frames, and the place where a value is written out whose first occurrence went away.
 */
export class StreamCopy {
  private readonly r: ReaderState;
  private readonly out: Emitter;
  private readonly patches: PatchSet;
  /** Values written out earlier than the original does, by where the original has them. */
  private readonly moved = new Map<number, PickleNode[]>();
  private readonly writing = new Set<PickleNode>();
  private frame: { readonly lengthAt: number; readonly begins: number; readonly size: number } | undefined;
  private depth = 0;

  constructor(r: ReaderState, out: Emitter, patches: PatchSet) {
    this.r = r;
    this.out = out;
    this.patches = patches;
  }

  /** The whole stream up to STOP, and what follows it. */
  run(): Uint8Array {
    this.range(0, this.r.end, true);
    this.closeFrame(this.r.end);
    this.out.bytes(this.r.bytes.subarray(this.r.end));
    return this.out.take();
  }

  /** A part of the original, changes applied. `top` is false for a value that is written at another place. */
  range(from: number, to: number, top: boolean): void {
    if (++this.depth > DEEPEST) throw cannot('values that were moved are nested too deep');
    let pos = from;
    // What can be copied as it is, from here to `pos`.
    let run = from;
    while (pos < to || (pos === to && top)) {
      if (top && this.frame !== undefined && pos >= this.frame.begins + this.frame.size) {
        this.copy(run, pos);
        run = pos;
        this.closeFrame(pos);
      }
      const here = this.patches.at(pos);
      if (here.length > 0) {
        this.copy(run, pos);
        // Changes of this very place belong to the place in the original, not to a value that is written elsewhere.
        const inner = top || pos > from ? here : here.filter((patch) => patch.end > pos && patch.end < to);
        const end = this.apply(inner, pos, to, top);
        run = end;
        if (end > pos) {
          pos = end;
          continue;
        }
      }
      if (pos >= to) break;
      const end = endOfOpcode(this.r.bytes, pos);
      if (end < 0) throw cannot('an opcode is not known');
      if (this.same(pos, end)) {
        pos = end;
        continue;
      }
      this.copy(run, pos);
      pos = this.token(pos, end, top);
      run = pos;
    }
    this.copy(run, Math.min(pos, to));
    this.depth--;
  }

  private copy(from: number, to: number): void {
    if (to > from) this.out.bytes(this.r.bytes.subarray(from, to));
  }

  /** Whether the opcode keeps its bytes; what it does to the memo is noted. */
  private same(pos: number, end: number): boolean {
    const { bytes, puts, gets } = this.r;
    if (this.moved.size > 0 && this.moved.has(pos)) return false;
    switch (bytes[pos]) {
      case 0x95: // FRAME
        return false;
      case 0x94: // MEMOIZE
        this.out.note(puts?.get(pos));
        return true;
      case 0x70: // PUT
      case 0x71: // BINPUT
      case 0x72: // LONG_BINPUT
        this.out.note(puts?.get(pos), memoNumber(bytes, pos, end));
        return true;
      case 0x67: // GET
      case 0x68: // BINGET
      case 0x6a: // LONG_BINGET
        return this.out.standsAs(gets?.get(pos), memoNumber(bytes, pos, end));
      default:
        return true;
    }
  }

  /** Runs the changes that begin here; gives where the copy goes on. */
  private apply(patches: readonly Patch[], pos: number, to: number, top: boolean): number {
    let end = pos;
    for (const patch of patches) {
      // An insertion at the end of a part that is moved belongs to what follows it.
      if (!top && pos === to && patch.start !== patch.end) continue;
      if (patch.end > patch.start && end > pos) throw cannot('two changes meet at one place');
      patch.write();
      end = Math.max(end, patch.end);
    }
    if (end > pos && top) this.framesWithin(pos, end);
    return end;
  }

  /** An opcode that cannot be copied as it is; gives where the copy goes on. */
  private token(pos: number, end: number, top: boolean): number {
    const { bytes } = this.r;
    if (bytes[pos] === 0x95) {
      if (top) this.openFrame(pos, end, unsigned(bytes, pos + 1, 8));
      return end;
    }
    const early = this.earlyAt(pos);
    if (early !== undefined) {
      this.out.get(early);
      if (top) this.framesWithin(pos, early.end);
      return early.end;
    }
    const node = this.r.gets?.get(pos);
    if (node !== undefined && bytes[pos] !== DUP) this.get(node);
    else this.copy(pos, end);
    return end;
  }

  /** The largest value that begins here and was written out already. */
  private earlyAt(pos: number): PickleNode | undefined {
    let found: PickleNode | undefined;
    for (const node of this.moved.get(pos) ?? []) {
      if (this.writing.has(node) || !this.out.has(node)) continue;
      if (found === undefined || node.end > found.end) found = node;
    }
    return found;
  }

  private get(node: PickleNode): void {
    if (this.out.has(node)) {
      this.out.get(node);
      return;
    }
    // The place that wrote the value out is gone or comes later now, so it is written out here.
    if (node.start < 0 || this.writing.has(node)) throw cannot('a value contains itself where it is no longer made');
    this.writing.add(node);
    this.moved.set(node.start, [...(this.moved.get(node.start) ?? []), node]);
    this.range(node.start, node.end, false);
    this.writing.delete(node);
    if (!this.out.has(node)) this.out.put(node);
  }

  /** FRAME opcodes inside a part that is left out still begin their frames. */
  private framesWithin(from: number, to: number): void {
    if (!this.r.framed) return;
    for (let pos = from; pos < to; ) {
      const end = endOfOpcode(this.r.bytes, pos);
      if (end < 0) return;
      if (this.r.bytes[pos] === 0x95) this.openFrame(pos, end, unsigned(this.r.bytes, pos + 1, 8));
      pos = end;
    }
  }

  private openFrame(pos: number, begins: number, size: number): void {
    this.closeFrame(pos);
    this.out.byte(0x95);
    this.frame = { lengthAt: this.out.size, begins, size };
    this.out.uint(0, 8);
  }

  /** The length changes by as much as the content did, so that an odd one stays as odd as it was. */
  private closeFrame(pos: number): void {
    if (this.frame === undefined) return;
    const { lengthAt, begins, size } = this.frame;
    const grown = this.out.size - lengthAt - 8 - (pos - begins);
    this.out.patch(lengthAt, Math.max(0, size + grown), 8);
    this.frame = undefined;
  }
}

/** Only tells the caller to write the value again; never reaches a user. */
export function cannot(why: string): Error {
  return problem('pickle-not-in-place', `The change cannot be made in place: ${why}`);
}
