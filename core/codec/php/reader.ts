import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { fromLatin1, fromUtf8, toBase64 } from '../bytes.ts';
import type { Span } from '../json/cst.ts';
import type { Budget } from '../limits.ts';
import { floatNode, intNode, strNode } from '../nodes.ts';

/** One value of serialised PHP with its place. */
export interface PhpNode {
  readonly start: number;
  end: number;
  readonly kind: 'scalar' | 'array' | 'object' | 'serialized' | 'enum' | 'same' | 'reference';
  /** The value of a scalar, and of what a class has written itself. */
  readonly value?: TypedNode;
  readonly class?: string;
  readonly name?: string;
  readonly members?: PhpMember[];
  /** What `r:` and `R:` stand for. */
  readonly target?: PhpNode;
  /** An `R:` stands for this variable, an `r:` for this object. */
  referenced: boolean;
  shared: boolean;
}

export interface PhpMember {
  readonly key: PhpKey;
  readonly node: PhpNode;
}

export interface PhpKey extends Span {
  readonly bytes?: Uint8Array;
  readonly int?: string;
}

const COLON = 0x3a;
const SEMICOLON = 0x3b;
const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Reads serialised PHP values; nothing is made by name. Values are numbered as PHP numbers them, over all values that
 * one reader reads: `r:` and `R:` name those numbers. Throws kind `php-…` with the offset in `at`.
 */
export class PhpReader {
  readonly #bytes: Uint8Array;
  readonly #budget: Budget;
  /** By number: the first value is number 1. */
  readonly #values: PhpNode[] = [];
  #left: number;
  at: number;

  constructor(bytes: Uint8Array, budget: Budget, at = 0) {
    this.#bytes = bytes;
    this.#budget = budget;
    this.#left = budget.limits.nodes;
    this.at = at;
  }

  value(depth = 0): PhpNode {
    if (depth > this.#budget.limits.depth) {
      throw problem('limit-depth', `Nested deeper than ${this.#budget.limits.depth} levels`, { at: this.at });
    }
    if (--this.#left < 0) throw problem('limit-nodes', 'The data holds too many values', { at: this.at });
    if ((this.#left & 1023) === 0) this.#budget.check();
    const start = this.at;
    const type = this.#bytes[start];
    this.at++;
    switch (type) {
      case 0x4e: // N
        this.#expect(SEMICOLON);
        return this.#scalar(start, { t: 'none' });
      case 0x62: {
        const text = this.#simple();
        if (text !== '0' && text !== '1') throw this.#bad('b: takes 0 or 1', start);
        return this.#scalar(start, { t: 'bool', v: text === '1' });
      }
      case 0x69: {
        const text = this.#simple();
        if (!/^[+-]?\d{1,20}$/.test(text)) throw this.#bad('i: takes a whole number', start);
        return this.#scalar(start, intNode(BigInt(text.replace('+', ''))));
      }
      case 0x64:
        return this.#scalar(start, floatNode(this.#float(start)));
      case 0x73: {
        const bytes = this.#string();
        this.#expect(SEMICOLON);
        return this.#scalar(start, textNode(bytes));
      }
      case 0x53: {
        const bytes = this.#escapedString();
        this.#expect(SEMICOLON);
        return this.#scalar(start, textNode(bytes));
      }
      case 0x61:
        return this.#container(start, 'array', undefined, depth);
      case 0x4f: {
        const name = fromLatin1(this.#string());
        return this.#container(start, 'object', name, depth);
      }
      case 0x43:
        return this.#serialized(start);
      case 0x45:
        return this.#enum(start);
      case 0x72:
      case 0x52:
        return this.#link(start, type === 0x52);
      default:
        throw this.#bad(start >= this.#bytes.length ? 'The data ends too early' : 'No value of PHP begins here', start);
    }
  }

  #scalar(start: number, value: TypedNode): PhpNode {
    return this.#number({ kind: 'scalar', start, end: this.at, value, referenced: false, shared: false });
  }

  #number<N extends PhpNode>(node: N): N {
    this.#values.push(node);
    return node;
  }

  #container(start: number, kind: 'array' | 'object', name: string | undefined, depth: number): PhpNode {
    const count = this.#length();
    this.#expect(OPEN);
    // Every member takes at least six bytes, so a count beyond that is a lie that must not cost anything.
    if (count * 6 > this.#bytes.length - this.at)
      throw this.#bad('More members are announced than there are bytes', start);
    const members: PhpMember[] = [];
    const node = this.#number({
      kind,
      start,
      end: start,
      members,
      ...(name !== undefined && { class: name }),
      referenced: false,
      shared: false,
    } satisfies PhpNode);
    for (let i = 0; i < count; i++) {
      const key = this.#key();
      members.push({ key, node: this.value(depth + 1) });
    }
    this.#expect(CLOSE);
    node.end = this.at;
    return node;
  }

