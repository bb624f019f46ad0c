import { floatNode, floatNodeOfHex, strNode } from '../codec/nodes.ts';
import type { TypedNode, TypedPair } from '../model/typed.ts';
import { dictItems, dictKind, isPyDict, pyDict } from './python-dict.ts';
import { PythonError } from './python-error.ts';
import { PyByteArray, PyDeque, PyFloat, PyFrozenSet, PyObject, PyStr, PyTuple, PyValue } from './python-types.ts';

/** CPython gives up pickling at about this many nested lists or dicts (498 less what the application's stack took). */
const MAX_DEPTH = 480;

/**
 * A live value as a typed one, ready for `encodePickle`. Beside what `loadValue` makes it takes plain objects and Maps
 * (dict) and Dates (aware datetime in UTC). A whole number is an int, another number a float.
 *
 * @throws PythonError as `pickle.dumps` raises for what cannot be stored: functions, symbols, instances of classes.
 */
export function saveValue(value: unknown): TypedNode {
  const saver = new Saver();
  saver.count(value);
  return saver.node(value, 0);
}

class Saver {
  /** Objects met so far; true for those met more than once. */
  readonly #seen = new Map<object, boolean>();
  readonly #ids = new Map<object, number>();

  /** First pass: which objects occur more than once. Iterative, since the value may be recursive. */
  count(root: unknown): void {
    const todo: unknown[] = [root];
    while (todo.length > 0) {
      const value = todo.pop();
      if (typeof value !== 'object' || value === null || !isShareable(value)) continue;
      const again = this.#seen.has(value);
      this.#seen.set(value, again);
      if (!again)
        for (const child of childrenOf(value)) if (typeof child === 'object' && child !== null) todo.push(child);
    }
  }

  node(value: unknown, depth: number): TypedNode {
    if (depth > MAX_DEPTH) {
      throw new PythonError('RecursionError', 'maximum recursion depth exceeded while pickling an object');
    }
    switch (typeof value) {
      case 'string':
        return strNode(value);
      case 'boolean':
        return { t: 'bool', v: value };
      case 'bigint':
        return { t: 'int', v: String(value) };
      case 'number':
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { t: 'int', v: String(value) };
        return floatNode(value);
      case 'function':
        throw new PythonError('AttributeError', `Can't pickle local object '${value.name || '<lambda>'}'`);
      case 'object':
        return value === null ? { t: 'none' } : this.#object(value, depth + 1);
      default:
        throw new PythonError('TypeError', `cannot pickle '${typeof value}' object`);
    }
  }

