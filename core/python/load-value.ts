import type { TypedNode, TypedPair } from '../model/typed.ts';
import { type DictKind, pyDict, setItem } from './python-dict.ts';
import { PythonError } from './python-error.ts';
import { PyByteArray, PyDeque, PyFloat, PyFrozenSet, PyObject, PyStr, PyTuple, PyValue } from './python-types.ts';

/**
 * A decoded value as a live one, which a handler can work with and `saveValue` turns back into the same value. Shared and
 * recursive objects are one live object. Any depth is fine, but for keys of dicts.
 */
export function loadValue(node: TypedNode): unknown {
  return new Loader(node).load(node);
}

const KEY_DEPTH = 200;

class Loader {
  readonly #shared = new Map<number, unknown>();
  readonly #root: TypedNode;
  #index: Map<number, TypedNode> | undefined;
  #tasks: (() => void)[] = [];
  #keyDepth = 0;

  constructor(root: TypedNode) {
    this.#root = root;
  }

  load(node: TypedNode): unknown {
    const value = this.#start(node);
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) task();
    return value;
  }

  /** Makes the object of a node; its members are filled in by tasks, so that depth costs no stack. */
  #start(node: TypedNode): unknown {
    if ('id' in node && node.id !== undefined && this.#shared.has(node.id)) return this.#shared.get(node.id);
    switch (node.t) {
      case 'none':
        return null;
      case 'bool':
        return node.v;
      case 'int': {
        const number = Number(node.v);
        return Number.isSafeInteger(number) ? number + 0 : BigInt(node.v);
      }
      case 'float':
        return loadFloat(node.v, node.hex);
      case 'str':
        return loadText(node.v, node.cp);
      case 'bytes':
        return bytesOf(node.b64);
      case 'bytearray':
        return this.#keep(node.id, new PyByteArray(bytesOf(node.b64)));
      case 'list':
        return this.#sequence(node.id, [], node.v);
      case 'tuple':
        return this.#sequence(node.id, new PyTuple(), node.v);
      case 'deque': {
        const deque = new PyDeque();
        deque.maxlen = node.maxlen;
        return this.#sequence(node.id, deque, node.v);
      }
      case 'set':
        return this.#set(node.id, new Set(), node.v);
      case 'frozenset':
        return this.#set(node.id, new PyFrozenSet(), node.v);
      case 'dict':
      case 'storage':
      case 'ordereddict':
      case 'counter':
        return this.#dict(node.id, node.t, node.v);
      case 'defaultdict':
        return this.#dict(node.id, node.t, node.v, node.factory);
      case 'ref':
        return this.#referred(node.id, node);
      case 'object':
      case 'reduce':
      case 'enum':
      case 'persistent':
        return this.#object(node);
      default:
        return new PyValue(node);
    }
  }

  #keep<T>(id: number | undefined, value: T): T {
    if (id !== undefined) this.#shared.set(id, value);
    return value;
  }

  /** A `ref` may be met before the object it names, since members are filled in any order. */
  #referred(id: number, node: TypedNode): unknown {
    if (this.#shared.has(id)) return this.#shared.get(id);
    this.#index ??= indexOf(this.#root);
    const named = this.#index.get(id);
    return named === undefined ? new PyValue(node) : this.#start(named);
  }

  #sequence(id: number | undefined, target: unknown[], members: readonly TypedNode[]): unknown[] {
    this.#keep(id, target);
    this.#tasks.push(() => {
      for (const member of members) target.push(this.#start(member));
    });
    return target;
  }

  #set<T extends Set<unknown>>(id: number | undefined, target: T, members: readonly TypedNode[]): T {
    this.#keep(id, target);
    this.#tasks.push(() => {
      for (const member of members) target.add(this.#start(member));
    });
    return target;
  }

  #dict(id: number | undefined, kind: DictKind, pairs: readonly TypedPair[], factory?: TypedNode): unknown {
    const dict = this.#keep(id, pyDict([], kind, factory));
    this.#tasks.push(() => {
      for (const [key, value] of pairs) setItem(dict, this.#key(key), this.#start(value));
    });
    return dict;
  }

  /** Keys must be whole before they are put into a dict, since their equality depends on their members. */
  #key(node: TypedNode): unknown {
    if (node.t === 'str' && node.cp === undefined) return node.v;
    if (++this.#keyDepth > KEY_DEPTH) throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
    const outer = this.#tasks;
    this.#tasks = [];
    const key = this.load(node);
    this.#tasks = outer;
    this.#keyDepth--;
    return key;
  }

  #object(node: TypedNode & { t: PyObject['kind'] }): PyObject {
    const parts = new Map<string, unknown>();
    const object = new PyObject(node.t, this.#className(node), parts);
    this.#keep('id' in node ? node.id : undefined, object);
    this.#tasks.push(() => {
      for (const [part, child] of Object.entries(node)) {
        if (part === 't' || part === 'id' || part === 'class' || part === 'func') continue;
        parts.set(part, this.#part(part, child));
      }
    });
    return object;
  }

  #className(node: TypedNode & { t: PyObject['kind'] }): unknown {
    if (node.t === 'persistent') return null;
    if (node.t !== 'reduce') return node.class;
    return typeof node.func === 'string' ? node.func : this.#start(node.func);
  }

  #part(part: string, child: unknown): unknown {
    if (child === null || typeof child !== 'object') return child;
    if (!Array.isArray(child)) return { node: this.#start(child as TypedNode) };
    if (part === 'entries' || part === 'new_kwargs') {
      return { pairs: (child as TypedPair[]).map(([key, value]) => [this.#key(key), this.#start(value)]) };
    }
    return { list: (child as TypedNode[]).map((member) => this.#start(member)) };
  }
}

/** Every object that carries an id, wherever it stands in the tree. */
function indexOf(root: TypedNode): Map<number, TypedNode> {
  const index = new Map<number, TypedNode>();
  const todo: unknown[] = [root];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if ('t' in next && next.t !== 'ref' && 'id' in next && typeof next.id === 'number')
      index.set(next.id, next as TypedNode);
    for (const child of Object.values(next)) if (typeof child === 'object' && child !== null) todo.push(child);
  }
  return index;
}

function loadFloat(text: string, hex: string): unknown {
  const bytes = Buffer.from(hex, 'hex');
  const value = bytes.length === 8 ? bytes.readDoubleBE() : Number(text);
  if (Number.isNaN(value)) return hex === '7ff8000000000000' ? value : new PyFloat(value, hex);
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? new PyFloat(value) : value;
}

function loadText(text: string, codePoints: readonly number[] | undefined): unknown {
  if (codePoints === undefined) return text;
  const joins = codePoints.some((code, at) => isHigh(code) && isLow(codePoints[at + 1]));
  return joins ? new PyStr(codePoints) : text;
}

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number | undefined): boolean => code !== undefined && code >= 0xdc00 && code <= 0xdfff;

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
