import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { fromLatin1 } from '../bytes.ts';
import type { Span } from '../json/cst.ts';
import { intNode } from '../nodes.ts';
import { type PhpKey, type PhpMember, type PhpNode, textNode } from './reader.ts';

/** Typed JSON of what was read, and where each of its nodes stands in the bytes. */
export class PhpTyped {
  readonly spans = new Map<TypedNode, Span>();
  #ids = 0;
  readonly #references = new Map<PhpNode, number>();
  readonly #objects = new Map<PhpNode, number>();

  /** The session array of a handler that does not write it. */
  session(members: readonly PhpMember[]): TypedNode {
    // As everywhere in PHP, an array without members is a list.
    return members.length === 0 ? { t: 'list', v: [] } : { t: 'php-array', v: this.#pairs(members) };
  }

  of(node: PhpNode): TypedNode {
    if (!node.referenced) return this.#plain(node);
    const id = this.#idOf(this.#references, node);
    return this.#at(node, { t: 'php-reference', id, v: this.#plain(node) });
  }

  #plain(node: PhpNode): TypedNode {
    const id = node.shared ? { id: this.#idOf(this.#objects, node) } : {};
    switch (node.kind) {
      case 'scalar':
        return this.#at(node, node.value as TypedNode);
      case 'array': {
        const members = node.members ?? [];
        const list = members.every(({ key }, i) => key.int === String(i));
        if (!list) return this.#at(node, { t: 'php-array', v: this.#pairs(members) });
        return this.#at(node, { t: 'list', v: members.map((member) => this.of(member.node)) });
      }
      case 'object':
        return this.#at(node, {
          t: 'php-object',
          ...id,
          class: node.class ?? '',
          v: this.#pairs(node.members ?? [], propertyOf),
        });
      case 'serialized':
        return this.#at(node, { t: 'php-serialized', ...id, class: node.class ?? '', v: node.value as TypedNode });
      case 'enum':
        return this.#at(node, { t: 'php-enum', ...id, class: node.class ?? '', v: node.name ?? '' });
      case 'same':
        return this.#at(node, { t: 'ref', id: this.#idOf(this.#objects, node.target as PhpNode) });
      case 'reference':
        return this.#at(node, { t: 'ref', id: this.#idOf(this.#references, node.target as PhpNode) });
    }
  }

  #pairs(members: readonly PhpMember[], keyOf: (key: PhpKey) => TypedNode = keyNode): TypedPair[] {
    return members.map(({ key, node }) => [this.#at(key, keyOf(key)), this.of(node)]);
  }

  #at<N extends TypedNode>({ start, end }: Span, node: N): N {
    this.spans.set(node, { start, end });
    return node;
  }

  #idOf(ids: Map<PhpNode, number>, node: PhpNode): number {
    let id = ids.get(node);
    if (id === undefined) {
      id = ++this.#ids;
      ids.set(node, id);
    }
    return id;
  }
}

function keyNode(key: PhpKey): TypedNode {
  return key.int === undefined ? textNode(key.bytes ?? new Uint8Array()) : intNode(key.int);
}

/** `name`, `\0*\0name` (protected), `\0Class\0name` (private). */
function propertyOf(key: PhpKey): TypedNode {
  const { bytes } = key;
  const second = bytes?.[0] === 0 ? bytes.indexOf(0, 1) : -1;
  if (bytes === undefined || second < 2) return keyNode(key);
  const name = textNode(bytes.subarray(second + 1));
  if (name.t !== 'str') return keyNode(key);
  const owner = fromLatin1(bytes.subarray(1, second));
  if (owner === '*') return { t: 'php-property', v: name.v, visibility: 'protected' };
  return { t: 'php-property', v: name.v, visibility: 'private', class: owner };
}
