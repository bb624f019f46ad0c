import { ProblemError, problem } from '../../model/problem.ts';
import { fullLimits } from './limits.ts';
import * as K from './node.ts';
import { PickleNode } from './node.ts';
import type { PickleOptions } from './options.ts';
import { readHeader } from './reader-arguments.ts';
import { rareOpcode } from './reader-rare.ts';
import { ReaderState } from './reader-state.ts';
import { endOfInput, refuse, truncated } from './refusal.ts';
import { salvage } from './salvage.ts';
import { brokenUtf8 } from './text.ts';

const NONE = new PickleNode(K.NONE, -1, -1, 0, 0);
const TRUE = new PickleNode(K.TRUE, -1, -1, 0, 0);
const FALSE = new PickleNode(K.FALSE, -1, -1, 0, 0);
const BYTE_INTS = Array.from({ length: 256 }, (_, value) => new PickleNode(K.INT, -1, -1, value, 0));

/** Opcodes between two looks at the clock. */
const STRIDE = 8192;

/**
 * Reads one pickle in one pass, with the rules of CPython's C unpickler and without running anything. `record` keeps
 * what editing needs besides (which opcode filled which container, memo definitions and uses).
 * The common opcodes are handled here, over local variables; the others in `reader-rare.ts`.
 */
export function readPickle(bytes: Uint8Array, options: PickleOptions, record: boolean): ReaderState {
  const r = new ReaderState(bytes, options, fullLimits(options.limits), record);
  try {
    return read(r, bytes, options);
  } catch (error) {
    throw firstRefusal(r, error);
  }
}

/** Python stops at the first thing it refuses; what is wrong further on is told as well. */
function firstRefusal(r: ReaderState, error: unknown): unknown {
  const { refusal } = r;
  if (refusal === undefined || !(error instanceof ProblemError) || error.problem.at === undefined) return error;
  if (refusal.at >= error.problem.at) return error;
  const first = refuse(refusal.exception, refusal.message, refusal.at).problem;
  return new ProblemError({ ...first, remedy: `Further on it is broken as well: ${error.problem.message}` });
}

