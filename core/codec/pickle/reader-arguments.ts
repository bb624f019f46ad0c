import * as K from './node.ts';
import { PickleNode } from './node.ts';
import type { ReaderState } from './reader-state.ts';
import { oldString } from './reader-text.ts';
import { endOfInput, refuse, truncated } from './refusal.ts';
import { brokenUtf8 } from './text.ts';

/** CPython asks for the memory before it looks whether the bytes are there; this much is taken for too much. */
const PYTHON_MOST = 2 ** 31;

/** Little-endian unsigned number of up to 4 bytes. */
export function uint(b: Uint8Array, from: number, size: number, at: number): number {
  if (from + size > b.length) throw truncated(at);
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (b[from + i] as number);
  return value;
}

/** Offset after the newline that ends a line argument of at least `shortest` bytes, newline included. */
export function readLine(b: Uint8Array, from: number, shortest: number, at: number): number {
  const newline = b.indexOf(10, from);
  if (newline < 0 || newline + 1 - from < shortest) throw truncated(at);
  return newline + 1;
}

/** Opcodes with a counted argument, and the wide memo opcodes. Gives undefined for any other opcode. */
export function readArgument(r: ReaderState, code: number, at: number, from: number): number | undefined {
  const b = r.bytes;
  switch (code) {
    case 0x8a: // LONG1
    case 0x8b: {
      // LONG4
      const width = code === 0x8a ? 1 : 4;
      const size = uint(b, from, width, at);
      if (size >= 0x80000000) throw refuse('UnpicklingError', 'LONG pickle has negative byte count', at);
      const end = counted(b, from + width, size, at);
      r.push(new PickleNode(K.LONG, at, end, from + width, end), at);
      return end;
    }
    case 0x55: // SHORT_BINSTRING
    case 0x54: {
      // BINSTRING
      const width = code === 0x55 ? 1 : 4;
      const end = counted(b, from + width, uint(b, from, width, at), at);
      r.push(oldString(r, b, from + width, end, at, end), at);
      return end;
    }
    case 0x43: // SHORT_BINBYTES
    case 0x42: // BINBYTES
    case 0x8e: {
      // BINBYTES8
      const width = code === 0x43 ? 1 : code === 0x42 ? 4 : 8;
      const size = size8(b, from, width, 'BINBYTES', at);
      if (size >= PYTHON_MOST) throw refuse('MemoryError', `${size} bytes`, at);
      const end = copied(b, from + width, size, at);
      r.push(new PickleNode(K.BYTES, at, end, from + width, end), at);
      return end;
    }
    case 0x96: {
      // BYTEARRAY8
      const size = size8(b, from, 8, 'BYTEARRAY8', at);
      if (size >= PYTHON_MOST) throw refuse('MemoryError', `a bytearray of ${size} bytes`, at);
      const end = copied(b, from + 8, size, at);
      r.push(new PickleNode(K.BYTEARRAY, at, end, from + 8, end), at);
      return end;
    }
    case 0x8d: {
      // BINUNICODE8
      const end = counted(b, from + 8, size8(b, from, 8, 'BINUNICODE', at), at);
      let i = from + 8;
      while (i < end && (b[i] as number) < 0x80) i++;
      const broken = brokenUtf8(b, i, end);
      if (broken >= 0) {
        const byte = (b[broken] as number).toString(16);
        const message = `'utf-8' codec can't decode byte 0x${byte} in position ${broken - from - 8}`;
        throw refuse('UnicodeDecodeError', message, at);
      }
      r.push(new PickleNode(i === end ? K.ASCII : K.UTF8, at, end, from + 8, end), at);
      return end;
    }
    case 0x6a: // LONG_BINGET
      r.push(r.fetch(uint(b, from, 4, at), at), at);
      return from + 4;
    case 0x72: {
      // LONG_BINPUT
      const index = uint(b, from, 4, at);
      if (r.stack.length <= r.fence) throw r.underflow(at);
      const top = r.stack[r.stack.length - 1] as PickleNode;
      if (top.end === at) top.end = from + 4;
      r.define(index, top, at);
      return from + 4;
    }
    default:
      return undefined;
  }
}

function counted(b: Uint8Array, from: number, size: number, at: number): number {
  if (from > b.length) throw endOfInput(at);
  if (size > b.length - from) throw truncated(at);
  return from + size;
}

/** As `counted`, for what CPython copies: there it refuses even no bytes when nothing is left. */
function copied(b: Uint8Array, from: number, size: number, at: number): number {
  if (from === b.length) throw truncated(at);
  return counted(b, from, size, at);
}

function size8(b: Uint8Array, from: number, width: number, what: string, at: number): number {
  if (width < 8) return uint(b, from, width, at);
  const low = uint(b, from, 4, at);
  const high = uint(b, from + 4, 4, at);
  if (high >= 0x80000000) {
    throw refuse('OverflowError', `${what} exceeds system's maximum size of 9223372036854775807 bytes`, at);
  }
  return high * 2 ** 32 + low;
}

/** PROTO and FRAME. Gives the offset after the argument. */
export function readHeader(r: ReaderState, at: number, from: number): number {
  const b = r.bytes;
  if (b[at] === 0x80) {
    if (from >= b.length) throw truncated(at);
    const protocol = b[from] as number;
    if (protocol > 5) throw refuse('ValueError', `unsupported pickle protocol: ${protocol}`, at);
    r.protocol = protocol;
    if (protocol > r.highest) r.highest = protocol;
    return from + 1;
  }
  if (from + 8 > b.length) throw truncated(at);
  if ((b[from + 7] as number) >= 0x80) {
    throw refuse('OverflowError', "FRAME length exceeds system's maximum of 9223372036854775807 bytes", at);
  }
  let size = 0;
  for (let i = 7; i >= 0; i--) size = size * 256 + (b[from + i] as number);
  if (size > b.length - from - 8) throw truncated(at);
  r.framed = true;
  return from + 8;
}
