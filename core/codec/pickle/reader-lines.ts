import * as K from './node.ts';
import { moreOf, PickleNode, textNode } from './node.ts';
import { floatText, intText, PYTHON_DIGITS, pythonInt } from './number-text.ts';
import { readLine } from './reader-arguments.ts';
import type { ReaderState } from './reader-state.ts';
import { oldString } from './reader-text.ts';
import { refuse } from './refusal.ts';
import { brokenUtf8, latin1, rawUnicodeEscape, surrogatesOf, unescapeString, utf8Text } from './text.ts';

/** Numbers and texts as lines, memo opcodes of the older protocols. */
export function lineOpcode(r: ReaderState, code: number, at: number, from: number): number {
  const b = r.bytes;
  switch (code) {
    case 0x49: // INT
    case 0x4c: {
      // LONG
      const end = readLine(b, from, 2, at);
      // The L at the end of a long is no part of the number.
      const stop = code === 0x4c && b[end - 2] === 0x4c ? end - 2 : end;
      let line = cLine(b, from, stop);
      if (line.length > PYTHON_DIGITS + 8 && /^[ +-]*[0-9_]+\s*$/.test(line)) line = line.slice(0, PYTHON_DIGITS + 64);
      const digits = code === 0x49 ? intText(line, end - from) : pythonInt(line, 0);
      if (typeof digits === 'boolean') {
        r.push(new PickleNode(digits ? K.TRUE : K.FALSE, at, end, 0, 0), at);
        return end;
      }
      if (digits === 'too-long') {
        throw refuse('ValueError', `Exceeds the limit (${PYTHON_DIGITS} digits) for integer string conversion`, at);
      }
      if (digits === undefined) {
        if (code === 0x4c) requireMessage(b, from, end, at);
        throw refuse('ValueError', 'could not convert string to int', at);
      }
      r.push(textNode(K.DECIMAL_INT, at, end, digits), at);
      return end;
    }
    case 0x46: {
      // FLOAT
      const end = readLine(b, from, 2, at);
      const hex = floatText(latin1(b, from, end));
      if (hex === 'overflow') throw refuse('OverflowError', 'value too large to convert to float', at);
      if (hex === undefined) throw refuse('ValueError', 'could not convert string to float', at);
      r.push(textNode(K.FLOAT_TEXT, at, end, hex), at);
      return end;
    }
    case 0x53: {
      // STRING
      const end = readLine(b, from, 2, at);
      const last = end - 2;
      const quote = b[from];
      if (last <= from || b[last] !== quote || (quote !== 0x27 && quote !== 0x22)) {
        throw refuse('UnpicklingError', 'the STRING opcode argument must be quoted', at);
      }
      const plain = unescapeString(b, from + 1, last, at);
      r.push(oldString(r, plain, 0, plain.length, at, end), at);
      return end;
    }
    case 0x56: {
      // UNICODE
      const end = readLine(b, from, 1, at);
      const decoded = rawUnicodeEscape(b, from, end - 1, at);
      const node = textNode(K.TEXT, at, end, decoded.text);
      if (decoded.cp !== undefined) moreOf(node).cp = decoded.cp;
      r.push(node, at);
      return end;
    }
    case 0x67: // GET
    case 0x70: {
      // PUT
      const end = readLine(b, from, 2, at);
      if (code === 0x70 && r.stack.length <= r.fence) throw r.underflow(at);
      const digits = pythonInt(cLine(b, from, end), 10);
      if (digits === undefined || digits === 'too-long') {
        if (digits === undefined) requireMessage(b, from, end, at);
        throw refuse('ValueError', 'invalid literal for int() with base 10', at);
      }
      const index = Number(digits);
      if (Math.abs(index) >= 2 ** 63) {
        throw refuse('OverflowError', 'Python int too large to convert to C ssize_t', at);
      }
      if (code === 0x67) {
        r.push(r.fetch(index, at), at);
      } else {
        if (index < 0) throw refuse('ValueError', 'negative PUT argument', at);
        const top = r.stack[r.stack.length - 1] as PickleNode;
        if (top.end === at) top.end = end;
        r.define(index, top, at);
      }
      return end;
    }
    default: {
      const shown =
        code >= 32 && code < 127 && code !== 39
          ? String.fromCharCode(code)
          : `\\x${code.toString(16).padStart(2, '0')}`;
      throw refuse('UnpicklingError', `invalid load key, '${shown}'.`, at);
    }
  }
}

/** CPython decodes up to 200 bytes of a bad number for its message, and fails at that first. */
function requireMessage(b: Uint8Array, from: number, end: number, at: number): void {
  const length = Math.min(200, cLine(b, from, end).length);
  requireUtf8(b, from, from + length, at);
}

function requireUtf8(b: Uint8Array, from: number, to: number, at: number): void {
  const broken = brokenUtf8(b, from, to);
  if (broken < 0) return;
  const byte = (b[broken] as number).toString(16);
  throw refuse('UnicodeDecodeError', `'utf-8' codec can't decode byte 0x${byte} in position ${broken - from}`, at);
}

export function lineText(b: Uint8Array, from: number, to: number, at: number): string {
  requireUtf8(b, from, to, at);
  if (surrogatesOf(b, from, to) !== undefined) throw refuse('UnicodeDecodeError', 'surrogates not allowed', at);
  return utf8Text(b, from, to);
}

/** INST is an opcode of Python 2, whose names are ASCII. */
export function asciiLine(b: Uint8Array, from: number, to: number, at: number): string {
  for (let i = from; i < to; i++) {
    if ((b[i] as number) < 128) continue;
    const byte = (b[i] as number).toString(16);
    throw refuse('UnicodeDecodeError', `'ascii' codec can't decode byte 0x${byte} in position ${i - from}`, at);
  }
  return utf8Text(b, from, to);
}

/** A line as C reads it: a NUL ends it. */
function cLine(b: Uint8Array, from: number, end: number): string {
  const nul = b.subarray(from, end).indexOf(0);
  return latin1(b, from, nul < 0 ? end : from + nul);
}
