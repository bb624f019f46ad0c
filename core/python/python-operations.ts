/** Python's operations on live values that the session flow needs: truth, equality, `dict.update`, `deepcopy`. */
import { loadValue } from './load-value.ts';
import { dictItems, isPyDict, keyToken, pyDict } from './python-dict.ts';
import { PythonError } from './python-error.ts';
import { PyFloat, PyFrozenSet, PyObject, PyStr, PyTuple, PyValue } from './python-types.ts';
import { saveValue } from './save-value.ts';

/** `bool(value)`. */
export function truthy(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value !== 'object') return true;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  if (value instanceof Set || value instanceof Map) return value.size > 0;
  if (isPyDict(value)) return value.size > 0;
  if (value instanceof PyFloat) return value.value !== 0;
  return value instanceof PyStr ? value.codePoints.length > 0 : true;
}

/** `type(value).__name__`, for messages. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'string' || value instanceof PyStr) return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'float';
  if (typeof value === 'function') return 'function';
  if (value instanceof PyFloat) return 'float';
  if (value instanceof PyValue) return value.node.t === 'global' ? 'type' : value.node.t;
  if (value instanceof PyObject) return String(value.className).split('.').at(-1) ?? 'object';
  if (value instanceof PyTuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Set) return value instanceof PyFrozenSet ? 'frozenset' : 'set';
  return value instanceof Uint8Array ? 'bytes' : 'dict';
}

/**
 * The items that `dict.update(value)` would set: of a mapping, or of an iterable of pairs.
 *
 * @throws PythonError TypeError or ValueError as CPython raises for anything else
 */
export function updateItems(value: unknown): Iterable<readonly [unknown, unknown]> {
  if (isPyDict(value)) return dictItems(value);
  if (value instanceof Map) return value;
  if (value instanceof PyObject) throw missingModule(String(value.className));
  if (value instanceof PyValue && value.node.t === 'global') throw missingModule(value.node.name);
  const items = membersOf(value);
  if (items === undefined) {
    if (typeof value === 'object' && value !== null && !(value instanceof PyValue || value instanceof PyFloat)) {
      return Object.entries(value);
    }
    throw new PythonError('TypeError', `'${typeName(value)}' object is not iterable`);
  }
  return items.map((item, at) => {
    const pair = membersOf(item);
    if (pair === undefined) {
      throw new PythonError('TypeError', `cannot convert dictionary update sequence element #${at} to a sequence`);
    }
    if (pair.length !== 2) {
      throw new PythonError(
        'ValueError',
        `dictionary update sequence element #${at} has length ${pair.length}; 2 is required`,
      );
    }
    return [pair[0], pair[1]] as const;
  });
}

/** An iterable's members as Python gives them; undefined for what is not iterable (and for mappings of JavaScript). */
function membersOf(value: unknown): unknown[] | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Set || value instanceof Uint8Array) {
    return [...value];
  }
  if (value instanceof PyStr) return [...value.codePoints];
  return isPyDict(value) ? [...value.keys()] : undefined;
}

/** CPython has to find the class of an object before anything else; here no class is ever looked up. */
function missingModule(name: string): PythonError {
  const module = name.split('.').slice(0, -1).join('.');
  return new PythonError('ModuleNotFoundError', `No module named '${module}'`);
}

/** `left == right` of two sessions' values: order of keys does not count, `1 == 1.0 == True` does. */
export function pythonEquals(left: unknown, right: unknown, depth = 0): boolean {
  if (left === right) return true;
  if (depth > 100) throw new PythonError('RecursionError', 'maximum recursion depth exceeded in comparison');
  const a = asDict(left);
  const b = asDict(right);
  if (a !== undefined || b !== undefined) {
    if (a === undefined || b === undefined || a.size !== b.size) return false;
    return [...a.entries()].every(([key, value]) => b.has(key) && pythonEquals(value, b.get(key), depth + 1));
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.constructor !== right.constructor || left.length !== right.length) return false;
    return left.every((value, at) => pythonEquals(value, right[at], depth + 1));
  }
  if (left instanceof Set && right instanceof Set) {
    const tokens = new Set([...left].map((member) => keyToken(member)));
    return left.size === right.size && [...right].every((member) => tokens.has(keyToken(member)));
  }
  if (left instanceof PyValue && right instanceof PyValue)
    return JSON.stringify(left.node) === JSON.stringify(right.node);
  return keyToken(left) === keyToken(right);
}

function asDict(value: unknown): ReturnType<typeof pyDict> | Map<unknown, unknown> | undefined {
  if (isPyDict(value) || value instanceof Map) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? pyDict(Object.entries(value)) : undefined;
}

/** `copy.deepcopy(value)`; plain objects become dicts. What cannot be copied (a function) is shared, as in Python. */
export function deepCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return loadValue(saveValue(value));
  } catch (error) {
    if (error instanceof PythonError) return value;
    throw error;
  }
}
