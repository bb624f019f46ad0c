import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { toBase64 } from '../bytes.ts';
import { boolNode, floatNode, intNode, NONE, strNode } from '../nodes.ts';
import type { JavaClass, JavaNode } from './reader.ts';

/** A scalar that can be changed in place: where its bytes are and how they are written. */
export interface JavaPlace {
  readonly start: number;
  readonly end: number;
  /** `string`, or the type code of a primitive. */
  readonly type: string;
}

const MAPS = new Set([
  'java.util.HashMap',
  'java.util.LinkedHashMap',
  'java.util.TreeMap',
  'java.util.Hashtable',
  'java.util.concurrent.ConcurrentHashMap',
]);
const LISTS = new Set(['java.util.ArrayList', 'java.util.LinkedList', 'java.util.ArrayDeque']);
const SETS = new Set(['java.util.HashSet', 'java.util.LinkedHashSet', 'java.util.TreeSet']);
const BOXES = new Set(
  ['Integer', 'Long', 'Short', 'Byte', 'Double', 'Float', 'Boolean', 'Character'].map((name) => `java.lang.${name}`),
);

/** Typed JSON of a Java stream, with the places of what can be changed. */
export class JavaTyped {
  readonly spans = new Map<TypedNode, { start: number; end: number }>();
  readonly places = new Map<TypedNode, JavaPlace>();
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #ids = new Map<JavaNode, number>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  of(node: JavaNode): TypedNode {
    const made = this.#make(node);
    this.spans.set(made, { start: node.start, end: node.end });
    return made;
  }

  #make(node: JavaNode): TypedNode {
    switch (node.kind) {
      case 'null':
      case 'desc':
        return { ...NONE };
      case 'string':
        return this.#at(strNode(node.text ?? ''), node, { start: node.start, end: node.end, type: 'string' });
      case 'primitive':
        return this.#at(this.#primitive(node), node, { start: node.start, end: node.end, type: node.type ?? '' });
      case 'block':
        return { t: 'bytes', b64: toBase64(this.#blockBytes(node)) };
      case 'enum':
        return { t: 'java-enum', ...this.#id(node), class: node.desc?.name ?? '', v: node.text ?? '' };
      case 'class':
        return { t: 'java-class', ...this.#id(node), v: node.desc?.name ?? '' };
      case 'array':
        return this.#array(node);
      case 'same':
        return this.#same(node.target as JavaNode);
      case 'object':
        return this.#object(node);
    }
  }

  /** What is shared has one place for several values: it cannot be changed for one of them. */
  #at(made: TypedNode, node: JavaNode, place: JavaPlace): TypedNode {
    if (!node.shared) this.places.set(made, place);
    return made;
  }

  /** Texts and numbers have no identity here: the value again. Everything else is the same object. */
  #same(target: JavaNode): TypedNode {
    if (target.kind === 'string') return strNode(target.text ?? '');
    if (target.kind === 'object') {
      const value = this.#value(target);
      if (value !== undefined) {
        this.places.delete(value);
        return value;
      }
    }
    return { t: 'ref', id: this.#idOf(target) };
  }

  #object(node: JavaNode): TypedNode {
    return this.#value(node) ?? this.#container(node);
  }

  /** Objects that are one value: boxes, large numbers, dates. */
  #value(node: JavaNode): TypedNode | undefined {
    const name = node.desc?.name ?? '';
    const fields = new Map(node.fields ?? []);
    if (BOXES.has(name)) {
      const inner = fields.get('value');
      if (inner?.kind !== 'primitive') return undefined;
      return this.#at(this.#primitive(inner), node, { start: inner.start, end: inner.end, type: inner.type ?? '' });
    }
    if (name === 'java.math.BigInteger') return this.#bigInteger(node, fields);
    if (name === 'java.math.BigDecimal') {
      const whole = fields.get('intVal');
      const scale = fields.get('scale');
      const digits = whole?.kind === 'object' ? this.#bigInteger(whole, new Map(whole.fields ?? [])) : undefined;
      if (digits?.t !== 'int' || scale?.kind !== 'primitive') return undefined;
      return { t: 'decimal', v: decimalText(digits.v, this.#view.getInt32(scale.start)) };
    }
    if (name === 'java.util.UUID') {
      const [most, least] = [fields.get('mostSigBits'), fields.get('leastSigBits')];
      if (most?.kind !== 'primitive' || least?.kind !== 'primitive') return undefined;
      const hex = [most, least]
        .map(({ start }) => this.#view.getBigUint64(start).toString(16).padStart(16, '0'))
        .join('');
      return { t: 'uuid', v: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
    }
    const block =
      node.data?.length === 1 && node.data[0]?.kind === 'block' ? this.#blockBytes(node.data[0]) : undefined;
    if (block === undefined) return undefined;
    const view = new DataView(block.buffer, block.byteOffset, block.length);
    if (name === 'java.util.Date' && block.length === 8) {
      return momentNode('java.util.Date', Number(view.getBigInt64(0)), 0);
    }
    if (name === 'java.time.Ser' && block[0] === 2 && block.length === 13) {
      const nanos = view.getInt32(9);
      return momentNode('java.time.Instant', Number(view.getBigInt64(1)) * 1000, nanos);
    }
    return undefined;
  }

  #bigInteger(node: JavaNode, fields: ReadonlyMap<string, JavaNode>): TypedNode | undefined {
    const [sign, magnitude] = [fields.get('signum'), fields.get('magnitude')];
    if (node.kind !== 'object' || sign?.kind !== 'primitive' || magnitude?.kind !== 'array') return undefined;
    const bytes = this.#arrayBytes(magnitude);
    if (bytes.length > 40_000) return undefined;
    const value = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
    return intNode(this.#view.getInt32(sign.start) < 0 ? -value : value);
  }

  #container(node: JavaNode): TypedNode {
    const name = node.desc?.name ?? '';
    const id = this.#id(node);
    const objects = (node.data ?? []).filter(({ kind }) => kind !== 'block');
    const kinds = namesOf(node.desc);
    if (kinds.some((one) => MAPS.has(one)) && objects.length % 2 === 0) {
      const pairs: TypedPair[] = [];
      for (let i = 0; i + 1 < objects.length; i += 2) {
        const [key, value] = [objects[i] as JavaNode, objects[i + 1] as JavaNode];
        // ConcurrentHashMap ends with null and null.
        if (key.kind === 'null' && value.kind === 'null' && i + 2 === objects.length && name.includes('concurrent'))
          break;
        pairs.push([this.of(key), this.of(value)]);
      }
      return { t: 'java-object', ...id, class: name, v: pairs };
    }
    if (LISTS.has(name)) return { t: 'list', ...id, v: objects.map((one) => this.of(one)) };
    if (SETS.has(name)) return { t: 'set', ...id, v: objects.map((one) => this.of(one)) };
    const data = (node.data ?? []).map((one) => this.of(one));
    return {
      t: 'java-object',
      ...id,
      class: name,
      v: (node.fields ?? []).map(([field, value]): TypedPair => [strNode(field), this.of(value)]),
      ...(data.length > 0 && { data }),
    };
  }

  #array(node: JavaNode): TypedNode {
    const id = this.#id(node);
    if (node.type === 'B') return { t: 'bytes', b64: toBase64(this.#arrayBytes(node)) };
    return {
      t: 'java-array',
      ...id,
      of: typeName(node.desc?.name ?? ''),
      v: (node.items ?? []).map((one) => this.of(one)),
    };
  }

  #arrayBytes(node: JavaNode): Uint8Array {
    return node.content === undefined ? new Uint8Array() : this.#bytes.subarray(node.content, node.end);
  }

  #blockBytes(node: JavaNode): Uint8Array {
    const head = this.#bytes[node.start] === 0x77 ? 2 : 5;
    return this.#bytes.subarray(node.start + head, node.end);
  }

  #primitive({ start, type }: JavaNode): TypedNode {
    const view = this.#view;
    switch (type) {
      case 'Z':
        return boolNode(view.getUint8(start) !== 0);
      case 'B':
        return intNode(view.getInt8(start));
      case 'S':
        return intNode(view.getInt16(start));
      case 'I':
        return intNode(view.getInt32(start));
      case 'J':
        return intNode(view.getBigInt64(start));
      case 'F':
        return floatNode(view.getFloat32(start));
      case 'D':
        return floatNode(view.getFloat64(start));
      default:
        return { t: 'java-char', v: String.fromCharCode(view.getUint16(start)) };
    }
  }

  #id(node: JavaNode): { id?: number } {
    return node.shared ? { id: this.#idOf(node) } : {};
  }

  #idOf(node: JavaNode): number {
    let id = this.#ids.get(node);
    if (id === undefined) {
      id = this.#ids.size + 1;
      this.#ids.set(node, id);
    }
    return id;
  }
}

