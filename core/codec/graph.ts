import type { TypedKind, TypedNode, TypedPair } from '../model/typed.ts';
import { type Field, fieldOf, idOf, SHAPES, shapeOf } from './shape.ts';

/**
 * A value with real identity: `ref` nodes are gone and shared objects are the same object here. What edits work on, so
 * that sharing and recursion come out right whatever is moved, replaced or removed.
 */
export interface GraphNode {
  readonly t: TypedKind;
  /** A scalar is kept as it is; the rest is empty then. */
  readonly leaf?: TypedNode;
  /** The node of typed JSON that it was made of: writers find the original bytes by it. */
  readonly origin?: TypedNode;
  /** Fields without nodes, as they stand in typed JSON. */
  readonly scalars: Map<string, unknown>;
  /** Fields with one node each. */
  readonly parts: Map<string, GraphNode | null>;
  /** Fields with lists of nodes or pairs. */
  readonly lists: Map<string, Slot[]>;
}

/** One member; a new object each time, so that a place keeps its identity while its neighbours come and go. */
export interface Slot {
  key?: GraphNode;
  value: GraphNode;
}

const NOTHING: Omit<GraphNode, 't' | 'leaf'> = { scalars: new Map(), parts: new Map(), lists: new Map() };

/** Kinds that hold no nodes and have no identity. */
const SCALARS: ReadonlySet<TypedKind> = new Set(
  [...SHAPES]
    .filter(([, shape]) => !shape.shared && shape.fields.every(({ type }) => !/node|pairs/.test(type)))
    .map(([t]) => t),
);

function isScalar(node: TypedNode): boolean {
  return node.t !== 'ref' && SCALARS.has(node.t);
}

/** Builds the graph of a value. A `ref` without an object stays a leaf. */
export function toGraph(root: TypedNode): GraphNode {
  const byId = new Map<number, GraphNode>();
  const pending: [TypedNode, GraphNode][] = [];
  const make = (node: TypedNode): GraphNode => {
    const id = node.t === 'ref' ? node.id : idOf(node);
    const known = id === undefined ? undefined : byId.get(id);
    if (known !== undefined) {
      // The object may be met first through a reference: its content arrives with the node that carries the id.
      if (node.t !== 'ref' && known.t === 'ref') {
        Object.assign(known, { t: node.t, origin: node });
        pending.push([node, known]);
      }
      return known;
    }
    if (id === undefined && isScalar(node)) return { ...NOTHING, t: node.t, leaf: node, origin: node };
    const made: GraphNode = { t: node.t, origin: node, scalars: new Map(), parts: new Map(), lists: new Map() };
    if (id !== undefined) byId.set(id, made);
    if (node.t === 'ref') made.scalars.set('id', id);
    else pending.push([node, made]);
    return made;
  };
  const top = make(root);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) fill(next[0], next[1], make);
  return top;
}

function fill(node: TypedNode, made: GraphNode, make: (node: TypedNode) => GraphNode): void {
  for (const field of shapeOf(node).fields) {
    const value = fieldOf(node, field.name);
    if (value === undefined) continue;
    if (typeof value !== 'object' || field.type === 'codepoints') made.scalars.set(field.name, value);
    else if (value === null) made.parts.set(field.name, null);
    else if (!Array.isArray(value)) made.parts.set(field.name, make(value as TypedNode));
    else if (field.type.startsWith('pairs')) {
      const pairs = value as readonly TypedPair[];
      made.lists.set(
        field.name,
        pairs.map(([key, inner]) => ({ key: make(key), value: make(inner) })),
      );
    } else {
      made.lists.set(
        field.name,
        (value as readonly TypedNode[]).map((inner) => ({ value: make(inner) })),
      );
    }
  }
}

/** The typed JSON of a graph; objects that occur more than once get ids from 1 in order of first occurrence. */
export function fromGraph(root: GraphNode): TypedNode {
  const shared = repeated(root);
  const ids = new Map<GraphNode, number>();
  const write = (node: GraphNode): TypedNode => {
    if (node.leaf !== undefined) return node.leaf;
    const known = ids.get(node);
    if (known !== undefined) return { t: 'ref', id: known };
    const made: Record<string, unknown> = { t: node.t };
    if (shared.has(node)) {
      ids.set(node, ids.size + 1);
      made['id'] = ids.size;
    }
    for (const { name } of fieldsOf(node)) {
      if (node.scalars.has(name)) made[name] = node.scalars.get(name);
      const part = node.parts.get(name);
      if (part !== undefined) made[name] = part === null ? null : write(part);
      const slots = node.lists.get(name);
      if (slots !== undefined) {
        made[name] = slots.map(({ key, value }) => (key === undefined ? write(value) : [write(key), write(value)]));
      }
    }
    return made as unknown as TypedNode;
  };
  return write(root);
}

/** The fields of a graph node in their order. */
export function fieldsOf(node: GraphNode): readonly Field[] {
  return shapeOf({ t: node.t } as TypedNode).fields;
}

/** Nodes directly inside, keys included. */
export function* innerOf(node: GraphNode): Generator<GraphNode> {
  if (node.leaf !== undefined) return;
  for (const { name } of fieldsOf(node)) {
    const part = node.parts.get(name);
    if (part !== undefined && part !== null) yield part;
    for (const { key, value } of node.lists.get(name) ?? []) {
      if (key !== undefined) yield key;
      yield value;
    }
  }
}

/** Objects with an identity that are reached in more than one way. */
export function repeated(root: GraphNode): Set<GraphNode> {
  const seen = new Set<GraphNode>();
  const again = new Set<GraphNode>();
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.leaf !== undefined) continue;
    if (!shapeOf({ t: node.t } as TypedNode).shared) {
      for (const inner of innerOf(node)) open.push(inner);
      continue;
    }
    if (seen.has(node)) {
      again.add(node);
      continue;
    }
    seen.add(node);
    for (const inner of innerOf(node)) open.push(inner);
  }
  return again;
}
