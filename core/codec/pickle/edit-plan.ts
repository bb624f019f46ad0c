import type { Edit } from '../../model/path.ts';
import type { TypedNode } from '../../model/typed.ts';
import type { StreamDialect } from './dialect.ts';
import type { Emitter } from './emitter.ts';
import {
  entriesHolder,
  groupOf,
  groupsOf,
  isMapping,
  isTracked,
  membersHolder,
  occurrenceIn,
  occurrencesOf,
  pairPlace,
  sourceOf,
} from './fillings.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import { endOf, type Occurrence, stepDown, valueIndex } from './occurrence.ts';
import { endOfOpcode, memoNumber } from './opcodes.ts';
import { PatchSet } from './patch-set.ts';
import type { ReaderState } from './reader-state.ts';
import { occurrenceAt } from './spans.ts';
import { cannot, StreamCopy } from './stream-copy.ts';
import { ValueWriter } from './value-writer.ts';

/** Opcodes that make the container with its members; without members they stay. */
const MAKERS = new Set([0x6c, 0x64, 0x74, 0x91]);
const APPEND = 0x61;
const SETITEM = 0x73;
const TUPLE = 0x74;

/** Turns edits with full paths into changes of the stream. Throws kind `pickle-not-in-place` where it cannot. */
export class EditPlan {
  readonly patches = new PatchSet();
  private readonly copy: StreamCopy;
  private readonly r: ReaderState;
  private readonly out: Emitter;
  private readonly dialect: StreamDialect;
  /** How many items each container loses and gains, to choose the opcode of a tuple and drop an empty group. */
  private readonly removed = new Map<PickleNode, Set<number>>();
  private readonly added = new Map<PickleNode, number>();

  constructor(r: ReaderState, out: Emitter, dialect: StreamDialect) {
    this.r = r;
    this.out = out;
    this.dialect = dialect;
    this.copy = new StreamCopy(r, out, this.patches);
  }

  run(edits: readonly Edit[]): Uint8Array {
    for (const edit of edits) this.add(edit);
    for (const holder of new Set([...this.removed.keys(), ...this.added.keys()])) this.settle(holder);
    return this.copy.run();
  }

  private add(edit: Edit) {
    switch (edit.op) {
      case 'set':
        return this.set(edit);
      case 'rename': {
        const { holder, index } = this.placeOf(edit.path);
        const key = occurrenceIn(holder, index - 1);
        return this.replace(key, edit.key, true);
      }
      case 'delete': {
        const place = this.placeOf(edit.path);
        const { holder, index } = pairPlace(place.holder, place.index);
        return this.remove(holder, index);
      }
      case 'insert':
        return this.insert(edit);
      case 'move': {
        const place = this.placeOf(edit.path);
        const { holder, index } = pairPlace(place.holder, place.index);
        const step = isMapping(holder) ? 2 : 1;
        const first = index - (step - 1);
        const rest = (holder.items?.length ?? 0) / step - 1;
        const to = Math.min(edit.to, rest) * step;
        const anchor = to >= first ? to + step : to;
        const parts = Array.from({ length: step }, (_, k) => occurrenceIn(holder, first + k));
        if (anchor === first || anchor === first + step) return;
        this.remove(holder, index);
        this.insertAt(holder, anchor, () => {
          for (const part of parts) this.copy.range(part.start, endOf(this.r, part), false);
        });
      }
    }
  }

  private set(edit: Extract<Edit, { op: 'set' }>) {
    if (edit.path.length === 0) {
      const write = (): void => this.write(edit.value, undefined);
      return this.patches.add(this.r.rootStart, this.r.end - 1, write);
    }
    const found = occurrenceAt(this.r, edit.path);
    if (found === undefined || found.start < 0) throw cannot('the value has no bytes of its own');
    const tracked = found.node.kind >= K.FIRST_TRACKED && found.node.typed !== undefined && isTracked(found.node.typed);
    if (edit.occurrences !== 'all' || found.node.uses === 0 || !tracked) return this.replace(found, edit.value, false);
    const writer = this.writer(undefined);
    const key = {};
    for (const place of occurrencesOf(this.r, found.node)) {
      this.patches.add(place.start, endOf(this.r, place), () => {
        if (this.out.has(key)) return this.out.get(key);
        writer.define(edit.value);
        writer.save(edit.value);
        if (isTracked(edit.value)) this.out.put(key);
      });
    }
  }

  private replace(place: Occurrence, value: TypedNode, asKey: boolean) {
    const end = endOf(this.r, place);
    this.patches.add(place.start, end, () => {
      this.out.lend(this.unusedNumbers(place.start, end));
      this.write(value, this.r.bytes[place.start], asKey);
      this.out.lend([]);
    });
  }

  /** The memo numbers that a part of the stream gives to values that are never taken from the memo. */
  private unusedNumbers(start: number, end: number): number[] {
    const { bytes, puts } = this.r;
    const numbers: number[] = [];
    for (let pos = start; pos < end && this.out.form !== 'memoize'; ) {
      const next = endOfOpcode(bytes, pos);
      if (next < 0) break;
      const node = puts?.get(pos);
      // A part that is used elsewhere is written out there, with all its numbers.
      if (node !== undefined && node.uses > 0) return [];
      if (node !== undefined && bytes[pos] !== 0x94) numbers.push(memoNumber(bytes, pos, next));
      pos = next;
    }
    return numbers;
  }

  /** Writes a new value in the manner of the stream; a text as the one that stood there (`like`) was written. */
  private write(value: TypedNode, like: number | undefined, asKey = false): void {
    const writer = this.writer(like);
    writer.define(value);
    if (asKey) writer.key(value);
    else writer.save(value);
  }

