import type { FloatNode, TypedNode, TypedPair } from '../model/typed.ts';
import { hasLoneSurrogate } from './bytes.ts';

/** Makers of typed nodes. They keep the notation's small rules (surrogates, Python's repr of floats) in one place. */

export const NONE: TypedNode = { t: 'none' };

/** A `str` node; lone surrogates add `cp`, the list of code points. */
export function strNode(text: string): TypedNode {
  return hasLoneSurrogate(text) ? { t: 'str', v: text, cp: codePoints(text) } : { t: 'str', v: text };
}

export function intNode(value: bigint | number | string): TypedNode {
  return { t: 'int', v: typeof value === 'string' ? value : String(value) };
}

export function boolNode(value: boolean): TypedNode {
  return { t: 'bool', v: value };
}

export function listNode(items: readonly TypedNode[]): TypedNode {
  return { t: 'list', v: items };
}

export function dictNode(pairs: readonly TypedPair[]): TypedNode {
  return { t: 'dict', v: pairs };
}

const view = new DataView(new ArrayBuffer(8));

/** A `float` node: Python's repr and the IEEE 754 bits. */
export function floatNode(value: number): FloatNode {
  view.setFloat64(0, value);
  // Every NaN of JavaScript may look alike, so the canonical quiet NaN is written for all of them.
  const hex = Number.isNaN(value)
    ? '7ff8000000000000'
    : view.getUint32(0).toString(16).padStart(8, '0') + view.getUint32(4).toString(16).padStart(8, '0');
  return { t: 'float', v: floatRepr(value), hex };
}

/** A `float` node of eight big-endian bytes given as hex, every NaN payload kept. */
export function floatNodeOfHex(hex: string): FloatNode {
  return { t: 'float', v: floatRepr(floatOfHex(hex)), hex };
}

/** The number behind 16 hex digits. */
export function floatOfHex(hex: string): number {
  view.setUint32(0, Number.parseInt(hex.slice(0, 8), 16));
  view.setUint32(4, Number.parseInt(hex.slice(8), 16));
  return view.getFloat64(0);
}

/** Python's `repr(float)`: shortest digits that read back, exponent from 1e16 and below 1e-4, always a mark of a float. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '');
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 16) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${rest}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits}${'0'.repeat(exponent + 1 - digits.length)}.0`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** Code points of a text; a surrogate that stands alone is a code point of its own. */
export function codePoints(text: string): number[] {
  const points: number[] = [];
  for (const character of text) points.push(character.codePointAt(0) as number);
  return points;
}
