import type { TypedNode } from '../../model/typed.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import type { ReaderState } from './reader-state.ts';

const NONE: TypedNode = { t: 'none' };

/** Classes that have a kind of node of their own. */
export const CLASS_OF_KIND: ReadonlyMap<K.Kind, string> = new Map([
  [K.STORAGE, 'web.utils.Storage'],
  [K.ORDEREDDICT, 'collections.OrderedDict'],
  [K.COUNTER, 'collections.Counter'],
  [K.DEFAULTDICT, 'collections.defaultdict'],
]);

/** Python 2 gives even an empty `__dict__` to BUILD. */
export function hasContent(state: PickleNode): boolean {
  return state.kind !== K.NONE && !(state.kind === K.DICT && state.items === undefined);
}

/** The dotted Python 3 name of a GLOBAL. */
export function nameOf(node: PickleNode): string {
  return `${node.more?.module ?? ''}.${node.more?.name ?? ''}`;
}

/** A member of an enumeration that the stream names; its value is not in the stream. */
export function memberOf(dotted: string): TypedNode {
  const dot = dotted.lastIndexOf('.');
  return { t: 'enum', class: dotted.slice(0, dot), value: NONE, name: dotted.slice(dot + 1) };
}

export function className(node: PickleNode | undefined): string {
  return node?.kind === K.GLOBAL ? nameOf(node) : '?';
}

export function limit(what: string, note: string): TypedNode {
  return { t: 'limit', what, note };
}

export function tooLong(length: number, most: number): TypedNode {
  return limit('text', `${length} bytes; the limit is ${most}`);
}

/** Whether all keys are texts and no two of them are equal: the usual case, told without a table for small dicts. */
export function distinctTexts(r: ReaderState, items: readonly PickleNode[]): boolean {
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i] as PickleNode;
    // Long ones are compared by what was made of them once.
    if (key.hi - key.lo > 64) return false;
  }
  if (items.length <= 24) {
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i] as PickleNode;
      if (key.kind !== K.ASCII && key.kind !== K.UTF8) return false;
      for (let j = 0; j < i; j += 2) {
        const other = items[j] as PickleNode;
        if (other === key || sameBytes(r.bytes, other.lo, other.hi, key.lo, key.hi)) return false;
      }
    }
    return true;
  }
  const seen = new Set<string>();
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i] as PickleNode;
    if (key.kind !== K.ASCII) return false;
    seen.add(r.text.slice(key.lo, key.hi));
  }
  return seen.size * 2 === items.length;
}

function sameBytes(b: Uint8Array, from: number, to: number, otherFrom: number, otherTo: number): boolean {
  if (to - from !== otherTo - otherFrom) return false;
  for (let i = 0; i < to - from; i++) if (b[from + i] !== b[otherFrom + i]) return false;
  return true;
}

/** The UUID behind an instance of `uuid.UUID`; undefined when its state is not just the number. */
export function uuidOf(node: PickleNode, atom: (node: PickleNode) => TypedNode): TypedNode | undefined {
  const more = node.more ?? {};
  const [state] = more.states ?? [];
  const [key, value] = state?.kind === K.DICT && state.items?.length === 2 ? state.items : [];
  if (more.states?.length !== 1 || key === undefined || value === undefined || more.dict || more.list) return undefined;
  const name = atom(key);
  const number = value.kind >= K.INT && value.kind <= K.DECIMAL_INT ? atom(value) : undefined;
  if (name.t !== 'str' || name.v !== 'int' || number?.t !== 'int' || number.v.length > 40) return undefined;
  const integer = BigInt(number.v);
  if (integer < 0n || integer >= 1n << 128n) return undefined;
  const hex = integer.toString(16).padStart(32, '0');
  return { t: 'uuid', v: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') };
}
