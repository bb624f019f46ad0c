import type { Difference, Path, PathStep } from '../model/path.ts';
import type { TypedNode, TypedPair } from '../model/typed.ts';
import { Fingerprints } from './fingerprint.ts';
import { keyIdentity } from './keys.ts';
import { alignSequences } from './lcs.ts';
import { listNode } from './nodes.ts';
import { formatPath, partNode } from './path.ts';
import { fieldOf, shapeOf } from './shape.ts';
import { Links } from './typed-equal.ts';

export interface DiffOptions {
  /** Most lines; beyond them one line for the whole value stands for the rest. Default 10,000. */
  readonly max?: number;
  /**
   * Most values that are looked at, of both together, for callers that must not be held up; beyond them one line stands
   * for the whole. Unlimited by default.
   */
  readonly steps?: number;
}

/**
 * The structural difference of two values; empty exactly when `typedEqual` holds. Mappings are matched by key (a changed
 * order of the keys is the part `@order`), lists by their longest common subsequence, sets by content. Removed members
 * have their old position in the path, all others their new one. Recursive values are followed once.
 */
export function diff(before: TypedNode, after: TypedNode, options: DiffOptions = {}): Difference[] {
  const walk = new Walk(before, after, options.max ?? 10_000, options.steps ?? Number.MAX_SAFE_INTEGER);
  try {
    walk.compare(before, after, undefined);
  } catch (error) {
    if (error !== TOO_MANY_STEPS) throw error;
    return [{ path: [], at: '', before, after }];
  }
  if (walk.overflow) walk.lines.push({ path: [], at: '', before, after });
  return walk.lines;
}

const TOO_MANY_STEPS = new Error('the values are too large to be compared here');

/** A path while it is walked: most places never need it written out. */
interface Trail {
  readonly up: Trail | undefined;
  readonly step: PathStep;
}

function pathOf(trail: Trail | undefined): Path {
  const steps: PathStep[] = [];
  for (let at = trail; at !== undefined; at = at.up) steps.push(at.step);
  return steps.reverse();
}

class Walk {
  readonly lines: Difference[] = [];
  overflow = false;
  readonly #prints: Fingerprints;
  readonly #links: Links;
  readonly #max: number;
  #left: number;
  /** Cells of tables of common subsequences that may still be filled. */
  #cells = MAX_CELLS_IN_ALL;

  constructor(before: TypedNode, after: TypedNode, max: number, steps: number) {
    this.#links = new Links(before, after);
    this.#max = max;
    this.#left = steps;
    this.#prints = new Fingerprints(() => this.#step());
  }

  #step(): void {
    this.#left -= 1;
    if (this.#left < 0) throw TOO_MANY_STEPS;
  }

