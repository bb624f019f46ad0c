import { keyIdentity } from '../../../core/codec/keys.ts';
import type { Path, PathStep } from '../../../core/model/path.ts';
import type { TypedNode, TypedPair } from '../../../core/model/typed.ts';

/** Same type and value, identities of shared objects apart. */
export function sameNode(a: TypedNode, b: TypedNode): boolean {
  return a === b || canonical(a) === canonical(b);
}

function canonical(node: TypedNode): string {
  return JSON.stringify(node, (key, value) => (key === 'id' && typeof value === 'number' ? undefined : value));
}

const MAPPINGS = new Set(['dict', 'storage', 'ordereddict', 'counter', 'defaultdict']);
const SEQUENCES = new Set(['list', 'tuple', 'set', 'frozenset', 'deque']);

export type MappingNode = Extract<TypedNode, { t: 'dict' | 'storage' | 'ordereddict' | 'counter' | 'defaultdict' }>;
export type SequenceNode = Extract<TypedNode, { t: 'list' | 'tuple' | 'set' | 'frozenset' | 'deque' }>;

export function isMapping(node: TypedNode): node is MappingNode {
  return MAPPINGS.has(node.t);
}

export function isSequence(node: TypedNode): node is SequenceNode {
  return SEQUENCES.has(node.t);
}

/** A copy of a value with the member at the path replaced; undefined for `value` removes it. */
export function replaceAt(node: TypedNode, path: Path, value: TypedNode | undefined): TypedNode {
  const [step, ...rest] = path;
  if (step === undefined) return value ?? node;
  if (isMapping(node) && step.kind === 'key') {
    const wanted = keyIdentity(step.key);
    const v = node.v.flatMap(([key, member]): TypedPair[] => {
      if (keyIdentity(key) !== wanted) return [[key, member]];
      if (rest.length === 0 && value === undefined) return [];
      return [[key, replaceAt(member, rest, value)]];
    });
    return { ...node, v };
  }
  if (isSequence(node) && step.kind === 'index') {
    const v = node.v.flatMap((member, index) => {
      if (index !== step.index) return [member];
      return rest.length === 0 && value === undefined ? [] : [replaceAt(member, rest, value)];
    });
    return { ...node, v };
  }
  if (step.kind === 'part' && step.part in node) {
    const part = (node as unknown as Record<string, unknown>)[step.part];
    if (isNode(part)) return { ...node, [step.part]: replaceAt(part, rest, value) } as TypedNode;
  }
  return node;
}

/** A copy with a new member: under a key, or before a position. */
export function insertAt(node: TypedNode, step: PathStep, value: TypedNode): TypedNode {
  if (isMapping(node) && step.kind === 'key') return { ...node, v: [...node.v, [step.key, value]] };
  if (isSequence(node) && step.kind === 'index') {
    return { ...node, v: [...node.v.slice(0, step.index), value, ...node.v.slice(step.index)] };
  }
  return node;
}

function isNode(value: unknown): value is TypedNode {
  return typeof value === 'object' && value !== null && 't' in value;
}
