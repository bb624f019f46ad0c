import { callObject, isCallable, newObject } from './calls.ts';
import { knownCallable } from './known.ts';
import { isPython2Module, toPython3 } from './names.ts';
import * as K from './node.ts';
import { moreOf, PickleNode, textNode } from './node.ts';
import { readArgument, readLine, uint } from './reader-arguments.ts';
import { asciiLine, lineOpcode, lineText } from './reader-lines.ts';
import type { ReaderState } from './reader-state.ts';
import { textOf } from './reader-text.ts';
import { refuse } from './refusal.ts';
import { latin1 } from './text.ts';

/** Handles every opcode that `reader.ts` does not. `from` is the offset after the opcode; gives that after its argument. */
export function rareOpcode(r: ReaderState, code: number, at: number, from: number): number {
  const b = r.bytes;
  switch (code) {
    case 0x30: // POP
      r.popValueOrMark(at);
      return from;
    case 0x31: // POP_MARK
      r.cut(r.popMark(at));
      return from;
    case 0x32: {
      // DUP
      const top = r.stack[r.stack.length - 1];
      if (top === undefined || r.stack.length <= r.fence) throw r.underflow(at);
      top.uses++;
      r.gets?.set(at, top);
      r.push(top, at);
      return from;
    }
    case 0x6c: {
      // LIST
      const mark = r.popMark(at);
      const list = filled(r, K.LIST, mark, r.lastMarkAt, at, from);
      r.push(list, r.lastMarkAt);
      return from;
    }
    case 0x64: {
      // DICT
      const mark = r.popMark(at);
      const start = r.lastMarkAt;
      if ((r.stack.length - mark) % 2 !== 0) throw refuse('UnpicklingError', 'odd number of items for DICT', at);
      for (let i = mark; i < r.stack.length; i += 2) r.checkHashable(r.stack[i] as PickleNode, at);
      r.push(filled(r, K.DICT, mark, start, at, from), start);
      return from;
    }
    case 0x8f: // EMPTY_SET
      r.push(new PickleNode(K.SET, at, from, 0, 0), at);
      return from;
    case 0x90: {
      // ADDITEMS
      const mark = r.popMark(at);
      r.addItems(mark, r.lastMarkAt, at, from);
      return from;
    }
    case 0x91: {
      // FROZENSET
      const mark = r.popMark(at);
      const start = r.lastMarkAt;
      for (let i = mark; i < r.stack.length; i++) r.checkHashable(r.stack[i] as PickleNode, at);
      r.push(filled(r, K.FROZENSET, mark, start, at, from), start);
      return from;
    }
    case 0x52: {
      // REDUCE
      const args = r.pop(at);
      const start = r.starts[r.starts.length - 1] as number;
      const func = r.pop(at);
      r.push(callObject(r, func, args, start, at, from), start);
      return from;
    }
    case 0x81: // NEWOBJ
    case 0x92: {
      // NEWOBJ_EX
      const kwargs = code === 0x92 ? r.pop(at) : undefined;
      const args = r.pop(at);
      const start = r.starts[r.starts.length - 1] as number;
      const cls = r.pop(at);
      r.push(newObject(r, cls, args, kwargs, start, at, from), start);
      return from;
    }
    case 0x6f: {
      // OBJ
      const mark = r.popMark(at);
      const start = r.lastMarkAt;
      if (r.stack.length - mark < 1) throw r.underflow(at);
      const args = r.tuple(start, from, mark + 1, -1);
      const cls = r.pop(at);
      r.push(instance(r, cls, args, start, at, from), start);
      return from;
    }
    case 0x69: {
      // INST
      const mark = r.popMark(at);
      const start = r.lastMarkAt;
      const args = r.tuple(start, from, mark, -1);
      const middle = readLine(b, from, 2, at);
      const module = asciiLine(b, from, middle - 1, at);
      const end = readLine(b, middle, 2, at);
      const cls = global(r, module, asciiLine(b, middle, end - 1, at), at, end);
      r.push(instance(r, cls, args, start, at, end), start);
      return end;
    }
    case 0x62: // BUILD
      build(r, at, from);
      return from;
    case 0x63: {
      // GLOBAL
      const middle = readLine(b, from, 2, at);
      const module = lineText(b, from, middle - 1, at);
      const end = readLine(b, middle, 2, at);
      r.push(global(r, module, lineText(b, middle, end - 1, at), at, end), at);
      return end;
    }
    case 0x93: {
      // STACK_GLOBAL
      const name = r.pop(at);
      const start = r.starts[r.starts.length - 1] as number;
      const module = r.pop(at);
      const texts = [textOf(r, module), textOf(r, name)];
      if (texts[0] === undefined || texts[1] === undefined) {
        throw refuse('UnpicklingError', 'STACK_GLOBAL requires str', at);
      }
      r.push(global(r, texts[0], texts[1], start, from, at), start);
      return from;
    }
    case 0x50: {
      // PERSID
      const end = readLine(b, from, 1, at);
      r.push(persistent(r, textNode(K.TEXT, at, end, latin1(b, from, end - 1)), at, at, end), at);
      return end;
    }
    case 0x51: {
      // BINPERSID
      const start = r.starts[r.starts.length - 1] as number;
      const pid = r.pop(at);
      r.push(persistent(r, pid, start, at, from), start);
      return from;
    }
    case 0x82: // EXT1
    case 0x83: // EXT2
    case 0x84: {
      // EXT4
      const size = code === 0x82 ? 1 : code === 0x83 ? 2 : 4;
      const number = uint(b, from, size, at) | 0;
      if (number <= 0) throw refuse('UnpicklingError', 'EXT specifies code <= 0', at);
      r.note('ValueError', `unregistered extension code ${number}`, at);
      const node = new PickleNode(K.EXTENSION, at, from + size, number, 0);
      r.calls.push(node);
      r.push(node, at);
      return from + size;
    }
    case 0x97: // NEXT_BUFFER
      r.note('UnpicklingError', 'pickle stream refers to out-of-band data but no *buffers* argument was given', at);
      r.push(new PickleNode(K.BUFFER, at, from, 0, 0), at);
      return from;
    case 0x98: {
      // READONLY_BUFFER
      const start = r.starts[r.starts.length - 1] as number;
      const buffer = r.pop(at);
      if (buffer.kind !== K.BUFFER && buffer.kind !== K.BYTES && buffer.kind !== K.BYTEARRAY) {
        const type = K.PYTHON_TYPE[buffer.kind];
        throw refuse('TypeError', `memoryview: a bytes-like object is required, not '${type}'`, at);
      }
      r.push(buffer.kind === K.BYTES ? buffer : new PickleNode(K.BUFFER, start, from, 1, 0), start);
      return from;
    }
    default:
      return readArgument(r, code, at, from) ?? lineOpcode(r, code, at, from);
  }
}