  #object(value: object, depth: number): TypedNode {
    if (value instanceof PyFloat) return value.hex === undefined ? floatNode(value.value) : floatNodeOfHex(value.hex);
    if (value instanceof PyStr) return { t: 'str', v: value.toString(), cp: value.codePoints };
    if (value instanceof PyValue) return value.node;
    if (value instanceof Date) return dateNode(value);
    const known = this.#ids.get(value);
    if (known !== undefined) return { t: 'ref', id: known };
    const shared = this.#share(value);
    if (value instanceof PyByteArray) return { t: 'bytearray', b64: base64(value), ...shared };
    if (value instanceof Uint8Array) return { t: 'bytes', b64: base64(value) };
    if (value instanceof PyDeque) {
      const v = this.#list(value, depth);
      return value.maxlen === undefined
        ? { t: 'deque', v, ...shared }
        : { t: 'deque', v, maxlen: value.maxlen, ...shared };
    }
    if (Array.isArray(value)) {
      return { t: value instanceof PyTuple ? 'tuple' : 'list', v: this.#list(value, depth), ...shared };
    }
    if (value instanceof Set) {
      return { t: value instanceof PyFrozenSet ? 'frozenset' : 'set', v: this.#list([...value], depth), ...shared };
    }
    if (isPyDict(value)) {
      const { kind, factory } = dictKind(value);
      const v = this.#pairs(dictItems(value), depth);
      return kind === 'defaultdict'
        ? { t: kind, factory: factory ?? { t: 'none' }, v, ...shared }
        : { t: kind, v, ...shared };
    }
    if (value instanceof Map) return { t: 'dict', v: this.#pairs(dictItems(pyDict(value)), depth), ...shared };
    if (value instanceof PyObject) return this.#instance(value, depth, shared);
    if (isPlain(value)) return { t: 'dict', v: this.#pairs(Object.entries(value), depth), ...shared };
    throw new PythonError('TypeError', `cannot pickle '${className(value)}' object`);
  }

  /** Ids count from 1 in the order in which shared objects are first met. */
  #share(value: object): { id?: number } {
    if (this.#seen.get(value) !== true || !isShareable(value) || isEmptyConstant(value)) return {};
    const id = this.#ids.size + 1;
    this.#ids.set(value, id);
    return { id };
  }

  #list(members: readonly unknown[], depth: number): TypedNode[] {
    const nodes: TypedNode[] = [];
    for (let at = 0; at < members.length; at++) nodes.push(this.node(members[at], depth));
    return nodes;
  }

  #pairs(entries: Iterable<readonly [unknown, unknown]>, depth: number): TypedPair[] {
    const pairs: TypedPair[] = [];
    for (const [key, value] of entries) pairs.push([this.node(key, depth), this.node(value, depth)]);
    return pairs;
  }

  #instance(value: PyObject, depth: number, shared: { id?: number }): TypedNode {
    const node: Record<string, unknown> = { t: value.kind, ...shared };
    if (value.kind === 'object' || value.kind === 'enum') node['class'] = value.className;
    if (value.kind === 'reduce') {
      node['func'] = typeof value.className === 'string' ? value.className : this.node(value.className, depth);
    }
    for (const [part, held] of value.parts) node[part] = this.#part(held, depth);
    return node as unknown as TypedNode;
  }

  #part(held: unknown, depth: number): unknown {
    if (typeof held !== 'object' || held === null) return held;
    if ('pairs' in held) return this.#pairs(held.pairs as [unknown, unknown][], depth);
    if ('list' in held) return this.#list(held.list as unknown[], depth);
    return this.node((held as { node: unknown }).node, depth);
  }
}

function isShareable(value: object): boolean {
  if (value instanceof PyByteArray) return true;
  if (value instanceof Uint8Array || value instanceof Date) return false;
  return !(value instanceof PyFloat || value instanceof PyStr || value instanceof PyValue);
}

/** Python has one empty tuple and one empty frozenset; that they are the same object says nothing. */
function isEmptyConstant(value: object): boolean {
  return (value instanceof PyTuple && value.length === 0) || (value instanceof PyFrozenSet && value.size === 0);
}

function childrenOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value as Iterable<unknown>;
  if (value instanceof Uint8Array) return [];
  if (isPyDict(value)) return keysAndValues(dictItems(value));
  if (value instanceof Map) return keysAndValues(value);
  if (value instanceof PyObject) return [value.className, ...[...value.parts.values()].flatMap(partChildren)];
  return isPlain(value) ? Object.values(value) : [];
}

function keysAndValues(entries: Iterable<readonly [unknown, unknown]>): unknown[] {
  const children: unknown[] = [];
  for (const [key, value] of entries) children.push(key, value);
  return children;
}

function partChildren(held: unknown): unknown[] {
  if (typeof held !== 'object' || held === null) return [];
  if ('pairs' in held) return (held.pairs as [unknown, unknown][]).flat(1);
  if ('list' in held) return held.list as unknown[];
  return [(held as { node: unknown }).node];
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function className(value: object): string {
  const maker: unknown = (value as { constructor?: unknown }).constructor;
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'object';
}

/** An instant: an aware datetime in UTC, with the milliseconds that a Date has. */
function dateNode(date: Date): TypedNode {
  if (Number.isNaN(date.getTime())) throw new PythonError('ValueError', 'Invalid Date cannot be a datetime');
  const year = date.getUTCFullYear();
  if (year < 1 || year > 9999) throw new PythonError('ValueError', `year ${year} is out of range`);
  const text = date.toISOString().replace(/Z$/, '000');
  return { t: 'datetime', v: text, fold: 0, tz: { t: 'timezone', offset_us: 0 } };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
