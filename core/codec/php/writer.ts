import { problem } from '../../model/problem.ts';
import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { concat, fromBase64, hasLoneSurrogate, latin1, utf8 } from '../bytes.ts';
import { type GraphNode, type Slot, toGraph } from '../graph.ts';
import type { Span } from '../json/cst.ts';
import { floatNode, floatOfHex } from '../nodes.ts';
import { textNode } from './reader.ts';

const MOST_INT = 2n ** 63n - 1n;

/**
 * Writes values as `serialize` does. Values that come from the old bytes (`spans`) keep those; lengths, counts and the
 * numbers of `r:` and `R:` follow from what is there. One writer numbers all values that it writes.
 */
export class PhpWriter {
  readonly #old: Uint8Array;
  readonly #spans: ReadonlyMap<TypedNode, Span>;
  readonly #pieces: Uint8Array[] = [];
  /** The number that a reference, an object has got. */
  readonly #numbers = new Map<GraphNode, number>();
  readonly #arrays = new Set<GraphNode>();
  #count = 0;

  constructor(old: Uint8Array = new Uint8Array(), spans: ReadonlyMap<TypedNode, Span> = new Map()) {
    this.#old = old;
    this.#spans = spans;
  }

  bytes(): Uint8Array {
    return concat(this.#pieces);
  }

  raw(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
  }

  value(node: GraphNode): void {
    const known = this.#numbers.get(node);
    if (node.t === 'php-reference') {
      if (known !== undefined) {
        this.#text(`R:${known};`);
        return;
      }
      const inner = node.parts.get('v');
      if (inner === null || inner === undefined) throw unrepresentable(node.t);
      this.#numbers.set(node, this.#count + 1);
      this.value(inner);
      return;
    }
    const number = ++this.#count;
    if (known !== undefined) {
      this.#text(`r:${known};`);
      return;
    }
    switch (node.t) {
      case 'php-object': {
        this.#numbers.set(node, number);
        const name = latin1(String(node.scalars.get('class')));
        this.#text(`O:${name.length}:"`);
        this.raw(name);
        this.#members(node, '":', (key) => this.#property(key));
        return;
      }
      case 'php-serialized': {
        this.#numbers.set(node, number);
        const name = latin1(String(node.scalars.get('class')));
        const inner = contentOf(node.parts.get('v')?.leaf);
        this.#text(`C:${name.length}:"`);
        this.raw(name);
        this.#text(`":${inner.length}:{`);
        this.raw(inner);
        this.#text('}');
        return;
      }
      case 'php-enum': {
        this.#numbers.set(node, number);
        const text = latin1(`${String(node.scalars.get('class'))}:${String(node.scalars.get('v'))}`);
        this.#string('E', text);
        return;
      }
      case 'php-array':
      case 'dict': {
        this.#members(node, 'a:', (key) => this.#arrayKey(key));
        return;
      }
      case 'list': {
        this.#members(node, 'a:', (_key, index) => this.#text(`i:${index};`));
        return;
      }
      default: {
        this.#scalar(node);
        return;
      }
    }
  }

  #members(node: GraphNode, head: string, key: (key: GraphNode | undefined, index: number) => void): void {
    if (this.#arrays.has(node)) {
      throw problem('php-unrepresentable', 'PHP copies arrays: one that stands in two places needs a php-reference');
    }
    this.#arrays.add(node);
    const slots: readonly Slot[] = node.lists.get('v') ?? [];
    this.#text(`${head}${slots.length}:{`);
    for (const [index, slot] of slots.entries()) {
      key(slot.key, index);
      this.value(slot.value);
    }
    this.#text('}');
  }

  #arrayKey(key: GraphNode | undefined): void {
    const leaf = key?.leaf;
    if (this.#kept(leaf)) return;
    if (leaf?.t === 'int' || (leaf?.t === 'str' && isArrayIndex(leaf.v))) {
      this.#text(`i:${int64(leaf.v)};`);
      return;
    }
    this.#string('s', contentOf(leaf));
  }

  #property(key: GraphNode | undefined): void {
    const leaf = key?.leaf;
    if (this.#kept(leaf)) return;
    if (leaf?.t === 'int') {
      this.#text(`i:${int64(leaf.v)};`);
      return;
    }
    if (leaf?.t !== 'php-property') {
      this.#string('s', contentOf(leaf));
      return;
    }
    const owner = leaf.visibility === 'protected' ? '*' : (leaf.class ?? '');
    this.#string('s', concat([latin1(`\0${owner}\0`), utf8(leaf.v)]));
  }