function read(r: ReaderState, bytes: Uint8Array, options: PickleOptions): ReaderState {
  const limits = r.limits;
  if (bytes.length > limits.bytes) {
    salvage(r, 'bytes', `The stream has ${bytes.length} bytes; the limit is ${limits.bytes}`, 0);
    return r;
  }
  const b = bytes;
  const n = bytes.length;
  const stack = r.stack;
  const starts = r.starts;
  let opcodes = 0;
  let nextLook = Math.min(STRIDE, limits.nodes);
  let pos = 0;
  for (;;) {
    if (pos >= n) throw endOfInput(pos);
    const at = pos;
    if (++opcodes > nextLook) {
      if (opcodes > limits.nodes) {
        r.pos = at;
        salvage(r, 'nodes', `More than ${limits.nodes} opcodes`, at);
        return r;
      }
      if (options.signal?.aborted) throw problem('cancelled', 'The reading was cancelled');
      if (r.late) {
        r.pos = at;
        salvage(r, 'time', `Reading took longer than ${limits.milliseconds} ms`, at);
        return r;
      }
      nextLook = Math.min(opcodes + STRIDE, limits.nodes);
    }
    switch (b[pos++] as number) {
      case 0x8c: // SHORT_BINUNICODE
      case 0x58: {
        // BINUNICODE
        let from: number;
        let size: number;
        if (b[at] === 0x8c) {
          if (pos >= n) throw truncated(at);
          size = b[pos] as number;
          from = pos + 1;
        } else {
          if (pos + 4 > n) throw truncated(at);
          size =
            (b[pos] as number) +
            (b[pos + 1] as number) * 256 +
            (b[pos + 2] as number) * 65536 +
            (b[pos + 3] as number) * 16777216;
          from = pos + 4;
        }
        pos = from + size;
        if (pos > n) throw truncated(at);
        let i = from;
        while (i < pos && (b[i] as number) < 0x80) i++;
        if (i < pos) {
          const broken = brokenUtf8(b, i, pos);
          if (broken >= 0) throw badUtf8(b, broken, from, at);
        }
        starts.push(at);
        stack.push(new PickleNode(i === pos ? K.ASCII : K.UTF8, at, pos, from, pos));
        break;
      }
      case 0x94: {
        // MEMOIZE
        if (stack.length <= r.fence) throw r.underflow(at);
        const top = stack[stack.length - 1] as PickleNode;
        if (top.end === at) top.end = pos;
        r.define(r.memoCount, top, at);
        break;
      }
      case 0x71: {
        // BINPUT
        if (pos >= n) throw truncated(at);
        if (stack.length <= r.fence) throw r.underflow(at);
        const top = stack[stack.length - 1] as PickleNode;
        const index = b[pos++] as number;
        if (top.end === at) top.end = pos;
        r.define(index, top, at);
        break;
      }
      case 0x68: {
        // BINGET
        if (pos >= n) throw truncated(at);
        const index = b[pos++] as number;
        const known = r.memo[index];
        if (known === undefined) {
          const node = r.fetch(index, at);
          starts.push(at);
          stack.push(node);
          break;
        }
        known.uses++;
        if (r.gets !== undefined) r.gets.set(at, known);
        starts.push(at);
        stack.push(known);
        break;
      }
      case 0x4b: // BININT1
        if (pos >= n) throw truncated(at);
        starts.push(at);
        stack.push(BYTE_INTS[b[pos++] as number] as PickleNode);
        break;
      case 0x4d: // BININT2
        if (pos + 2 > n) throw truncated(at);
        starts.push(at);
        stack.push(new PickleNode(K.INT, at, pos + 2, (b[pos] as number) + (b[pos + 1] as number) * 256, 0));
        pos += 2;
        break;
      case 0x4a: // BININT
        if (pos + 4 > n) throw truncated(at);
        starts.push(at);
        stack.push(
          new PickleNode(
            K.INT,
            at,
            pos + 4,
            (b[pos] as number) |
              ((b[pos + 1] as number) << 8) |
              ((b[pos + 2] as number) << 16) |
              ((b[pos + 3] as number) << 24),
            0,
          ),
        );
        pos += 4;
        break;
      case 0x47: // BINFLOAT
        if (pos + 8 > n) throw truncated(at);
        starts.push(at);
        stack.push(new PickleNode(K.FLOAT, at, pos + 8, pos, pos + 8));
        pos += 8;
        break;
      case 0x4e: // NONE
        starts.push(at);
        stack.push(NONE);
        break;
      case 0x88: // NEWTRUE
        starts.push(at);
        stack.push(TRUE);
        break;
      case 0x89: // NEWFALSE
        starts.push(at);
        stack.push(FALSE);
        break;
      case 0x28: // MARK
        r.mark(at);
        break;
      case 0x7d: // EMPTY_DICT
        starts.push(at);
        stack.push(new PickleNode(K.DICT, at, pos, 0, 0));
        break;
      case 0x5d: // EMPTY_LIST
        starts.push(at);
        stack.push(new PickleNode(K.LIST, at, pos, 0, 0));
        break;
      case 0x29: // EMPTY_TUPLE
        stack.push(r.tuple(at, pos, stack.length, -1));
        starts.push(at);
        break;
      case 0x75: {
        // SETITEMS
        const mark = r.popMark(at);
        r.setItems(mark, r.lastMarkAt, at, pos);
        break;
      }
      case 0x73: // SETITEM
        r.setItems(stack.length - 2, -1, at, pos);
        break;
      case 0x65: {
        // APPENDS
        const mark = r.popMark(at);
        r.append(mark, r.lastMarkAt, at, pos);
        break;
      }
      case 0x61: // APPEND
        if (stack.length <= r.fence) throw r.underflow(at);
        r.append(stack.length - 1, -1, at, pos);
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: {
        // TUPLE3
        const from = stack.length - ((b[at] as number) - 0x84);
        if (from < r.fence) throw r.underflow(at);
        const start = starts[from] as number;
        const tuple = r.tuple(start, pos, from, -1);
        stack.push(tuple);
        starts.push(start);
        break;
      }
      case 0x74: {
        // TUPLE
        const mark = r.popMark(at);
        const start = r.lastMarkAt;
        const tuple = r.tuple(start, pos, mark, start);
        stack.push(tuple);
        starts.push(start);
        break;
      }
      case 0x95: // FRAME
      case 0x80: // PROTO
        pos = readHeader(r, at, pos);
        break;
      case 0x2e: // STOP
        if (stack.length <= r.fence) throw r.underflow(at);
        r.root = stack[stack.length - 1] as PickleNode;
        r.rootStart = starts[starts.length - 1] as number;
        r.end = pos;
        return r;
      default:
        pos = rareOpcode(r, b[at] as number, at, pos);
    }
  }
}

function badUtf8(b: Uint8Array, broken: number, from: number, at: number): Error {
  const byte = (b[broken] as number).toString(16).padStart(2, '0');
  return refuse('UnicodeDecodeError', `'utf-8' codec can't decode byte 0x${byte} in position ${broken - from}`, at);
}
