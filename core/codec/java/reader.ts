import { problem } from '../../model/problem.ts';
import { fromLatin1 } from '../bytes.ts';
import type { Budget } from '../limits.ts';

/** One piece of a Java serialisation stream with its place. */
export interface JavaNode {
  readonly kind: 'null' | 'string' | 'object' | 'array' | 'enum' | 'class' | 'desc' | 'primitive' | 'block' | 'same';
  readonly start: number;
  end: number;
  /** Content of a string, constant of an enumeration. */
  text?: string;
  /** Type code of a primitive (`I`, `J` …), of the members of an array. */
  type?: string;
  desc?: JavaClass;
  fields?: [string, JavaNode][];
  /** What classes wrote themselves (blocks and objects), base first. */
  data?: JavaNode[];
  items?: JavaNode[];
  /** Where the bytes of an array of bytes begin. */
  content?: number;
  target?: JavaNode;
  shared: boolean;
}

export interface JavaClass {
  readonly name: string;
  flags: number;
  fields: readonly { readonly type: string; readonly name: string }[];
  base?: JavaClass;
}

const WRITE_METHOD = 1;
const SERIALIZABLE = 2;
const EXTERNALIZABLE = 4;
const BLOCK_DATA = 8;

/** Least bytes of a member of an array, by its type code. */
const WIDTHS: Readonly<Record<string, number>> = { B: 1, Z: 1, C: 2, S: 2, I: 4, F: 4, J: 8, D: 8 };

/** Levels that a value inside the description of a class counts for: no writer nests them, and each takes many calls. */
const CLASS_DEPTH = 50;

/**
 * Reads what Java's ObjectOutputStream wrote; no class is loaded, the stream carries the names and types of all fields.
 * Throws kind `java-damaged` with the offset in `at`.
 */