  #scalar(node: GraphNode): void {
    const { leaf } = node;
    if (leaf === undefined) throw unrepresentable(node.t);
    if (this.#kept(leaf)) return;
    switch (leaf.t) {
      case 'none': {
        this.#text('N;');
        return;
      }
      case 'bool': {
        this.#text(`b:${leaf.v ? 1 : 0};`);
        return;
      }
      case 'int': {
        this.#text(`i:${int64(leaf.v)};`);
        return;
      }
      case 'float': {
        this.#text(`d:${phpFloat(floatOfHex(leaf.hex))};`);
        return;
      }
      case 'number': {
        this.#text(`d:${phpFloat(Number(leaf.v))};`);
        return;
      }
      default:
        this.#string('s', contentOf(leaf));
    }
  }

  /** The bytes that the value had, when it comes from the old ones. */
  #kept(leaf: TypedNode | undefined): boolean {
    const span = leaf === undefined ? undefined : this.#spans.get(leaf);
    if (span === undefined) return false;
    this.raw(this.#old.subarray(span.start, span.end));
    return true;
  }

  #string(type: string, bytes: Uint8Array): void {
    this.#text(`${type}:${bytes.length}:"`);
    this.raw(bytes);
    this.#text('";');
  }

  #text(text: string): void {
    this.raw(latin1(text));
  }
}

/** A value as `serialize` writes it. */
export function writePhp(value: TypedNode): Uint8Array {
  const writer = new PhpWriter();
  writer.value(toGraph(inPhp(value)));
  return writer.bytes();
}

/** A value in PHP's kinds: mappings become arrays, whose keys are numbers where they look like one. */
export function inPhp(value: TypedNode): TypedNode {
  switch (value.t) {
    case 'list':
      return { ...value, v: value.v.map(inPhp) };
    case 'dict':
    case 'php-array': {
      const pairs = value.v.map(([key, inner]): TypedPair => [keyInPhp(key), inPhp(inner)]);
      if (pairs.every(([key], i) => key.t === 'int' && key.v === String(i))) {
        return { t: 'list', v: pairs.map(([, inner]) => inner) };
      }
      return { ...('id' in value && value.id !== undefined && { id: value.id }), t: 'php-array', v: pairs };
    }
    case 'php-object':
      return { ...value, v: value.v.map(([key, inner]): TypedPair => [key, inPhp(inner)]) };
    case 'php-reference':
      return { ...value, v: inPhp(value.v) };
    case 'number':
      return floatNode(Number(value.v));
    case 'float':
      // PHP has one NaN.
      return floatNode(floatOfHex(value.hex));
    case 'bytes':
      return textNode(fromBase64(value.b64) ?? new Uint8Array());
    default:
      return value;
  }
}

function keyInPhp(key: TypedNode): TypedNode {
  // Bytes that are no UTF-8 stay bytes.
  const plain = key.t === 'bytes' ? inPhp(key) : key;
  return plain.t === 'str' && isArrayIndex(plain.v) ? { t: 'int', v: plain.v } : plain;
}

/** Texts that PHP turns into a number when they are the key of an array: `5`, `-3`, not `05`, `+5`, `-0`. */
function isArrayIndex(text: string): boolean {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return false;
  const value = BigInt(text);
  return value <= MOST_INT && value > -MOST_INT - 1n;
}

function int64(text: string): string {
  const value = BigInt(text);
  if (value > MOST_INT || value < -MOST_INT - 1n) {
    throw problem('php-unrepresentable', `${text.slice(0, 40)} is beyond PHP's integers (64 bits)`, {
      remedy: 'Use a smaller number, a float or a text',
    });
  }
  return String(value);
}

function contentOf(leaf: TypedNode | undefined): Uint8Array {
  if (leaf?.t === 'str' && !hasLoneSurrogate(leaf.v)) return utf8(leaf.v);
  const bytes = leaf?.t === 'bytes' ? fromBase64(leaf.b64) : undefined;
  if (bytes === undefined) throw unrepresentable(leaf?.t ?? 'nothing');
  return bytes;
}

function unrepresentable(kind: string): Error {
  return problem('php-unrepresentable', `PHP has no ${kind}`, {
    remedy: 'Use null, true, false, a number, text, bytes, a list, an array or an object of PHP',
  });
}

/** The shortest digits that read back, as PHP 7.1 and later write them: `0.1`, `3`, `1.0E-25`, `-INF`. */
function phpFloat(value: number): string {
  if (Number.isNaN(value)) return 'NAN';
  if (!Number.isFinite(value)) return value > 0 ? 'INF' : '-INF';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const sign = value < 0 ? '-' : '';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '');
  if (exponent < -4 || exponent >= 17) {
    const rest = digits.length > 1 ? digits.slice(1) : '0';
    return `${sign}${digits[0]}.${rest}E${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}
