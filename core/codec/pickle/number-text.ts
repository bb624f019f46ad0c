import type { FloatNode } from '../../model/typed.ts';
import { floatRepr } from '../nodes.ts';

/**
 * Numbers as text, read as CPython's C unpickler reads them. Each function gives undefined where CPython raises
 * ValueError.
 */

/** Most decimal digits that CPython converts (`sys.get_int_max_str_digits`). */
export const PYTHON_DIGITS = 4300;

const STRTOL = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(?:\n|$)/;

/**
 * Argument of INT, up to its newline or a NUL: first as C's `strtol` with base 0, then as Python's `int(text, 0)`. Any
 * two characters that make 0 or 1, such as `01`, are a bool.
 */
export function intText(line: string, length: number): string | boolean | 'too-long' | undefined {
  if (line === '') return '0';
  const c = STRTOL.exec(line);
  if (c !== null) {
    const digits = c[2] as string;
    const octal = digits.length > 1 && digits[0] === '0' && !/^0[xX]/.test(digits);
    if (digits.length < 30) {
      const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
      const signed = c[1] === '-' ? -value : value;
      if (length === 3 && (signed === 0n || signed === 1n)) return signed === 1n;
      if (signed >= -(2n ** 63n) && signed < 2n ** 63n) return String(signed);
    }
  }
  return pythonInt(line, 0);
}

/** Python's `int(text, base)` for base 0 and 10, as decimal text. */
export function pythonInt(line: string, base: 0 | 10): string | 'too-long' | undefined {
  const text = line.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  const parts = /^([+-]?)(.*)$/s.exec(text);
  const sign = parts?.[1] === '-' ? '-' : '';
  const body = parts?.[2] ?? '';
  const radix = base === 0 ? /^0([xXoObB])(_?[0-9a-fA-F_]+)$/.exec(body) : null;
  if (radix !== null) {
    const digits = radix[2] as string;
    if (/__|_$/.test(digits)) return undefined;
    const letter = (radix[1] as string).toLowerCase();
    const clean = digits.replaceAll('_', '');
    const ok = letter === 'x' ? /^[0-9a-f]+$/i : letter === 'o' ? /^[0-7]+$/ : /^[01]+$/;
    if (!ok.test(clean) || clean.length > 100_000) return undefined;
    return negate(String(BigInt(`0${letter}${clean}`)), sign);
  }
  if (!/^[0-9]+(_[0-9]+)*$/.test(body)) return undefined;
  const digits = body.replaceAll('_', '');
  if (digits.length > PYTHON_DIGITS) return 'too-long';
  const clean = digits.replace(/^0+(?=[0-9])/, '');
  if (base === 0 && clean !== digits && clean !== '0') return undefined;
  return negate(clean, sign);
}

function negate(digits: string, sign: string): string {
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

const FLOAT = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan)/i;
const view = new DataView(new ArrayBuffer(8));

/** Argument of FLOAT (with its newline) as 16 hex digits of its IEEE bits. */
export function floatText(line: string): string | 'overflow' | undefined {
  const text = FLOAT.exec(line)?.[0].toLowerCase();
  if (text === undefined) return undefined;
  // A number that is too large is told before anything that follows it.
  if (/\d/.test(text) && !Number.isFinite(Number(text))) return 'overflow';
  // C sees the end of the text at a NUL as well.
  const next = line[text.length];
  if (next !== '\n' && next !== '\0') return undefined;
  const negative = text.startsWith('-');
  if (text.endsWith('nan')) return negative ? 'fff8000000000000' : '7ff8000000000000';
  if (/inf(inity)?$/.test(text)) return negative ? 'fff0000000000000' : '7ff0000000000000';
  view.setFloat64(0, Number(text));
  return hexOf(view.getUint32(0)) + hexOf(view.getUint32(4));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The float node of eight big-endian bytes. */
export function floatAt(bytes: Uint8Array, at: number): FloatNode {
  let hex = '';
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i] as number;
    view.setUint8(i, byte);
    hex += HEX[byte];
  }
  const value = view.getFloat64(0);
  const size = Math.abs(value);
  // In this range Python and JavaScript print the same digits, but Python always shows that it is a float.
  if (size >= 1e-4 && size < 1e16) {
    const text = String(value);
    return { t: 'float', v: Number.isInteger(value) ? `${text}.0` : text, hex };
  }
  return { t: 'float', v: floatRepr(value), hex };
}

function hexOf(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Little-endian two's complement bytes as an integer. */
export function longOf(bytes: Uint8Array, start: number, end: number): bigint {
  if (start >= end) return 0n;
  let hex = '';
  for (let i = end - 1; i >= start; i--) hex += ((bytes[i] as number) + 256).toString(16).slice(1);
  const value = BigInt(`0x${hex}`);
  return (bytes[end - 1] as number) < 128 ? value : value - (1n << BigInt((end - start) * 8));
}

/** The shortest little-endian two's complement bytes of an integer, as LONG1 holds them; none for 0. */
export function bytesOfLong(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const magnitude = value < 0n ? -value - 1n : value;
  const size = Math.floor(magnitude.toString(2).length / 8) + 1;
  const length = magnitude === 0n ? 1 : size;
  const rest = value < 0n ? value + (1n << BigInt(length * 8)) : value;
  const hex = rest.toString(16).padStart(length * 2, '0');
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(hex.slice((length - 1 - i) * 2, (length - i) * 2), 16);
  return bytes;
}