  #key(): PhpKey {
    const start = this.at;
    const type = this.#bytes[this.at++];
    if (type === 0x69) {
      const text = this.#simple();
      if (!/^[+-]?\d{1,20}$/.test(text)) throw this.#bad('A key is a whole number or a text', start);
      return { start, end: this.at, int: String(BigInt(text.replace('+', ''))) };
    }
    if (type !== 0x73 && type !== 0x53) throw this.#bad('A key is a whole number or a text', start);
    const bytes = type === 0x73 ? this.#string() : this.#escapedString();
    this.#expect(SEMICOLON);
    return { start, end: this.at, bytes };
  }

  #serialized(start: number): PhpNode {
    const name = fromLatin1(this.#string());
    const length = this.#length();
    this.#expect(OPEN);
    const from = this.at;
    if (length > this.#bytes.length - from) throw this.#bad('The text of the object is longer than the data', start);
    this.at = from + length;
    this.#expect(CLOSE);
    return this.#number({
      kind: 'serialized',
      start,
      end: this.at,
      class: name,
      value: textNode(this.#bytes.subarray(from, from + length)),
      referenced: false,
      shared: false,
    });
  }

  #enum(start: number): PhpNode {
    const text = fromLatin1(this.#string());
    this.#expect(SEMICOLON);
    const colon = text.indexOf(':');
    if (colon < 1) throw this.#bad('An enumeration is a class, a colon and a case', start);
    return this.#number({
      kind: 'enum',
      start,
      end: this.at,
      class: text.slice(0, colon),
      name: text.slice(colon + 1),
      referenced: false,
      shared: false,
    });
  }

  #link(start: number, reference: boolean): PhpNode {
    const number = this.#simple();
    let target = /^\d{1,15}$/.test(number) ? this.#values[Number(number) - 1] : undefined;
    if (target === undefined) throw this.#bad(`There is no value number ${number.slice(0, 20)} before`, start);
    const node = { kind: reference ? ('reference' as const) : ('same' as const), start, end: this.at };
    if (reference) {
      target.referenced = true;
      return { ...node, target, referenced: false, shared: false };
    }
    // `r:` of an `r:` is the same object once more.
    while (target.kind === 'same' && target.target !== undefined) target = target.target;
    if (target.kind === 'array' || target.kind === 'scalar') {
      throw this.#bad(`Value number ${number} is no object, so r: cannot stand for it`, start);
    }
    target.shared = true;
    return this.#number({ ...node, target, referenced: false, shared: false });
  }

  /** `:text;` without a quote or another colon. */
  #simple(): string {
    this.#expect(COLON);
    const end = this.#bytes.indexOf(SEMICOLON, this.at);
    if (end < 0 || end - this.at > 400) throw this.#bad('The semicolon is missing', this.at);
    const text = fromLatin1(this.#bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  #float(start: number): number {
    const text = this.#simple();
    if (text === 'INF') return Number.POSITIVE_INFINITY;
    if (text === '-INF') return Number.NEGATIVE_INFINITY;
    if (text === 'NAN') return Number.NaN;
    if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,5})?$/.test(text)) throw this.#bad('d: takes a number', start);
    return Number(text);
  }

  /** `:length:` */
  #length(): number {
    this.#expect(COLON);
    let value = 0;
    const start = this.at;
    for (; this.at < start + 10; this.at++) {
      const digit = (this.#bytes[this.at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (this.at === start) throw this.#bad('A length is missing', start);
    this.#expect(COLON);
    return value;
  }

  /** `:length:"bytes"`: cut by its length, never by its quote. */
  #string(): Uint8Array {
    const start = this.at;
    const length = this.#length();
    this.#expect(QUOTE);
    const from = this.at;
    if (length > this.#bytes.length - from) throw this.#bad('A text is longer than the data', start);
    this.at = from + length;
    this.#expect(QUOTE);
    return this.#bytes.subarray(from, from + length);
  }

  /** As `#string` with `\xx` for some bytes; the length counts what comes out. */
  #escapedString(): Uint8Array {
    const start = this.at;
    const length = this.#length();
    this.#expect(QUOTE);
    if (length > this.#bytes.length - this.at) throw this.#bad('A text is longer than the data', start);
    const made = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const byte = this.#bytes[this.at++] ?? 0;
      made[i] = byte;
      if (byte !== 0x5c) continue;
      const hex = fromLatin1(this.#bytes.subarray(this.at, this.at + 2));
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) throw this.#bad('Two hex digits must follow the backslash', this.at);
      made[i] = Number.parseInt(hex, 16);
      this.at += 2;
    }
    this.#expect(QUOTE);
    return made;
  }

  #expect(byte: number): void {
    if (this.#bytes[this.at] !== byte) {
      const early = this.at >= this.#bytes.length;
      throw this.#bad(early ? 'The data ends too early' : `"${String.fromCharCode(byte)}" is missing`, this.at);
    }
    this.at++;
  }

  #bad(message: string, at: number): Error {
    return problem('php-damaged', message, { at });
  }
}

/** PHP's texts are bytes: shown as text where they are UTF-8. */
export function textNode(bytes: Uint8Array): TypedNode {
  const text = fromUtf8(bytes);
  return text === undefined ? { t: 'bytes', b64: toBase64(bytes) } : strNode(text);
}