  #line(trail: Trail | undefined, before: TypedNode | undefined, after: TypedNode | undefined): void {
    if (this.lines.length >= this.#max) {
      this.overflow = true;
      return;
    }
    const path = pathOf(trail);
    const line = { path, at: formatPath(path) };
    this.lines.push({ ...line, ...(before && { before }), ...(after && { after }) });
  }

  compare(a: TypedNode, b: TypedNode, path: Trail | undefined): void {
    if (this.overflow || a === b) return;
    this.#step();
    const left = this.#links.left(a);
    const right = this.#links.right(b);
    if (left === undefined || right === undefined) {
      if (left !== right) this.#line(path, a, b);
      return;
    }
    if (this.#prints.of(left) === this.#prints.of(right) && this.#prints.plain(left) && this.#prints.plain(right))
      return;
    const link = this.#links.meet(left, right);
    if (link === 'same') return;
    if (link === 'different' || left.t !== right.t || ownScalars(left) !== ownScalars(right)) {
      this.#line(path, a, b);
      return;
    }
    const shape = shapeOf(left);
    for (const field of shape.fields) {
      if (field.name === 'v' && shape.members !== 'none') this.#members(left, right, path, shape.members);
      else this.#part(left, right, { up: path, step: { kind: 'part', part: field.name } }, field.name);
    }
  }

  #part(left: TypedNode, right: TypedNode, path: Trail, name: string): void {
    const a = partNode(left, name);
    const b = partNode(right, name);
    if (a !== undefined && b !== undefined) this.compare(a, b, path);
    else if (a !== b) this.#line(path, a, b);
  }

  #members(left: TypedNode, right: TypedNode, path: Trail | undefined, members: 'sequence' | 'set' | 'mapping'): void {
    if (members === 'mapping') this.#mapping(pairsOf(left), pairsOf(right), path);
    else if (members === 'set') this.#set(itemsOf(left), itemsOf(right), path);
    else this.#sequence(itemsOf(left), itemsOf(right), path);
  }

  #mapping(left: readonly TypedPair[], right: readonly TypedPair[], path: Trail | undefined): void {
    const old = byKey(left);
    const now = byKey(right);
    for (const [name, [key, value]] of old) {
      if (!now.has(name)) this.#line({ up: path, step: { kind: 'key', key } }, value, undefined);
    }
    for (const [name, [key, value]] of now) {
      const was = old.get(name);
      if (was === undefined) this.#line({ up: path, step: { kind: 'key', key } }, undefined, value);
      else this.compare(was[1], value, { up: path, step: { kind: 'key', key } });
    }
    const oldOrder = [...old.keys()].filter((name) => now.has(name));
    const newOrder = [...now.keys()].filter((name) => old.has(name));
    if (oldOrder.some((name, i) => name !== newOrder[i])) {
      const keys = (from: ReadonlyMap<string, TypedPair>) => listNode([...from.values()].map(([key]) => key));
      this.#line({ up: path, step: { kind: 'part', part: 'order' } }, keys(old), keys(now));
    }
  }

  #set(left: readonly TypedNode[], right: readonly TypedNode[], path: Trail | undefined): void {
    const open = new Map<number, number[]>();
    right.forEach((node, i) => {
      const print = this.#prints.of(node);
      const places = open.get(print);
      if (places === undefined) open.set(print, [i]);
      else places.push(i);
    });
    // Taken from the end: in order, and without moving what is left.
    for (const places of open.values()) places.reverse();
    left.forEach((node, index) => {
      const place = open.get(this.#prints.of(node))?.pop();
      if (place === undefined) this.#line({ up: path, step: { kind: 'index', index } }, node, undefined);
      else this.compare(node, right[place] as TypedNode, { up: path, step: { kind: 'index', index: place } });
    });
    const added = [...open.values()].flat().sort((a, b) => a - b);
    for (const index of added) this.#line({ up: path, step: { kind: 'index', index } }, undefined, right[index]);
  }

  #sequence(left: readonly TypedNode[], right: readonly TypedNode[], path: Trail | undefined): void {
    const at = (index: number): Trail => ({ up: path, step: { kind: 'index', index } });
    const print = (node: TypedNode) => this.#prints.of(node);
    const { steps, cells } = alignSequences(left.map(print), right.map(print), this.#cells);
    this.#cells -= cells;
    for (const [i, j] of steps) {
      if (i !== undefined && j !== undefined) {
        this.compare(left[i] as TypedNode, right[j] as TypedNode, at(j));
      } else if (i !== undefined) this.#line(at(i), left[i], undefined);
      else if (j !== undefined) this.#line(at(j), undefined, right[j]);
    }
  }
}

function itemsOf(node: TypedNode): readonly TypedNode[] {
  return fieldOf(node, 'v') as readonly TypedNode[];
}

function pairsOf(node: TypedNode): readonly TypedPair[] {
  return fieldOf(node, 'v') as readonly TypedPair[];
}

/** Of all sequences of one comparison together; beyond it members are compared place by place. */
const MAX_CELLS_IN_ALL = 8_000_000;

/** Pairs by their key's identity; equal keys (JSON allows them) are told apart by their number. */
function byKey(pairs: readonly TypedPair[]): Map<string, TypedPair> {
  const map = new Map<string, TypedPair>();
  const counts = new Map<string, number>();
  for (const pair of pairs) {
    const name = keyIdentity(pair[0]);
    const n = counts.get(name) ?? 0;
    counts.set(name, n + 1);
    map.set(`${n} ${name}`, pair);
  }
  return map;
}

/** The fields of a node itself, nothing of its members or parts. */
function ownScalars(node: TypedNode): string {
  let text = '';
  for (const { name, type } of shapeOf(node).fields) {
    const value = fieldOf(node, name);
    if (type === 'codepoints' || value === undefined || typeof value === 'object') continue;
    text += `${name}=${JSON.stringify(value)};`;
  }
  return text;
}
