import { KNOWN_SET_LIKE } from './known.ts';
import type { FullLimits } from './limits.ts';
import * as K from './node.ts';
import { moreOf, PickleNode, textNode } from './node.ts';
import { longOf } from './number-text.ts';
import type { PickleOptions } from './options.ts';
import { type PythonException, type Refusal, refuse } from './refusal.ts';
import { asciiView } from './text.ts';

/** Memo indexes above this make CPython ask for more than 2 GB. */
const PYTHON_MEMO = 2 ** 27;

/** Stack, marks and memo of one reading, and what the opcodes do with them. Errors are those of CPython's C unpickler. */
export class ReaderState {
  readonly bytes: Uint8Array;
  readonly options: PickleOptions;
  readonly limits: FullLimits;
  readonly stack: PickleNode[] = [];
  /** Where in the stream each value of the stack begins (of a memo use: the use). */
  readonly starts: number[] = [];
  /** Values below this height are behind the topmost mark. */
  fence = 0;
  lastMarkAt = -1;
  readonly memo: (PickleNode | undefined)[] = [];
  farMemo: Map<number, PickleNode> | undefined;
  memoCount = 0;
  memoFull = false;
  /** As the last PROTO says, for the mapping of names; and the highest one seen. */
  protocol = 0;
  highest = 0;
  framed = false;
  root: PickleNode | undefined;
  rootStart = 0;
  /** The limit that ended the reading before STOP. */
  stopped: string | undefined;
  /** Offset after STOP. */
  end = 0;
  pos = 0;
  /** When the reading began, by the clock of the limits. */
  readonly started: number;
  /** The first thing that `pickle.loads` refuses although it can be shown. */
  refusal: Refusal | undefined;
  /** Names in order of the stream, for the analysis of dangers. */
  readonly globals: PickleNode[] = [];
  /** Calls in order of the stream: what is made by REDUCE, NEWOBJ, OBJ, INST. */
  readonly calls: PickleNode[] = [];
  /** Objects that got a state by BUILD: the object and the offset of the opcode. */
  readonly builds: { readonly node: PickleNode; readonly at: number }[] = [];
  /** For editing: values by the offset of the opcode that puts them in the memo or takes them out. */
  readonly puts: Map<number, PickleNode> | undefined;
  readonly gets: Map<number, PickleNode> | undefined;
  readonly record: boolean;
  private view: string | undefined;
  readonly marks: number[] = [];
  private readonly markAt: number[] = [];

  constructor(bytes: Uint8Array, options: PickleOptions, limits: FullLimits, record: boolean) {
    this.bytes = bytes;
    this.options = options;
    this.limits = limits;
    this.record = record;
    this.started = limits.now();
    this.puts = record ? new Map() : undefined;
    this.gets = record ? new Map() : undefined;
  }

  /** The stream as text, one unit for each byte; its ASCII parts are cut out of it instead of being decoded one by one. */
  get text(): string {
    this.view ??= asciiView(this.bytes);
    return this.view;
  }

  /** Whether the time of the limits is over. */
  get late(): boolean {
    return this.limits.now() - this.started > this.limits.milliseconds;
  }

  push(node: PickleNode, start: number): void {
    this.stack.push(node);
    this.starts.push(start);
  }

  pop(at: number): PickleNode {
    if (this.stack.length <= this.fence) throw this.underflow(at);
    this.starts.pop();
    return this.stack.pop() as PickleNode;
  }

  underflow(at: number): Error {
    const message = this.marks.length > 0 ? 'unexpected MARK found' : 'unpickling stack underflow';
    return refuse('UnpicklingError', message, at);
  }

  mark(at: number): void {
    this.fence = this.stack.length;
    this.marks.push(this.fence);
    this.markAt.push(at);
  }

  /** Takes the topmost mark away and gives its height; `lastMarkAt` is its offset in the stream. */
  popMark(at: number): number {
    const mark = this.marks.pop();
    if (mark === undefined) throw refuse('UnpicklingError', 'could not find MARK', at);
    this.lastMarkAt = this.markAt.pop() as number;
    this.fence = this.marks.length > 0 ? (this.marks[this.marks.length - 1] as number) : 0;
    return mark;
  }

  /** POP takes a mark away when nothing stands above it. */
  popValueOrMark(at: number): void {
    if (this.marks.length > 0 && this.marks[this.marks.length - 1] === this.stack.length) this.popMark(at);
    else this.pop(at);
  }