  private writer(like: number | undefined): ValueWriter {
    const unicode = like === 0x56 || like === 0x58;
    return new ValueWriter(this.out, unicode ? { ...this.dialect, texts: 'unicode' } : this.dialect);
  }

  private placeOf(path: Edit['path']): { holder: PickleNode; index: number } {
    const found = occurrenceAt(this.r, path);
    if (found?.holder === undefined || found.index === undefined) throw cannot('the value is no member of a container');
    return { holder: sourceOf(found.holder), index: found.index };
  }

  private remove(holder: PickleNode, index: number) {
    const mapping = isMapping(holder);
    for (const k of mapping ? [index - 1, index] : [index]) {
      const place = occurrenceIn(holder, k);
      this.patches.add(place.start, endOf(this.r, place), () => {});
    }
    const gone = this.removed.get(holder) ?? new Set();
    gone.add(index);
    if (mapping) gone.add(index - 1);
    this.removed.set(holder, gone);
    const group = groupOf(holder, index);
    if (group.markAt >= 0 || this.isTuple(holder)) return;
    const empty = holder.start < 0 && gone.size === (holder.items?.length ?? 0) && !this.added.has(holder);
    const nothing = mapping ? [0x28, 0x75] : [0x28, 0x65];
    this.patches.add(group.opcodeAt, group.opcodeAt + 1, () => (empty ? this.out.bytes(nothing) : undefined));
  }

  private insert(edit: Extract<Edit, { op: 'insert' }>) {
    const last = edit.path[edit.path.length - 1];
    const parent = occurrenceAt(this.r, edit.path.slice(0, -1));
    if (last === undefined || last.kind === 'part' || parent === undefined) throw cannot('there is no container');
    const member = stepDown(this.r, parent, last);
    if (last.kind === 'key') {
      const found = entriesHolder(parent.node);
      if (found === undefined || valueIndex(this.r, found, last.key) !== undefined) throw cannot('no mapping');
      const holder = sourceOf(found);
      return this.insertAt(holder, holder.items?.length ?? 0, () => {
        this.write(last.key, undefined, true);
        this.write(edit.value, undefined);
      });
    }
    const holder = member?.holder ?? membersHolder(parent.node);
    if (holder === undefined) throw cannot('there is no list');
    this.insertAt(sourceOf(holder), last.index, () => this.write(edit.value, undefined));
  }

  /** Writes one more item (or pair) before item `index`. */
  private insertAt(holder: PickleNode, index: number, write: () => void) {
    this.added.set(holder, (this.added.get(holder) ?? 0) + 1);
    const items = holder.items ?? [];
    const groups = groupsOf(holder);
    const tuple = this.isTuple(holder);
    const last = groups[groups.length - 1];
    const opcode = isMapping(holder) ? SETITEM : APPEND;
    if (last === undefined) {
      if (holder.start < 0) throw cannot('the container has no bytes of its own');
      const bytes = holder.kind === K.SET ? [0x28, 0x90] : [opcode];
      return this.patches.add(holder.end, holder.end, () => {
        if (bytes.length === 2) this.out.byte(0x28);
        write();
        this.out.byte(bytes[bytes.length - 1] as number);
      });
    }
    const before = index < items.length ? groupOf(holder, index) : undefined;
    if (before !== undefined) {
      const at = holder.starts?.[index] as number;
      return this.patches.add(
        at,
        at,
        () => {
          write();
          if (before.markAt < 0 && !tuple) this.out.byte(this.r.bytes[before.opcodeAt] as number);
        },
        0,
      );
    }
    if (last.markAt >= 0 || tuple) return this.patches.add(last.opcodeAt, last.opcodeAt, write, 0);
    this.patches.add(
      last.opcodeAt + 1,
      last.opcodeAt + 1,
      () => {
        write();
        this.out.byte(this.r.bytes[last.opcodeAt] as number);
      },
      0,
    );
  }

  /** After all edits: the opcode of a tuple follows its length; a filling without items goes. */
  private settle(holder: PickleNode) {
    const gone = this.removed.get(holder) ?? new Set<number>();
    const added = this.added.get(holder) ?? 0;
    if (this.isTuple(holder)) return this.settleTuple(holder, (holder.items?.length ?? 0) - gone.size + added);
    // An instance that loses all its members keeps an empty filling, which tells what kind of object it is.
    if (added > 0 || (holder.start < 0 && gone.size === (holder.items?.length ?? 0))) return;
    for (const group of groupsOf(holder)) {
      if (group.count === 0 || group.markAt < 0 || MAKERS.has(this.r.bytes[group.opcodeAt] as number)) continue;
      let all = true;
      for (let i = group.first; i < group.first + group.count; i++) if (!gone.has(i)) all = false;
      if (!all) continue;
      this.patches.add(group.markAt, group.markAt + 1, () => {});
      this.patches.add(group.opcodeAt, group.opcodeAt + 1, () => {});
    }
  }

  private settleTuple(tuple: PickleNode, size: number) {
    const [group] = groupsOf(tuple);
    if (group === undefined) throw cannot('the tuple has no opcode of its own');
    const opcode = this.r.bytes[group.opcodeAt];
    if (opcode === TUPLE) return;
    const wanted = size === 0 ? 0x29 : size <= 3 && this.dialect.protocol >= 2 ? 0x84 + size : TUPLE;
    if (wanted === TUPLE) this.patches.add(tuple.start, tuple.start, () => this.out.byte(0x28), -1);
    this.patches.add(group.opcodeAt, group.opcodeAt + 1, () => this.out.byte(wanted), 2);
  }

  private isTuple(holder: PickleNode): boolean {
    return holder.kind === K.TUPLE;
  }
}
