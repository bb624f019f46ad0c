import { children } from '../../../../core/codec/path.ts';
import type { Edit, Path, PathStep } from '../../../../core/model/path.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';

/** A small deterministic random source (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1. */
  real(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer 0 ≤ n < below. */
  below(below: number): number {
    return Math.floor(this.real() * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** Every place of a value with its node; places behind a `ref` are left to the first occurrence. */
export function placesOf(root: TypedNode, most = 2000): { path: Path; node: TypedNode }[] {
  const places: { path: Path; node: TypedNode }[] = [];
  const open: { path: Path; node: TypedNode }[] = [{ path: [], node: root }];
  for (let next = open.pop(); next !== undefined && places.length < most; next = open.pop()) {
    places.push(next);
    if (next.node.t === 'ref') continue;
    for (const [step, node] of children(next.node)) open.push({ path: [...next.path, step], node });
  }
  return places;
}

const SEQUENCES = new Set(['list', 'tuple', 'deque']);
const MAPPINGS = new Set(['dict', 'storage', 'ordereddict', 'counter', 'defaultdict']);
const DESCRIBED = new Set(['object', 'reduce', 'enum', 'datetime', 'time', 'complex', 'defaultdict', 'deque', 'persistent']);

/** A random edit that makes sense for the value; undefined when the chosen place allows none. */
export function randomEdit(random: Random, root: TypedNode, fresh: (random: Random) => TypedNode): Edit | undefined {
  const places = placesOf(root);
  const { path, node } = random.pick(places);
  const last = path[path.length - 1];
  if (path.some((step) => step.kind === 'part')) return undefined;
  const parent = places.find((place) => place.path.length === path.length - 1 && starts(path, place.path));
  const holder = parent?.node.t ?? '';
  const choice = random.below(6);
  if (choice === 0 && (SEQUENCES.has(node.t) || MAPPINGS.has(node.t)) && 'v' in node) {
    const size = (node.v as readonly unknown[]).length;
    if (node.t === 'counter') return undefined;
    const step: PathStep = SEQUENCES.has(node.t)
      ? { kind: 'index', index: random.below(size + 1) }
      : { kind: 'key', key: { t: 'str', v: `new ${random.below(1e6)}` } };
    if (node.t === 'deque') return undefined;
    return { op: 'insert', path: [...path, step], value: fresh(random) };
  }
  if (last === undefined || holder === 'set' || holder === 'frozenset' || DESCRIBED.has(holder) || holder === 'counter') {
    return undefined;
  }
  if (choice === 1) return { op: 'delete', path };
  if (choice === 2 && last.kind === 'key') return { op: 'rename', path, key: { t: 'str', v: `other ${random.below(1e6)}` } };
  if (choice === 3 && parent !== undefined && 'v' in parent.node) {
    return { op: 'move', path, to: random.below((parent.node.v as readonly unknown[]).length) };
  }
  return { op: 'set', path, value: fresh(random), occurrences: random.below(3) === 0 ? 'all' : 'this' };
}

function starts(path: Path, start: Path): boolean {
  return start.every((step, index) => step === path[index]);
}
