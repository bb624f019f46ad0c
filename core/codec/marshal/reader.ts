import { problem } from '../../model/problem.ts';
import { fromLatin1, fromUtf8 } from '../bytes.ts';
import type { Budget } from '../limits.ts';

export type RubyKind =
  | 'nil'
  | 'true'
  | 'false'
  | 'int'
  | 'float'
  | 'string'
  | 'symbol'
  | 'array'
  | 'hash'
  | 'object'
  | 'struct'
  | 'dump'
  | 'marshal'
  | 'subclass'
  | 'extended'
  | 'regexp'
  | 'class'
  | 'module'
  | 'class-or-module'
  | 'link';

/** One value of a Marshal stream with its place. */
export interface RubyNode {
  kind: RubyKind;
  readonly start: number;
  end: number;
  /** Text of integers, floats, symbols, names of classes. */
  text?: string;
  /** Content of strings, regular expressions and `_dump`. */
  bytes?: Uint8Array;
  options?: number;
  items?: RubyNode[];
  pairs?: [RubyNode, RubyNode][];
  default?: RubyNode;
  inner?: RubyNode;
  ivars?: [string, RubyNode][];
  /** What a link stands for. */
  target?: RubyNode;
  shared: boolean;
}

/**
 * Reads what `Marshal.dump` of Ruby wrote, format 4.8; nothing is loaded by name. Objects are numbered as Ruby numbers
 * them, so that links find theirs. Throws kind `marshal-damaged` with the offset in `at`.
 */
export class MarshalReader {
  readonly #bytes: Uint8Array;
  readonly #budget: Budget;
  readonly #objects: RubyNode[] = [];
  readonly #symbols: string[] = [];
  #left: number;
  at = 0;

  constructor(bytes: Uint8Array, budget: Budget) {
    this.#bytes = bytes;
    this.#budget = budget;
    this.#left = budget.limits.nodes;
  }

