import type { TypedNode } from '../model/typed.ts';
import { innerNodes } from './path.ts';
import { fieldOf, idOf, shapeOf } from './shape.ts';

/**
 * Numbers that are equal for values of equal content, given out as contents turn up, so that comparing two large values
 * costs one walk of each. Ids do not count and every `ref` looks alike: `plain` tells when that matters.
 */
export class Fingerprints {
  readonly #step: () => void;
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<TypedNode, number>();
  readonly #linked = new WeakSet<TypedNode>();

  /** @param step called for each value that is looked at; may throw to end it */
  constructor(step: () => void = () => {}) {
    this.#step = step;
  }

  of(node: TypedNode): number {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    this.#step();
    const inner: number[] = [];
    let linked = node.t === 'ref' || idOf(node) !== undefined;
    for (const one of innerNodes(node)) {
      inner.push(this.of(one));
      if (this.#linked.has(one)) linked = true;
    }
    if (shapeOf(node).members === 'set') inner.sort((a, b) => a - b);
    const content = `${node.t}|${scalars(node)}|${inner.join(',')}`;
    let number = this.#numbers.get(content);
    if (number === undefined) this.#numbers.set(content, (number = this.#numbers.size));
    this.#known.set(node, number);
    if (linked) this.#linked.add(node);
    return number;
  }

  /** True when nothing in the node is shared, so that equal numbers mean equal values. */
  plain(node: TypedNode): boolean {
    this.of(node);
    return !this.#linked.has(node);
  }
}

/** The fields that hold no nodes, and which of the optional and list fields are there. */
export function scalars(node: TypedNode): string {
  if (node.t === 'ref') return '';
  if (node.t === 'str') return node.v;
  let text = '';
  for (const field of shapeOf(node).fields) {
    const value = fieldOf(node, field.name);
    if (value === undefined || field.type === 'codepoints') continue;
    if (Array.isArray(value)) text += `${field.name}:${value.length};`;
    else if (typeof value === 'object') text += `${field.name}:${value === null ? 'null' : ''};`;
    else text += `${field.name}=${JSON.stringify(value)};`;
  }
  return text;
}
