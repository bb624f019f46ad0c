import { problem } from '../model/problem.ts';
import type { TypedNode, TypedPair } from '../model/typed.ts';
import { boolNode, dictNode, floatNode, floatOfHex, intNode, listNode, NONE, strNode } from './nodes.ts';
import { deref, rubyText } from './path.ts';
import { fieldOf, shapeOf } from './shape.ts';
import { summarise } from './summarise.ts';

/**
 * A plain JavaScript value as a node: whole numbers become int, others float, bigint int, text str, arrays list,
 * objects dict in the order of their keys. Anything else is refused with kind `bad-value`.
 */
export function fromPlainJson(value: unknown): TypedNode {
  switch (typeof value) {
    case 'string':
      return strNode(value);
    case 'boolean':
      return boolNode(value);
    case 'bigint':
      return intNode(value);
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? intNode(value) : floatNode(value);
    case 'object':
      if (value === null) return NONE;
      if (Array.isArray(value)) return listNode(value.map(fromPlainJson));
      return dictNode(Object.entries(value).map(([key, inner]) => [strNode(key), fromPlainJson(inner)]));
    default:
      throw problem('bad-value', `A ${typeof value} is no JSON value`);
  }
}

/**
 * A value as plain JavaScript for filters, templates and reports. Information is lost: tuples and sets become arrays,
 * integers beyond 2^53 and everything that JSON lacks become text. Objects have no prototype.
 */
export function toPlain(node: TypedNode): unknown {
  return plainOf(node, node);
}

function plainOf(node: TypedNode, root: TypedNode): unknown {
  switch (node.t) {
    case 'none':
      return null;
    case 'bool':
    case 'str':
      return node.v;
    case 'int': {
      const value = Number(node.v);
      return Number.isSafeInteger(value) ? value : node.v;
    }
    case 'float': {
      const value = floatOfHex(node.hex);
      return Number.isFinite(value) ? value : node.v;
    }
    case 'object': {
      const parts = node.entries ?? (node.state?.t === 'dict' ? node.state.v : undefined);
      if (parts !== undefined) return plainObject(parts, root);
      return node.items?.map((item) => plainOf(item, root)) ?? summarise(node, 200);
    }
    case 'enum':
      return plainOf(node.value, root);
    case 'ref':
    case 'ruby-string':
      return rubyText(deref(root, node)) ?? summarise(node, 200);
    default: {
      const { members } = shapeOf(node);
      if (members === 'mapping') return plainObject(fieldOf(node, 'v') as readonly TypedPair[], root);
      if (members !== 'none')
        return (fieldOf(node, 'v') as readonly TypedNode[]).map((member) => plainOf(member, root));
      const text = fieldOf(node, 'v');
      return typeof text === 'string' ? text : summarise(node, 200);
    }
  }
}

function plainObject(pairs: readonly TypedPair[], root: TypedNode): Record<string, unknown> {
  const made: Record<string, unknown> = Object.create(null);
  for (const [key, value] of pairs) {
    const text = key.t === 'str' ? key.v : (rubyText(deref(root, key)) ?? summarise(key, 200));
    made[text] = plainOf(value, root);
  }
  return made;
}