function namesOf(desc: JavaClass | undefined): string[] {
  const names: string[] = [];
  for (let one = desc; one !== undefined && names.length < 200; one = one.base) names.push(one.name);
  return names;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  Z: 'boolean',
  C: 'char',
  S: 'short',
  I: 'int',
  J: 'long',
  F: 'float',
  D: 'double',
};

function typeName(array: string): string {
  const inner = array.slice(1);
  return TYPE_NAMES[inner] ?? inner.replace(/^L(.*);$/, '$1');
}

function momentNode(name: string, milliseconds: number, nanos: number): TypedNode | undefined {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return undefined;
  const iso = date.toISOString();
  if (nanos === 0) return { t: 'java-value', class: name, v: iso.replace('.000Z', 'Z') };
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '');
  return { t: 'java-value', class: name, v: iso.replace(/\.\d+Z$/, `.${fraction}Z`) };
}

function decimalText(digits: string, scale: number): string {
  if (scale <= 0 || scale > 10_000) return scale === 0 ? digits : `${digits}E${-scale}`;
  const sign = digits.startsWith('-') ? '-' : '';
  const plain = digits.replace('-', '').padStart(scale + 1, '0');
  return `${sign}${plain.slice(0, -scale)}.${plain.slice(-scale)}`;
}
