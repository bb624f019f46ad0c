import { problem } from '../model/problem.ts';
import type { TypedKind, TypedNode } from '../model/typed.ts';
import { fromBase64 } from './bytes.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { floatNodeOfHex } from './nodes.ts';
import { type Field, SHAPES } from './shape.ts';

const INTEGER = /^-?(0|[1-9]\d*)$/;
const HEX64 = /^[0-9a-f]{16}$/;

/**
 * Checks typed JSON that comes from outside (a command line, the bridge, a file) and gives it back as a node.
 * Unknown kinds and fields, wrong types, refs without an object and anything beyond the limits are refused with kind
 * `bad-typed-json`; `where` names the place, like `v[0][1].hex`.
 */
export function parseTyped(input: unknown, limits: Limits = DEFAULT_LIMITS): TypedNode {
  const value = typeof input === 'string' ? parseJson(input) : input;
  const state: State = { limits, nodes: 0, ids: new Set(), refs: [] };
  const node = check(value, '', 0, state);
  for (const [id, where] of state.refs) if (!state.ids.has(id)) throw bad(`No object has the id ${id}`, where);
  return node;
}

/**
 * As `parseTyped` for the key of a mapping in a path: a `ref` in it may stand for an object elsewhere in the value that
 * the path is for.
 */
export function parseKey(input: unknown, limits: Limits = DEFAULT_LIMITS): TypedNode {
  return check(input, '', 0, { limits, nodes: 0, ids: new Set(), refs: [] });
}

/** Whether a value is well-formed typed JSON within the default limits. */
export function isTypedNode(value: unknown): value is TypedNode {
  try {
    parseTyped(value);
    return typeof value !== 'string';
  } catch {
    return false;
  }
}

interface State {
  readonly limits: Limits;
  nodes: number;
  readonly ids: Set<number>;
  readonly refs: (readonly [id: number, where: string])[];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw problem('bad-typed-json', `Not JSON: ${(cause as Error).message}`, { cause });
  }
}

function bad(message: string, where: string): Error {
  return problem('bad-typed-json', where === '' ? message : `${message} (at ${where})`, where === '' ? {} : { where });
}

function check(value: unknown, where: string, depth: number, state: State): TypedNode {
  if (depth > state.limits.depth) throw bad(`Nested deeper than ${state.limits.depth}`, where);
  if (++state.nodes > state.limits.nodes) throw bad(`More than ${state.limits.nodes} values`, where);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(`Expected an object with "t", found ${what(value)}`, where);
  }
  const record = value as Record<string, unknown>;
  const kind = Object.hasOwn(record, 't') ? record['t'] : undefined;
  const shape = SHAPES.get(kind as TypedKind);
  if (shape === undefined) throw bad(`Unknown kind ${JSON.stringify(kind) ?? 'undefined'} in "t"`, where);
  const made: Record<string, unknown> = { t: kind };
  if (shape.shared && Object.hasOwn(record, 'id')) {
    const id = record['id'];
    if (!Number.isSafeInteger(id)) throw bad('"id" is not a whole number', where);
    if (state.ids.has(id as number)) throw bad(`The id ${id} is given twice`, where);
    state.ids.add(id as number);
    made['id'] = id;
  }
  for (const name of Object.keys(record)) {
    if (name === 't' || (name === 'id' && (shape.shared || kind === 'ref'))) continue;
    if (!shape.fields.some((field) => field.name === name)) {
      throw bad(`A node of kind ${String(kind)} has no field "${name}"`, where);
    }
  }
  for (const field of shape.fields) {
    if (field.optional && Object.hasOwn(record, field.name) && isNothing(field, record[field.name])) continue;
    if (!Object.hasOwn(record, field.name)) {
      // `hex` of a float may be left out by a user; it follows from the text.
      if (field.type === 'hex64' && typeof record['v'] === 'string') {
        made[field.name] = bitsOf(record['v'], where);
        continue;
      }
      if (field.optional) continue;
      throw bad(`A node of kind ${String(kind)} needs "${field.name}"`, where);
    }
    made[field.name] = checkField(field, record[field.name], join(where, field.name), depth, state);
  }
  if (kind === 'ref') state.refs.push([made['id'] as number, where]);
  return finish(made, where);
}