  cut(height: number): void {
    const { stack, starts } = this;
    if (stack.length - height > 32) {
      stack.length = height;
      starts.length = height;
      return;
    }
    // Setting a length makes V8 give memory back that the next values need again.
    while (stack.length > height) {
      stack.pop();
      starts.pop();
    }
  }

  define(index: number, node: PickleNode, at: number): void {
    if (index > PYTHON_MEMO) this.note('MemoryError', `memo index ${index}`, at);
    if (this.memoCount >= this.limits.memo) {
      this.memoFull = true;
      return;
    }
    // Indexes with wide gaps: a list as long as the highest one would take far more memory than the stream.
    if (index >= this.memo.length && index > 2 * this.memoCount + 4096) {
      this.farMemo ??= new Map();
      if (!this.farMemo.has(index)) this.memoCount++;
      this.farMemo.set(index, node);
    } else {
      while (this.memo.length < index) this.memo.push(undefined);
      if (this.memo[index] === undefined && !this.farMemo?.has(index)) this.memoCount++;
      this.memo[index] = node;
      this.farMemo?.delete(index);
    }
    this.puts?.set(at, node);
  }

  fetch(index: number, at: number): PickleNode {
    const node = this.memo[index] ?? this.farMemo?.get(index);
    if (node === undefined) {
      if (!this.memoFull) throw refuse('UnpicklingError', `Memo value not found at index ${index}`, at);
      const limit = textNode(K.LIMIT, at, at, 'memo');
      moreOf(limit).name = `More than ${this.limits.memo} values in the memo`;
      return limit;
    }
    node.uses++;
    this.gets?.set(at, node);
    return node;
  }

  /** A refusal of `pickle.loads` that does not keep the value from being shown. The first one counts. */
  note(exception: PythonException, message: string, at: number): void {
    if (this.refusal === undefined || at < this.refusal.at) this.refusal = { exception, message, at };
  }

