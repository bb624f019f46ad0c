import type { TypedNode } from '../../model/typed.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import { longOf } from './number-text.ts';
import type { ReaderState } from './reader-state.ts';
import { textOf } from './reader-text.ts';
import { latin1 } from './text.ts';

/** Tuples nested deeper than this count as different keys, so that comparing them stays within the native stack. */
const DEEPEST = 400;

/** Texts longer than this are kept by a number. */
const LONGEST = 64;

const floats = new DataView(new ArrayBuffer(8));

/**
 * Texts that are equal for exactly those values that Python takes for one key: numbers compare by value across types,
 * NaN equals only itself (the object), containers compare by members. Each tuple is looked at once, however often it
 * occurs, so a tree of shared tuples costs no more than its stream.
 */
export class KeyTexts {
  private readonly known = new Map<PickleNode, string>();
  private readonly numbers = new Map<string, number>();
  private readonly r: ReaderState;
  private readonly typedOf: (node: PickleNode) => TypedNode;

  constructor(r: ReaderState, typedOf: (node: PickleNode) => TypedNode) {
    this.r = r;
    this.typedOf = typedOf;
  }

  of(node: PickleNode, depth = 0): string {
    const length = lengthOf(node);
    if (length <= LONGEST) return this.flat(this.make(node, depth));
    // A long key may stand in a thousand dicts: its text is made once.
    const known = this.known.get(node);
    if (known !== undefined) return known;
    this.r.limits.spend(node.kind === K.LONG ? 1 + ((length * length) >> 9) : length >> 4);
    const text = this.flat(this.make(node, depth));
    this.known.set(node, text);
    return text;
  }

  /** Long texts have a number: tables of keys need not read them again with each look. */
  private flat(text: string): string {
    return text.length <= LONGEST ? text : `k${this.number(text)}`;
  }

  private make(node: PickleNode, depth: number): string {
    switch (node.kind) {
      case K.NONE:
        return '-';
      case K.TRUE:
        return 'n1';
      case K.FALSE:
        return 'n0';
      case K.INT:
        return `n${node.lo}`;
      case K.LONG:
        return node.hi - node.lo > 1024 ? this.identity(node) : `n${longOf(this.r.bytes, node.lo, node.hi)}`;
      case K.DECIMAL_INT:
        return `n${node.more?.text}`;
      case K.FLOAT:
      case K.FLOAT_TEXT:
        return this.float(node);
      case K.ASCII:
      case K.UTF8:
      case K.TEXT:
        return `s${textOf(this.r, node)}`;
      case K.BYTES: {
        const bytes = node.more?.bytes;
        return `b${bytes === undefined ? latin1(this.r.bytes, node.lo, node.hi) : latin1(bytes, 0, bytes.length)}`;
      }
      case K.GLOBAL:
        return `g${node.more?.module}\n${node.more?.name}`;
      case K.CALLED:
        return called(this.typedOf(node));
      case K.TUPLE:
      case K.FROZENSET:
        return this.members(node, depth);
      default:
        return this.identity(node);
    }
  }

  private members(node: PickleNode, depth: number): string {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    if (depth > DEEPEST) return this.identity(node);
    const parts = (node.items ?? []).map((item) => this.number(this.of(item, depth + 1)));
    if (node.kind === K.FROZENSET) parts.sort((a, b) => a - b);
    const text = `${node.kind === K.TUPLE ? 't' : 'f'}${parts.join(',')}`;
    this.known.set(node, text);
    return text;
  }

  private float(node: PickleNode): string {
    const hex = node.kind === K.FLOAT_TEXT ? (node.more?.text as string) : undefined;
    const b = this.r.bytes;
    for (let i = 0; i < 8; i++) {
      floats.setUint8(
        i,
        hex === undefined ? (b[node.lo + i] as number) : Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16),
      );
    }
    const value = floats.getFloat64(0);
    if (Number.isNaN(value)) return this.identity(node);
    return Number.isInteger(value) ? `n${BigInt(value)}` : `d${value}`;
  }

  /** A small number for a text, the same for equal texts. */
  private number(text: string): number {
    let number = this.numbers.get(text);
    if (number === undefined) this.numbers.set(text, (number = this.numbers.size));
    return number;
  }

  private identity(node: PickleNode): string {
    let text = this.known.get(node);
    if (text === undefined) this.known.set(node, (text = `o${this.known.size}`));
    return text;
  }
}

/** How long a scalar's content is, in bytes or characters; 0 for what has members. */
function lengthOf(node: PickleNode): number {
  if (node.kind === K.TEXT || node.kind === K.DECIMAL_INT) return node.more?.text?.length ?? 0;
  if (node.kind === K.BYTES) return node.more?.bytes?.length ?? node.hi - node.lo;
  return node.kind >= K.LONG && node.kind <= K.UTF8 ? node.hi - node.lo : 0;
}

function called(typed: TypedNode): string {
  switch (typed.t) {
    case 'decimal':
      return decimalKey(typed.v);
    case 'fraction':
      return typed.den === '1' ? `n${typed.num}` : fractionKey(typed.num, typed.den);
    case 'complex':
      if (Number(typed.im.v) === 0)
        return Number.isInteger(Number(typed.re.v)) ? `n${BigInt(Number(typed.re.v))}` : `d${Number(typed.re.v)}`;
      return `x${typed.re.hex}${typed.im.hex}`;
    default:
      return `c${JSON.stringify(typed)}`;
  }
}

function decimalKey(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text);
  if (match === null) return `D${text}`;
  const [, sign = '', whole = '', part = '', power = '0'] = match;
  const digits = `${whole}${part}`.replace(/^0+/, '');
  if (digits === '') return 'n0';
  const trimmed = digits.replace(/0+$/, '');
  const exponent = Number(power) - part.length + (digits.length - trimmed.length);
  if (exponent >= 0) {
    return exponent > 5000 ? `D${sign}${trimmed}e${exponent}` : `n${sign}${trimmed}${'0'.repeat(exponent)}`;
  }
  if (exponent < -5000) return `D${sign}${trimmed}e${exponent}`;
  return fractionKey(`${sign}${trimmed}`, `1${'0'.repeat(-exponent)}`);
}

/** A fraction that a float holds exactly is one key with that float. */
function fractionKey(num: string, den: string): string {
  let top = BigInt(num);
  let bottom = BigInt(den);
  let [a, b] = [top < 0n ? -top : top, bottom];
  while (b !== 0n) [a, b] = [b, a % b];
  top /= a;
  bottom /= a;
  const powerOfTwo = (bottom & (bottom - 1n)) === 0n;
  const value = Number(top) / Number(bottom);
  if (powerOfTwo && Number.isSafeInteger(Number(top)) && Number(bottom) < 2 ** 1000) return `d${value}`;
  return `q${top}/${bottom}`;
}
