import type { TypedNode } from '../model/typed.ts';
import { Fingerprints, scalars } from './fingerprint.ts';
import { deref, innerNodes } from './path.ts';
import { idOf, shapeOf } from './shape.ts';

/**
 * Whether two values are the same: kinds, contents, order of mappings, and which objects are shared. Numbers of ids and
 * the place where a shared object is written out do not count, nor does the order of a set.
 */
export function typedEqual(a: TypedNode, b: TypedNode): boolean {
  const links = new Links(a, b);
  const prints = new Fingerprints();
  const open: [TypedNode, TypedNode][] = [[a, b]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const left = deref(a, pair[0]);
    const right = deref(b, pair[1]);
    if (left === undefined || right === undefined) {
      if (left !== right) return false;
      continue;
    }
    const link = links.meet(left, right);
    if (link === 'same') continue;
    if (link === 'different' || left.t !== right.t || scalars(left) !== scalars(right)) return false;
    let leftInner = [...innerNodes(left)];
    let rightInner = [...innerNodes(right)];
    if (leftInner.length !== rightInner.length) return false;
    if (shapeOf(left).members === 'set') {
      const byPrint = (one: TypedNode, other: TypedNode) => prints.of(one) - prints.of(other);
      leftInner = leftInner.sort(byPrint);
      rightInner = rightInner.sort(byPrint);
    }
    for (let i = 0; i < leftInner.length; i++) open.push([leftInner[i] as TypedNode, rightInner[i] as TypedNode]);
  }
  return true;
}

/** Which shared object of one value plays the part of which in the other. */
export class Links {
  readonly #forward = new Map<TypedNode, TypedNode>();
  readonly #back = new Map<TypedNode, TypedNode>();
  readonly #left: TypedNode;
  readonly #right: TypedNode;

  constructor(left: TypedNode, right: TypedNode) {
    this.#left = left;
    this.#right = right;
  }

  /** Both objects behind the nodes meet here: for the first time, again, or one of them has met another before. */
  meet(left: TypedNode, right: TypedNode): 'new' | 'same' | 'different' {
    if (idOf(left) === undefined && idOf(right) === undefined) return 'new';
    // Python has one empty tuple and one empty frozenset: that they are shared means nothing.
    if (isSingleton(left) && isSingleton(right)) return 'new';
    const before = this.#forward.get(left);
    if (before !== undefined) return before === right ? 'same' : 'different';
    if (this.#back.has(right)) return 'different';
    this.#forward.set(left, right);
    this.#back.set(right, left);
    return 'new';
  }

  left(node: TypedNode): TypedNode | undefined {
    return deref(this.#left, node);
  }

  right(node: TypedNode): TypedNode | undefined {
    return deref(this.#right, node);
  }
}

function isSingleton(node: TypedNode): boolean {
  return (node.t === 'tuple' || node.t === 'frozenset') && node.v.length === 0;
}