  /** A tuple of what stands above `from`. */
  tuple(start: number, end: number, from: number, markAt: number): PickleNode {
    const node = new PickleNode(K.TUPLE, start, end, 0, 0);
    const items = this.stack.slice(from);
    node.items = items;
    node.starts = this.starts.slice(from);
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as PickleNode;
      if (item.kind >= K.FIRST_UNHASHABLE) node.lo = item.kind;
      else if (item.kind === K.TUPLE && item.lo !== 0) node.lo = item.lo;
    }
    this.cut(from);
    if (this.record) moreOf(node).groups = [0, items.length, markAt, end - 1];
    return node;
  }

  /** SETITEM and SETITEMS: keys and values above `from` go into the value below it. */
  setItems(from: number, markAt: number, at: number, end: number) {
    const stack = this.stack;
    const size = stack.length - from;
    if (size < 0 || from <= this.fence) throw this.underflow(at);
    if (size === 0) return this.emptyFilling(from, true);
    if (size % 2 !== 0) throw refuse('UnpicklingError', 'odd number of items for SETITEMS', at);
    const target = stack[from - 1] as PickleNode;
    let holder = target;
    if (target.kind !== K.DICT && target.kind < K.STORAGE) {
      if (target.kind === K.LIST) return this.assignInList(target, from, at);
      if (target.kind !== K.OBJECT && target.kind !== K.REDUCE && target.kind !== K.PERSISTENT) {
        const type = K.PYTHON_TYPE[target.kind] ?? 'object';
        throw refuse('TypeError', `'${type}' object does not support item assignment`, at);
      }
      const more = moreOf(target);
      more.dict ??= new PickleNode(K.DICT, -1, -1, 0, 0);
      holder = more.dict;
    }
    for (let i = from; i < stack.length; i += 2) {
      const key = stack[i] as PickleNode;
      if (key.kind >= K.TUPLE) this.checkHashable(key, at);
    }
    this.moveUp(holder, from, markAt, at);
    if (target.start === this.starts[from - 1]) target.end = end;
  }

  /** APPEND and APPENDS. */
  append(from: number, markAt: number, at: number, end: number) {
    const stack = this.stack;
    if (from > stack.length || from <= this.fence) throw this.underflow(at);
    if (from === stack.length) return this.emptyFilling(from, false);
    const target = stack[from - 1] as PickleNode;
    let holder = target;
    if (target.kind !== K.LIST && target.kind !== K.DEQUE) {
      if (target.kind !== K.OBJECT && target.kind !== K.REDUCE && target.kind !== K.PERSISTENT) {
        const type = K.PYTHON_TYPE[target.kind] ?? 'object';
        throw refuse('AttributeError', `'${type}' object has no attribute 'append'`, at);
      }
      holder = this.listOf(target);
    }
    this.moveUp(holder, from, markAt, at);
    if (target.start === this.starts[from - 1]) target.end = end;
  }

  /** SETITEMS or APPENDS without items does nothing, but tells that an object is a mapping or a sequence. */
  private emptyFilling(from: number, mapping: boolean) {
    const target = this.stack[from - 1] as PickleNode;
    if (target.kind !== K.OBJECT) return;
    if (mapping) moreOf(target).dict ??= new PickleNode(K.DICT, -1, -1, 0, 0);
    else this.listOf(target);
  }

  /** ADDITEMS. */
  addItems(from: number, markAt: number, at: number, end: number): void {
    const stack = this.stack;
    if (from > stack.length || from <= this.fence) throw this.underflow(at);
    if (from === stack.length) return;
    const target = stack[from - 1] as PickleNode;
    let holder = target;
    if (target.kind !== K.SET) {
      if (!KNOWN_SET_LIKE.has(target.kind)) {
        const type = K.PYTHON_TYPE[target.kind] ?? 'object';
        throw refuse('AttributeError', `'${type}' object has no attribute 'add'`, at);
      }
      holder = this.listOf(target);
    }
    for (let i = from; i < stack.length; i++) {
      const member = stack[i] as PickleNode;
      if (member.kind >= K.TUPLE) this.checkHashable(member, at);
    }
    this.moveUp(holder, from, markAt, at);
    if (target.start === this.starts[from - 1]) target.end = end;
  }

  /** Refuses what Python cannot hash, as the key of a dict or a member of a set. */
  checkHashable(node: PickleNode, at: number): void {
    const kind = node.kind === K.TUPLE ? node.lo : node.kind;
    if (kind >= K.FIRST_UNHASHABLE) throw refuse('TypeError', `unhashable type: '${K.PYTHON_TYPE[kind]}'`, at);
  }

  listOf(target: PickleNode): PickleNode {
    const more = moreOf(target);
    more.list ??= new PickleNode(K.LIST, -1, -1, 0, 0);
    return more.list;
  }

  moveUp(holder: PickleNode, from: number, markAt: number, at: number): void {
    const stack = this.stack;
    const starts = this.starts;
    if (this.record) {
      const more = moreOf(holder);
      more.groups ??= [];
      more.groups.push(holder.items?.length ?? 0, stack.length - from, markAt, at);
    }
    if (holder.items === undefined) {
      holder.items = stack.slice(from);
      holder.starts = starts.slice(from);
    } else {
      const items = holder.items;
      const places = holder.starts as number[];
      for (let i = from; i < stack.length; i++) {
        items.push(stack[i] as PickleNode);
        places.push(starts[i] as number);
      }
    }
    this.cut(from);
  }

  /** SETITEM(S) on a list assigns to existing positions. */
  private assignInList(list: PickleNode, from: number, at: number) {
    for (let i = from; i < this.stack.length; i += 2) {
      const key = this.stack[i] as PickleNode;
      const wanted = this.indexOf(key);
      if (wanted === undefined) {
        const type = K.PYTHON_TYPE[key.kind] ?? 'object';
        throw refuse('TypeError', `list indices must be integers or slices, not ${type}`, at);
      }
      const length = list.items?.length ?? 0;
      const index = wanted < 0 ? wanted + length : wanted;
      if (index < 0 || index >= length || list.items === undefined || list.starts === undefined) {
        throw refuse('IndexError', 'list assignment index out of range', at);
      }
      list.items[index] = this.stack[i + 1] as PickleNode;
      list.starts[index] = this.starts[i + 1] as number;
    }
    this.cut(from);
  }

  private indexOf(key: PickleNode): number | undefined {
    switch (key.kind) {
      case K.INT:
        return key.lo;
      case K.TRUE:
        return 1;
      case K.FALSE:
        return 0;
      case K.LONG:
        return key.hi - key.lo > 6 ? Number.MAX_SAFE_INTEGER : Number(longOf(this.bytes, key.lo, key.hi));
      case K.DECIMAL_INT:
        return Number(key.more?.text);
      default:
        return undefined;
    }
  }
}