function global(r: ReaderState, module: string, name: string, start: number, end: number, at = start): PickleNode {
  const mapped = r.protocol < 3 && r.options.fixImports !== false;
  const [module3, name3] = mapped ? toPython3(module, name) : [module, name];
  const answer = r.options.importable?.(module3, name3);
  if (answer === 'no-module') throw refuse('ModuleNotFoundError', `No module named '${module3}'`, at);
  if (answer === 'no-name') throw refuse('AttributeError', `Can't get attribute '${name3}' on module '${module3}'`, at);
  if (answer === undefined && (/[\r\s]/.test(module3) || (!mapped && isPython2Module(module3)))) {
    r.note('ModuleNotFoundError', `No module named '${module3}'`, at);
  }
  const node = new PickleNode(K.GLOBAL, start, end, 0, 0);
  node.more = { module: module3, name: name3, known: knownCallable(module3, name3), protocol: r.protocol };
  r.globals.push(node);
  return node;
}

/** INST and OBJ: without arguments an empty instance, otherwise a call. */
function instance(
  r: ReaderState,
  cls: PickleNode,
  args: PickleNode,
  start: number,
  at: number,
  end: number,
): PickleNode {
  if ((args.items?.length ?? 0) > 0 || !isCallable(cls)) return callObject(r, cls, args, start, at, end);
  return newObject(r, cls, args, undefined, start, at, end);
}

function persistent(r: ReaderState, pid: PickleNode, start: number, at: number, end: number): PickleNode {
  r.note(
    'UnpicklingError',
    'A load persistent id instruction was encountered, but no persistent_load function was specified.',
    at,
  );
  const node = new PickleNode(K.PERSISTENT, start, end, 0, 0);
  node.more = { func: pid };
  r.calls.push(node);
  return node;
}

function filled(r: ReaderState, kind: K.Kind, from: number, markAt: number, at: number, end: number): PickleNode {
  const node = new PickleNode(kind, markAt, end, 0, 0);
  node.items = r.stack.slice(from);
  node.starts = r.starts.slice(from);
  r.cut(from);
  if (r.record) moreOf(node).groups = [0, node.items.length, markAt, at];
  return node;
}

function build(r: ReaderState, at: number, end: number): void {
  if (r.stack.length - 2 < r.fence) throw r.underflow(at);
  const stateStart = r.starts[r.starts.length - 1] as number;
  const state = r.pop(at);
  const node = r.stack[r.stack.length - 1] as PickleNode;
  r.builds.push({ node, at });
  const more = moreOf(node);
  if (node.kind === K.CALLED) node.kind = K.REDUCE;
  const known = node.kind < K.OBJECT || (node.kind >= K.LIST && node.kind < K.STORAGE);
  if (known && node.kind !== K.GLOBAL && node.kind !== K.PERSISTENT && node.kind !== K.EXTENSION) {
    if (state.kind === K.NONE) return;
    const type = K.PYTHON_TYPE[node.kind] ?? 'object';
    if (state.kind !== K.DICT) throw refuse('UnpicklingError', 'state is not a dictionary', at);
    throw refuse('AttributeError', `'${type}' object has no attribute '__dict__'`, at);
  }
  more.states ??= [];
  more.stateStarts ??= [];
  more.buildAt ??= [];
  more.states.push(state);
  more.stateStarts.push(stateStart);
  more.buildAt.push(at);
  if (node.start === r.starts[r.starts.length - 1]) node.end = end;
}