export class JavaReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: Budget;
  /** By number: nodes, and descriptions of classes. */
  readonly #handles: (JavaNode | JavaClass)[] = [];
  #left: number;
  at = 0;

  constructor(bytes: Uint8Array, budget: Budget) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#budget = budget;
    this.#left = budget.limits.nodes;
  }

  /** The one object that the stream holds. */
  root(): JavaNode {
    if (this.#u4() !== 0xaced0005) throw this.#bad('The stream does not start with AC ED 00 05', 0);
    const root = this.#content(0);
    if (root.kind === 'block') throw this.#bad('The stream holds plain data and no object', 4);
    if (this.at < this.#bytes.length) throw this.#bad('Something follows the object', this.at);
    return root;
  }

  #content(depth: number): JavaNode {
    if (depth > this.#budget.limits.depth) {
      throw problem('limit-depth', `Nested deeper than ${this.#budget.limits.depth} levels`, { at: this.at });
    }
    this.#count();
    const start = this.at;
    const node = this.#byType(this.#u1(), start, depth);
    node.end = this.at;
    return node;
  }

  #count(): void {
    if (--this.#left < 0) throw problem('limit-nodes', 'The data holds too many values', { at: this.at });
    if ((this.#left & 1023) === 0) this.#budget.check();
  }

  #byType(type: number, start: number, depth: number): JavaNode {
    const make = (kind: JavaNode['kind']): JavaNode => ({ kind, start, end: start, shared: false });
    switch (type) {
      case 0x70:
        return make('null');
      case 0x71: {
        const target = this.#handles[this.#u4() - 0x7e0000];
        if (target === undefined) throw this.#bad('A reference to nothing that was before', start);
        if (!('kind' in target)) return make('desc');
        target.shared = true;
        return { ...make('same'), target };
      }
      case 0x72:
      case 0x7d:
        this.at = start;
        this.#classDesc(depth);
        return make('desc');
      case 0x73:
        return this.#object(make('object'), depth);
      case 0x74:
        return this.#remember({ ...make('string'), text: this.#utf(this.#u2()) });
      case 0x7c:
        return this.#remember({ ...make('string'), text: this.#utf(this.#length8()) });
      case 0x75:
        return this.#array(make('array'), depth);
      case 0x76: {
        const desc = this.#classDesc(depth);
        return this.#remember({ ...make('class'), ...(desc && { desc }) });
      }
      case 0x77:
        return this.#block(make('block'), this.#u1());
      case 0x7a:
        return this.#block(make('block'), this.#length4());
      case 0x7e: {
        const desc = this.#classDesc(depth);
        const node = this.#remember({ ...make('enum'), ...(desc && { desc }) });
        node.text = this.#constant(depth);
        return node;
      }
      default:
        throw this.#bad('No object of Java begins here', start);
    }
  }

  #constant(depth: number): string {
    const name = this.#content(depth + 1);
    const text = name.kind === 'same' ? name.target?.text : name.text;
    if (text === undefined) throw this.#bad('The constant of an enumeration is a text', this.at);
    return text;
  }

  #object(node: JavaNode, depth: number): JavaNode {
    const desc = this.#classDesc(depth);
    if (desc === undefined) throw this.#bad('An object without a class', node.start);
    node.desc = desc;
    this.#remember(node);
    node.fields = [];
    node.data = [];
    const chain: JavaClass[] = [];
    for (let one: JavaClass | undefined = desc; one !== undefined; one = one.base) {
      if (chain.length > 200) throw this.#bad('Too many base classes', node.start);
      chain.unshift(one);
    }
    for (const one of chain) {
      if ((one.flags & SERIALIZABLE) !== 0) {
        for (const { type, name } of one.fields) node.fields.push([name, this.#field(type, depth)]);
        if ((one.flags & WRITE_METHOD) !== 0) this.#annotations(node.data, depth);
      } else if ((one.flags & EXTERNALIZABLE) !== 0) {
        if ((one.flags & BLOCK_DATA) === 0) throw this.#bad(`Only ${one.name} knows how long its data is`, this.at);
        this.#annotations(node.data, depth);
      }
    }
    return node;
  }

  #annotations(into: JavaNode[], depth: number): void {
    while (this.#bytes[this.at] !== 0x78) into.push(this.#content(depth + 1));
    this.at++;
  }

  #field(type: string, depth: number): JavaNode {
    const width = WIDTHS[type];
    if (width === undefined) return this.#content(depth + 1);
    this.#count();
    this.#need(width);
    const start = this.at;
    this.at += width;
    return { kind: 'primitive', type, start, end: this.at, shared: false };
  }

  #array(node: JavaNode, depth: number): JavaNode {
    const desc = this.#classDesc(depth);
    const type = desc?.name[1] ?? '';
    if (desc === undefined || desc.name[0] !== '[') throw this.#bad('An array without a type', node.start);
    node.desc = desc;
    node.type = type;
    this.#remember(node);
    const count = this.#u4();
    if (count * (WIDTHS[type] ?? 1) > this.#bytes.length - this.at) {
      throw this.#bad('More members are announced than there are bytes', node.start);
    }
    node.items = [];
    if (type === 'B') {
      node.content = this.at;
      this.at += count;
      return node;
    }
    for (let i = 0; i < count; i++) node.items.push(this.#field(type, depth));
    return node;
  }

  /** A description of a class: new, null, or one that was before. */
  #classDesc(depth: number): JavaClass | undefined {
    const start = this.at;
    if (depth > this.#budget.limits.depth) throw problem('limit-depth', 'Too many classes', { at: start });
    const type = this.#u1();
    if (type === 0x70) return undefined;
    if (type === 0x71) {
      const found = this.#handles[this.#u4() - 0x7e0000];
      if (found === undefined || 'kind' in found) throw this.#bad('A reference to no class', start);
      return found;
    }
    if (type === 0x7d) {
      const proxy: JavaClass = { name: 'a proxy', flags: SERIALIZABLE, fields: [] };
      this.#handles.push(proxy);
      const count = this.#u4();
      if (count > this.#bytes.length - this.at) throw this.#bad('Too many interfaces', start);
      for (let i = 0; i < count; i++) this.#utf(this.#u2());
      this.#annotations([], depth + CLASS_DEPTH);
      const base = this.#classDesc(depth + 1);
      if (base !== undefined) proxy.base = base;
      return proxy;
    }
    if (type !== 0x72) throw this.#bad('The description of a class is expected here', start);
    const name = this.#utf(this.#u2());
    this.#need(8);
    this.at += 8;
    const desc: JavaClass = { name, flags: 0, fields: [] };
    this.#handles.push(desc);
    desc.flags = this.#u1();
    const count = this.#u2();
    const fields: { type: string; name: string }[] = [];
    for (let i = 0; i < count; i++) {
      const code = String.fromCharCode(this.#u1());
      const field = this.#utf(this.#u2());
      if (WIDTHS[code] === undefined) {
        if (code !== 'L' && code !== '[') throw this.#bad('Not the type of a field', this.at - 1);
        this.#content(depth + CLASS_DEPTH);
      }
      fields.push({ type: code, name: field });
    }
    desc.fields = fields;
    this.#annotations([], depth + CLASS_DEPTH);
    const base = this.#classDesc(depth + 1);
    if (base !== undefined) desc.base = base;
    return desc;
  }

  #block(node: JavaNode, length: number): JavaNode {
    this.#need(length);
    this.at += length;
    return node;
  }

  #remember<N extends JavaNode>(node: N): N {
    this.#handles.push(node);
    return node;
  }

  /** Modified UTF-8: zero as two bytes, surrogates one by one. */
  #utf(length: number): string {
    this.#need(length);
    const text = modifiedUtf8(this.#bytes.subarray(this.at, this.at + length));
    if (text === undefined) throw this.#bad('A text is not in modified UTF-8', this.at);
    this.at += length;
    return text;
  }

  #need(bytes: number): void {
    if (bytes > this.#bytes.length - this.at) throw this.#bad('The data ends too early', this.#bytes.length);
  }

  #u1(): number {
    this.#need(1);
    return this.#bytes[this.at++] as number;
  }

  #u2(): number {
    this.#need(2);
    this.at += 2;
    return this.#view.getUint16(this.at - 2);
  }

  #u4(): number {
    this.#need(4);
    this.at += 4;
    return this.#view.getUint32(this.at - 4);
  }

  #length4(): number {
    return this.#u4();
  }

  #length8(): number {
    const high = this.#u4();
    if (high !== 0) throw this.#bad('A text is longer than the data', this.at - 4);
    return this.#u4();
  }

  #bad(message: string, at: number): Error {
    return problem('java-damaged', message, { at });
  }
}

function modifiedUtf8(bytes: Uint8Array): string | undefined {
  const plain = bytes.every((byte) => byte > 0 && byte < 0x80);
  if (plain) return fromLatin1(bytes);
  const units: string[] = [];
  for (let i = 0; i < bytes.length; ) {
    const [a = 0, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    if (a < 0x80) {
      units.push(String.fromCharCode(a));
      i++;
    } else if (a >> 5 === 6 && b >> 6 === 2) {
      units.push(String.fromCharCode(((a & 31) << 6) | (b & 63)));
      i += 2;
    } else if (a >> 4 === 14 && b >> 6 === 2 && c >> 6 === 2) {
      units.push(String.fromCharCode(((a & 15) << 12) | ((b & 63) << 6) | (c & 63)));
      i += 3;
    } else return undefined;
  }
  return units.join('');
}
