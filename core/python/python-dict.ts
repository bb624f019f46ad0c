/**
 * A Python dict as a live value. Items are reached like properties (`user.name`, `user['name']`, `'name' in user`,
 * `delete user.name`, `Object.keys(user)`) and, whatever the key is, with the methods of a Map. Order is Python's.
 * Keys are data only: `__proto__` and `constructor` are items like any other and never reach an object's machinery.
 * The names of the methods (`get`, `set`, …) as properties are the methods; an item of that name is `user.get('get')`.
 */
import type { TypedNode } from '../model/typed.ts';
import { PyFloat, PyFrozenSet, PyStr, PyTuple } from './python-types.ts';

export type DictKind = 'dict' | 'storage' | 'ordereddict' | 'counter' | 'defaultdict';

/** The Map side of a dict; the property side comes from the index signature. */
export interface PyDict {
  readonly size: number;
  get(key: unknown, fallback?: unknown): unknown;
  /** An equal key keeps its place and its form, as in Python. */
  set(key: unknown, value: unknown): void;
  has(key: unknown): boolean;
  delete(key: unknown): boolean;
  clear(): void;
  keys(): IterableIterator<unknown>;
  values(): IterableIterator<unknown>;
  entries(): IterableIterator<[unknown, unknown]>;
  [Symbol.iterator](): IterableIterator<[unknown, unknown]>;
  forEach(each: (value: unknown, key: unknown) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: items are of any type, as in Python
  [key: string]: any;
}

const METHODS = new Set<PropertyKey>([
  'get',
  'set',
  'has',
  'delete',
  'clear',
  'size',
  'keys',
  'values',
  'entries',
  'forEach',
  'toJSON',
  Symbol.iterator,
]);

/** What a proxy stands for. Kept outside of it, so that no item can be mistaken for it. */
interface DictState {
  readonly items: Map<unknown, [key: unknown, value: unknown]>;
  readonly kind: DictKind;
  readonly factory: TypedNode | undefined;
}

const states = new WeakMap<object, DictState>();

class DictTarget {
  readonly #items: DictState['items'];

  constructor(items: DictState['items']) {
    this.#items = items;
  }

  get size(): number {
    return this.#items.size;
  }
  get(key: unknown, fallback?: unknown): unknown {
    const found = this.#items.get(keyToken(key));
    return found === undefined ? fallback : found[1];
  }
  set(key: unknown, value: unknown): void {
    put(this.#items, key, value);
  }
  has(key: unknown): boolean {
    return this.#items.has(keyToken(key));
  }
  delete(key: unknown): boolean {
    return this.#items.delete(keyToken(key));
  }
  clear(): void {
    this.#items.clear();
  }
  *keys(): IterableIterator<unknown> {
    for (const [key] of this.#items.values()) yield key;
  }
  *values(): IterableIterator<unknown> {
    for (const [, value] of this.#items.values()) yield value;
  }
  *entries(): IterableIterator<[unknown, unknown]> {
    for (const [key, value] of this.#items.values()) yield [key, value];
  }
  [Symbol.iterator](): IterableIterator<[unknown, unknown]> {
    return this.entries();
  }
  forEach(each: (value: unknown, key: unknown) => void): void {
    for (const [key, value] of this.#items.values()) each(value, key);
  }
  /** Text keys as a plain object without prototype; other keys are left out. */
  toJSON(): object {
    const plain: Record<string, unknown> = Object.create(null);
    for (const [key, value] of this.#items.values()) if (typeof key === 'string') plain[key] = value;
    return plain;
  }
}

function put(items: DictState['items'], key: unknown, value: unknown): void {
  const token = keyToken(key);
  const found = items.get(token);
  if (found === undefined) items.set(token, [key, value]);
  else found[1] = value;
}

const traps: ProxyHandler<DictTarget> = {
  get(target, name) {
    if (METHODS.has(name)) {
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    }
    return typeof name === 'string' ? target.get(name) : undefined;
  },
  set(target, name, value) {
    if (typeof name !== 'string') return false;
    target.set(name, value);
    return true;
  },
  defineProperty(target, name, descriptor) {
    if (typeof name !== 'string' || !('value' in descriptor)) return false;
    target.set(name, descriptor.value);
    return true;
  },
  has: (target, name) => typeof name === 'string' && target.has(name),
  deleteProperty(target, name) {
    if (typeof name === 'string') target.delete(name);
    return true;
  },
  ownKeys: (target) => [...target.keys()].filter((key) => typeof key === 'string'),
  getOwnPropertyDescriptor(target, name) {
    if (typeof name !== 'string' || !target.has(name)) return undefined;
    return { value: target.get(name), writable: true, enumerable: true, configurable: true };
  },
  getPrototypeOf: () => null,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
};

/** Makes a dict. `kind` is what it will be saved as; `factory` belongs to a defaultdict. */
export function pyDict(
  entries: Iterable<readonly [unknown, unknown]> = [],
  kind: DictKind = 'dict',
  factory?: TypedNode,
): PyDict {
  const items: DictState['items'] = new Map();
  const target = new DictTarget(items);
  const dict = new Proxy(target, traps) as unknown as PyDict;
  states.set(dict, { items, kind, factory });
  for (const [key, value] of entries) put(items, key, value);
  return dict;
}

/** A dict's items, in order, without the way through its methods. To be looked at only. */
export function dictItems(dict: PyDict): Iterable<readonly [unknown, unknown]> {
  return states.get(dict)?.items.values() ?? dict.entries();
}

/** `dict.set(key, value)` without the way through its methods. */
export function setItem(dict: PyDict, key: unknown, value: unknown): void {
  const state = states.get(dict);
  if (state === undefined) dict.set(key, value);
  else put(state.items, key, value);
}

/** Whether a value is a dict made here. Any JavaScript value may be asked. */
export function isPyDict(value: unknown): value is PyDict {
  return typeof value === 'object' && value !== null && states.has(value);
}

/** What a dict is saved as. */
export function dictKind(dict: PyDict): { readonly kind: DictKind; readonly factory: TypedNode | undefined } {
  const state = states.get(dict);
  return { kind: state?.kind ?? 'dict', factory: state?.factory };
}

/**
 * Python's equality of keys as JavaScript's: `1`, `1.0` and `True` are one key, `-0.0` is `0`, a NaN equals nothing,
 * tuples are compared by their members, everything unknown by identity.
 */
export function keyToken(key: unknown, depth = 0): unknown {
  switch (typeof key) {
    case 'string':
      return `s${key}`;
    case 'boolean':
      return key ? 'n1' : 'n0';
    case 'bigint':
      return `n${key}`;
    case 'number':
      return numberToken(key);
    case 'object':
      break;
    default:
      return key;
  }
  if (key === null) return 'None';
  if (key instanceof PyFloat) return numberToken(key.value);
  if (key instanceof PyStr) return `u${key.codePoints.join(',')}`;
  if (key instanceof PyTuple && depth < 20) return joined('t', key, depth);
  if (key instanceof PyFrozenSet) return key;
  if (key instanceof Uint8Array) return `b${Buffer.from(key).toString('latin1')}`;
  return key;
}

function numberToken(value: number): unknown {
  if (Number.isNaN(value)) return {};
  if (Number.isInteger(value)) return `n${BigInt(value)}`;
  return `n${value}`;
}

function joined(prefix: string, members: Iterable<unknown>, depth: number): unknown {
  const tokens: string[] = [];
  for (const member of members) {
    const token = keyToken(member, depth + 1);
    if (typeof token !== 'string') return members;
    tokens.push(token);
  }
  return prefix + JSON.stringify(tokens);
}