/** The notation writes `name: null` of a time zone and `maxlen: null` of a deque for what is left out here. */
function isNothing(field: Field, value: unknown): boolean {
  return value === null && (field.name === 'name' || field.name === 'maxlen');
}

/** Rules that bind two fields of one node. */
function finish(made: Record<string, unknown>, where: string): TypedNode {
  if (made['t'] === 'float') {
    const node = floatNodeOfHex(made['hex'] as string);
    if (node.v !== made['v']) {
      if (bitsOf(made['v'] as string, where) !== node.hex) throw bad(`"v" and "hex" are different numbers`, where);
      return node;
    }
  }
  if (made['t'] === 'str' && made['cp'] !== undefined) {
    // JSON text that went through a strict encoder has lost the surrogates: the code points say what they were.
    made['v'] = (made['cp'] as number[]).map((point) => String.fromCodePoint(point)).join('');
  }
  return made as unknown as TypedNode;
}

function checkField(field: Field, value: unknown, where: string, depth: number, state: State): unknown {
  switch (field.type) {
    case 'text':
      if (typeof value !== 'string') throw bad(`Expected text, found ${what(value)}`, where);
      return value;
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
      if (typeof value !== 'string' || !INTEGER.test(value) || value === '-0') {
        throw bad('Expected a whole number as decimal text', where);
      }
      return value;
    case 'base64':
      if (typeof value !== 'string' || fromBase64(value) === undefined) throw bad('Expected base64 text', where);
      return value;
    case 'number':
      if (!Number.isSafeInteger(value)) throw bad(`Expected a whole number, found ${what(value)}`, where);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw bad(`Expected true or false, found ${what(value)}`, where);
      return value;
    case 'hex64':
      if (typeof value !== 'string' || !HEX64.test(value)) throw bad('Expected 16 lower-case hex digits', where);
      return value;
    case 'codepoints':
      if (!Array.isArray(value) || !value.every((p) => Number.isInteger(p) && p >= 0 && p <= 0x10ffff)) {
        throw bad('Expected a list of code points', where);
      }
      return value;
    case 'node?':
      return value === null ? null : check(value, where, depth + 1, state);
    case 'node':
      if (field.name === 'maxlen' && typeof value === 'number')
        return check({ t: 'int', v: value }, where, depth + 1, state);
      return check(value, where, depth + 1, state);
    case 'text|node':
      return typeof value === 'string' ? value : check(value, where, depth + 1, state);
    case 'nodes|node':
      return Array.isArray(value) ? checkNodes(value, where, depth, state) : check(value, where, depth + 1, state);
    case 'pairs|node':
      return Array.isArray(value) ? checkPairs(value, where, depth, state) : check(value, where, depth + 1, state);
    case 'nodes':
      if (!Array.isArray(value)) throw bad(`Expected a list, found ${what(value)}`, where);
      return checkNodes(value, where, depth, state);
    case 'pairs':
      if (!Array.isArray(value)) throw bad(`Expected a list of pairs, found ${what(value)}`, where);
      return checkPairs(value, where, depth, state);
  }
}

function checkNodes(value: readonly unknown[], where: string, depth: number, state: State): TypedNode[] {
  return value.map((item, index) => check(item, `${where}[${index}]`, depth + 1, state));
}

function checkPairs(value: readonly unknown[], where: string, depth: number, state: State): [TypedNode, TypedNode][] {
  return value.map((pair, index) => {
    const at = `${where}[${index}]`;
    if (!Array.isArray(pair) || pair.length !== 2) throw bad('Expected a pair [key, value]', at);
    return [check(pair[0], `${at}[0]`, depth + 1, state), check(pair[1], `${at}[1]`, depth + 1, state)];
  });
}

/** IEEE bits of a float written as Python or JSON writes it. */
function bitsOf(text: string, where: string): string {
  const special: Record<string, string> = {
    nan: '7ff8000000000000',
    inf: '7ff0000000000000',
    '-inf': 'fff0000000000000',
  };
  if (Object.hasOwn(special, text)) return special[text] as string;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw bad(`Not a float: ${text.slice(0, 40)}`, where);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Number(text));
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

function join(where: string, name: string): string {
  return where === '' ? name : `${where}.${name}`;
}

function what(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `${typeof value}`;
}