  root(): RubyNode {
    if (this.#bytes[0] !== 4 || this.#bytes[1] !== 8) throw this.#bad('The stream does not start with 04 08', 0);
    this.at = 2;
    const root = this.#value(0);
    if (this.at < this.#bytes.length) throw this.#bad('Something follows the value', this.at);
    return root;
  }

  #value(depth: number): RubyNode {
    if (depth > this.#budget.limits.depth) {
      throw problem('limit-depth', `Nested deeper than ${this.#budget.limits.depth} levels`, { at: this.at });
    }
    if (--this.#left < 0) throw problem('limit-nodes', 'The data holds too many values', { at: this.at });
    if ((this.#left & 1023) === 0) this.#budget.check();
    const start = this.at;
    const type = String.fromCharCode(this.#byte());
    const node = this.#typed(type, start, depth);
    node.end = this.at;
    return node;
  }

  #typed(type: string, start: number, depth: number): RubyNode {
    const make = (kind: RubyKind): RubyNode => ({ kind, start, end: start, shared: false });
    switch (type) {
      case '0':
        return make('nil');
      case 'T':
        return make('true');
      case 'F':
        return make('false');
      case 'i':
        return { ...make('int'), text: String(this.#long()) };
      case 'l':
        return this.#remember({ ...make('int'), text: this.#bignum() });
      case 'f':
        return this.#remember({ ...make('float'), text: fromLatin1(this.#string()) });
      case '"':
        return this.#remember({ ...make('string'), bytes: this.#string() });
      case ':':
        return { ...make('symbol'), text: this.#newSymbol() };
      case ';':
        return { ...make('symbol'), text: this.#symbolLink(start) };
      case '@':
        return this.#link(make('link'), start);
      case 'I':
        return this.#withIvars(start, depth);
      case '[': {
        const count = this.#count(1);
        const node = this.#remember({ ...make('array'), items: [] as RubyNode[] });
        for (let i = 0; i < count; i++) node.items.push(this.#value(depth + 1));
        return node;
      }
      case '{':
      case '}': {
        const count = this.#count(2);
        const node: RubyNode = this.#remember({ ...make('hash'), pairs: [] });
        for (let i = 0; i < count; i++) node.pairs?.push([this.#value(depth + 1), this.#value(depth + 1)]);
        if (type === '}') node.default = this.#value(depth + 1);
        return node;
      }
      case 'o':
      case 'S': {
        const text = this.#symbol();
        const node = this.#remember({
          ...make(type === 'o' ? 'object' : 'struct'),
          text,
          ivars: [] as [string, RubyNode][],
        });
        this.#ivars(node.ivars, depth);
        return node;
      }
      case 'u': {
        const text = this.#symbol();
        return this.#remember({ ...make('dump'), text, bytes: this.#string() });
      }
      case 'U': {
        const text = this.#symbol();
        const node: RubyNode = this.#remember({ ...make('marshal'), text });
        node.inner = this.#value(depth + 1);
        return node;
      }
      case 'C':
      case 'e': {
        const text = this.#symbol();
        return { ...make(type === 'C' ? 'subclass' : 'extended'), text, inner: this.#value(depth + 1) };
      }
      case '/':
        return this.#remember({ ...make('regexp'), bytes: this.#string(), options: this.#byte() });
      case 'c':
      case 'm':
      case 'M': {
        const kind = { c: 'class', m: 'module', M: 'class-or-module' } as const;
        return this.#remember({ ...make(kind[type]), text: fromLatin1(this.#string()) });
      }
      default:
        throw this.#bad('No value of Ruby begins here', start);
    }
  }

  /** `I`, a value, and its instance variables; among them the encoding of a string. */
  #withIvars(start: number, depth: number): RubyNode {
    const type = String.fromCharCode(this.#byte());
    if (type === 'I') throw this.#bad('Instance variables of instance variables', start);
    if (type === ':') {
      // A symbol beyond ASCII: it has its number before its encoding is read.
      const number = this.#symbols.length;
      const bytes = this.#string();
      this.#symbols.push('');
      const ivars: [string, RubyNode][] = [];
      this.#ivars(ivars, depth);
      const text = fromUtf8(bytes);
      if (text === undefined) throw this.#bad('A symbol in an encoding other than UTF-8', start);
      this.#symbols[number] = text;
      return { kind: 'symbol', start, end: this.at, text, shared: false };
    }
    if (type === 'u') {
      // What `_dump` gave has its variables before the object gets its number.
      const text = this.#symbol();
      const bytes = this.#string();
      const ivars: [string, RubyNode][] = [];
      this.#ivars(ivars, depth);
      return this.#remember({ kind: 'dump', start, end: this.at, text, bytes, ivars, shared: false });
    }
    const node = this.#typed(type, start, depth + 1);
    if (node.kind === 'link') throw this.#bad('A link has no instance variables', start);
    const ivars: [string, RubyNode][] = [];
    this.#ivars(ivars, depth);
    // Those of an object of its own class stand in the object itself.
    node.ivars = node.ivars === undefined ? ivars : [...node.ivars, ...ivars];
    return node;
  }

  #ivars(into: [string, RubyNode][], depth: number): void {
    const count = this.#count(2);
    for (let i = 0; i < count; i++) into.push([this.#symbol(), this.#value(depth + 1)]);
  }

  #remember<N extends RubyNode>(node: N): N {
    this.#objects.push(node);
    return node;
  }

  #link(node: RubyNode, start: number): RubyNode {
    const number = this.#long();
    const target = this.#objects[number];
    if (target === undefined) throw this.#bad(`There is no object number ${number} before`, start);
    target.shared = true;
    return { ...node, target };
  }

  #symbol(): string {
    const start = this.at;
    const type = String.fromCharCode(this.#byte());
    if (type === ':') return this.#newSymbol();
    if (type === ';') return this.#symbolLink(start);
    if (type === 'I' && this.#bytes[this.at] === 0x3a) return this.#withIvars(start, 0).text ?? '';
    throw this.#bad('A symbol is expected here', start);
  }

  #newSymbol(): string {
    const text = fromLatin1(this.#string());
    this.#symbols.push(text);
    return text;
  }

  #symbolLink(start: number): string {
    const number = this.#long();
    const found = this.#symbols[number];
    if (found === undefined) throw this.#bad(`There is no symbol number ${number} before`, start);
    return found;
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw this.#bad('The data ends too early', this.at);
    this.at++;
    return byte;
  }

  /** A whole number of Marshal: one byte, or a count of bytes and the bytes, low one first. */
  #long(): number {
    const first = (this.#byte() << 24) >> 24;
    if (first === 0) return 0;
    if (first > 4) return first - 5;
    if (first < -4) return first + 5;
    const count = Math.abs(first);
    let value = 0;
    for (let i = 0; i < count; i++) value += this.#byte() * 256 ** i;
    return first > 0 ? value : value - 256 ** count;
  }

  #count(least: number): number {
    const start = this.at;
    const count = this.#long();
    // Every member takes at least so many bytes: a count beyond that must not cost anything.
    if (count < 0 || count * least > this.#bytes.length - this.at) {
      throw this.#bad('More members are announced than there are bytes', start);
    }
    return count;
  }

  #string(): Uint8Array {
    const start = this.at;
    const length = this.#long();
    if (length < 0 || length > this.#bytes.length - this.at) throw this.#bad('A text is longer than the data', start);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  #bignum(): string {
    const start = this.at;
    const sign = this.#byte();
    const shorts = this.#long();
    if (shorts < 0 || shorts * 2 > this.#bytes.length - this.at)
      throw this.#bad('A number is longer than the data', start);
    if (shorts * 5 > this.#budget.limits.digits)
      throw problem('limit-nodes', 'A number has too many digits', { at: start });
    const bytes = Uint8Array.from(this.#bytes.subarray(this.at, this.at + shorts * 2)).reverse();
    this.at += shorts * 2;
    const value = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
    return String(sign === 0x2d ? -value : value);
  }

  #bad(message: string, at: number): Error {
    return problem('marshal-damaged', message, { at });
  }
}
