import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { fromUtf8, toBase64 } from '../bytes.ts';
import type { Span } from '../json/cst.ts';
import { boolNode, floatNode, intNode, NONE, strNode } from '../nodes.ts';
import type { RubyNode } from './reader.ts';

/** Typed JSON of a Marshal stream, and what each of its nodes was made of. */
export class MarshalTyped {
  readonly origins = new Map<TypedNode, RubyNode>();
  readonly #ids = new Map<RubyNode, number>();

  spanOf(node: TypedNode): Span | undefined {
    const origin = this.origins.get(node);
    return origin && { start: origin.start, end: origin.end };
  }

  of(node: RubyNode): TypedNode {
    const made = this.#make(node);
    this.origins.set(made, node);
    return made;
  }

  #make(node: RubyNode): TypedNode {
    const id = node.shared ? { id: this.#idOf(node) } : {};
    switch (node.kind) {
      case 'nil':
        return { ...NONE };
      case 'true':
      case 'false':
        return boolNode(node.kind === 'true');
      case 'int':
        return intNode(node.text ?? '0');
      case 'float':
        return floatNode(numberOf(node.text ?? ''));
      case 'symbol':
        return { t: 'ruby-symbol', v: node.text ?? '' };
      case 'string':
        return this.#string(node);
      case 'array':
        return { t: 'list', ...id, v: (node.items ?? []).map((item) => this.of(item)) };
      case 'hash': {
        const v = (node.pairs ?? []).map(([key, value]): TypedPair => [this.of(key), this.of(value)]);
        if (node.default === undefined) return { t: 'dict', ...id, v };
        return { t: 'ruby-hash', ...id, default: this.of(node.default), v };
      }
      case 'object':
        return this.#set(node) ?? { t: 'ruby-object', ...id, class: node.text ?? '', v: this.#ivars(node) };
      case 'struct':
        return { t: 'ruby-struct', ...id, class: node.text ?? '', v: this.#ivars(node) };
      case 'dump':
        return {
          t: 'ruby-user',
          ...id,
          class: node.text ?? '',
          how: 'dump',
          v: { t: 'bytes', b64: toBase64(node.bytes ?? new Uint8Array()) },
          ...this.#extra(node.ivars ?? []),
        };
      case 'marshal':
      case 'subclass':
      case 'extended': {
        const ivars = this.#extra(node.ivars ?? []);
        const v = this.of(node.inner as RubyNode);
        return { t: 'ruby-user', ...id, class: node.text ?? '', how: node.kind, v, ...ivars };
      }
      case 'regexp': {
        const v = fromUtf8(node.bytes ?? new Uint8Array()) ?? '';
        return { t: 'ruby-regexp', ...id, v, options: node.options ?? 0 };
      }
      case 'class':
      case 'module':
      case 'class-or-module':
        return { t: 'ruby-class', v: node.text ?? '', kind: node.kind };
      case 'link':
        return this.#link(node.target as RubyNode);
    }
  }

  /** Numbers and classes have no identity of their own here: a link to one is the value again. */
  #link(target: RubyNode): TypedNode {
    if (target.kind === 'int') return intNode(target.text ?? '0');
    if (target.kind === 'float') return floatNode(numberOf(target.text ?? ''));
    if (target.kind === 'class' || target.kind === 'module' || target.kind === 'class-or-module')
      return this.#make(target);
    return { t: 'ref', id: this.#idOf(target) };
  }

  #string(node: RubyNode): TypedNode {
    const bytes = node.bytes ?? new Uint8Array();
    const ivars = node.ivars ?? [];
    const encoding = encodingOf(ivars);
    const more = ivars.filter(([name]) => name !== 'E' && name !== 'encoding');
    const text = encoding === 'ASCII-8BIT' ? undefined : fromUtf8(bytes);
    const content: TypedNode = text === undefined ? { t: 'bytes', b64: toBase64(bytes) } : strNode(text);
    const plain = more.length === 0 && !node.shared;
    if (plain && encoding === 'UTF-8' && content.t === 'str') return content;
    if (plain && encoding === 'ASCII-8BIT') return content;
    const id = node.shared ? { id: this.#idOf(node) } : {};
    return { t: 'ruby-string', ...id, v: content, encoding, ...this.#extra(more) };
  }

  #ivars(node: RubyNode): TypedPair[] {
    return (node.ivars ?? []).map(([name, value]) => [strNode(name.replace(/^@/, '')), this.of(value)]);
  }

  #extra(ivars: readonly [string, RubyNode][]): { ivars?: TypedPair[] } {
    if (ivars.length === 0) return {};
    return { ivars: ivars.map(([name, value]) => [strNode(name), this.of(value)]) };
  }

  /** Ruby's Set: an object whose only variable is a hash from the members to true. */
  #set(node: RubyNode): TypedNode | undefined {
    const [variable, more] = node.ivars ?? [];
    const hash = variable?.[0] === '@hash' ? variable[1] : undefined;
    if (node.text !== 'Set' || more !== undefined || hash?.kind !== 'hash' || hash.shared) {
      return undefined;
    }
    if (hash.default !== undefined && hash.default.kind !== 'false') return undefined;
    const pairs = hash.pairs ?? [];
    if (!pairs.every(([, value]) => value.kind === 'true')) return undefined;
    const id = node.shared ? { id: this.#idOf(node) } : {};
    return { t: 'set', ...id, v: pairs.map(([key]) => this.of(key)) };
  }

  #idOf(node: RubyNode): number {
    let id = this.#ids.get(node);
    if (id === undefined) {
      id = this.#ids.size + 1;
      this.#ids.set(node, id);
    }
    return id;
  }
}

function encodingOf(ivars: readonly [string, RubyNode][]): string {
  for (const [name, value] of ivars) {
    if (name === 'E') return value.kind === 'true' ? 'UTF-8' : 'US-ASCII';
    if (name === 'encoding') {
      const { bytes } = value.kind === 'link' ? (value.target as RubyNode) : value;
      return Buffer.from(bytes ?? new Uint8Array()).toString('latin1');
    }
  }
  return 'ASCII-8BIT';
}

function numberOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === '-inf') return Number.NEGATIVE_INFINITY;
  if (text === 'nan') return Number.NaN;
  return Number(text);
}
