import type { TypedNode } from '../model/typed.ts';
import { floatOfHex } from './nodes.ts';
import { fieldOf, shapeOf } from './shape.ts';

/**
 * A text that is the same for exactly those keys that are of the same kind and value: what paths and differences
 * compare by. `1`, `1.0`, `True` and `"1"` all differ here. Object ids do not count, references do.
 */
export function keyIdentity(node: TypedNode): string {
  if (node.t === 'str') return `str ${JSON.stringify(node.v)}`;
  if (node.t === 'float') return `float ${node.hex}`;
  const parts: string[] = [];
  for (const field of shapeOf(node).fields) {
    const value = fieldOf(node, field.name);
    if (value === undefined) continue;
    parts.push(`${field.name}:${partIdentity(value)}`);
  }
  const text = `${node.t} {${parts.join(',')}}`;
  return node.t === 'ref' ? `ref ${node.id}` : text;
}

function partIdentity(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(partIdentity).join(',')}]`;
  if (typeof value === 'object' && value !== null) return keyIdentity(value as TypedNode);
  return JSON.stringify(value);
}

/**
 * A text that is the same for exactly those keys that are one key in a Python dict: numbers compare by value, so `1`,
 * `1.0` and `True` are one key. Undefined for NaN, which never equals anything. Containers compare member by member.
 */
export function pythonKey(node: TypedNode): string | undefined {
  switch (node.t) {
    case 'bool':
      return node.v ? 'n 1' : 'n 0';
    case 'int':
      return `n ${node.v}`;
    case 'float': {
      const value = floatOfHex(node.hex);
      if (Number.isNaN(value)) return undefined;
      return Number.isInteger(value) ? `n ${BigInt(value)}` : `f ${node.hex}`;
    }
    case 'tuple': {
      const parts = node.v.map(pythonKey);
      return parts.includes(undefined) ? undefined : `tuple [${parts.join(',')}]`;
    }
    case 'frozenset': {
      const parts = node.v.map(pythonKey);
      return parts.includes(undefined) ? undefined : `frozenset [${parts.sort().join(',')}]`;
    }
    default:
      return keyIdentity(node);
  }
}
