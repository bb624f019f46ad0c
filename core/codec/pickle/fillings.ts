import type { TypedNode } from '../../model/typed.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import type { Occurrence } from './occurrence.ts';
import type { ReaderState } from './reader-state.ts';
import { cannot } from './stream-copy.ts';

/** Where in the stream the members of containers stand, and which opcodes put them in. */

/** One filling of a container: its first item, how many, and where its MARK (or -1) and opcode stand. */
export interface Group {
  readonly first: number;
  readonly count: number;
  readonly markAt: number;
  readonly opcodeAt: number;
}

export function isTracked(node: TypedNode): boolean {
  return [
    'list',
    'tuple',
    'set',
    'frozenset',
    'dict',
    'bytearray',
    'deque',
    'storage',
    'ordereddict',
    'counter',
    'defaultdict',
    'object',
    'reduce',
  ].includes(node.t);
}

export function isMapping(holder: PickleNode): boolean {
  return holder.kind === K.DICT || holder.kind >= K.STORAGE;
}

export function entriesHolder(node: PickleNode): PickleNode | undefined {
  return isMapping(node) ? node : node.more?.dict;
}

export function membersHolder(node: PickleNode): PickleNode | undefined {
  const own =
    node.kind === K.LIST ||
    node.kind === K.TUPLE ||
    node.kind === K.SET ||
    node.kind === K.FROZENSET ||
    node.kind === K.DEQUE;
  return own ? node : node.more?.list;
}

/** Where the members of a container are written: for `set([…])` and the like the list that is the argument. */
export function sourceOf(holder: PickleNode): PickleNode {
  const source = holder.more?.args?.items?.[0];
  if (source === undefined || holder.kind === K.OBJECT || holder.kind === K.DEFAULTDICT) return holder;
  const sequence = source.kind === K.LIST || source.kind === K.TUPLE;
  const same = isMapping(holder) ? source.kind === K.DICT : sequence;
  const size = source.items?.length ?? 0;
  if (!same || size !== (holder.items?.length ?? 0)) return holder;
  return size > 0 || holder.kind === K.SET || holder.kind === K.FROZENSET || holder.kind === K.COUNTER
    ? source
    : holder;
}

/** Python 2 writes an OrderedDict as a list of pairs: the pair in which an entry stands, as member of that list. */
export function pairPlace(holder: PickleNode, index: number): { holder: PickleNode; index: number } {
  const source = holder.more?.args?.items?.[0];
  const pairs =
    isMapping(holder) && source?.kind === K.LIST && source.items?.length === (holder.items?.length ?? 0) / 2;
  return pairs ? { holder: source, index: index >> 1 } : { holder, index };
}

export function groupsOf(holder: PickleNode): Group[] {
  const flat = holder.more?.groups ?? [];
  const groups: Group[] = [];
  for (let i = 0; i + 3 < flat.length; i += 4) {
    const [first = 0, count = 0, markAt = -1, opcodeAt = 0] = flat.slice(i, i + 4);
    groups.push({ first, count, markAt, opcodeAt });
  }
  return groups;
}

export function groupOf(holder: PickleNode, index: number): Group {
  const group = groupsOf(holder).find(({ first, count }) => index >= first && index < first + count);
  if (group === undefined) throw cannot('a member was put in by an unusual way');
  return group;
}

export function occurrenceIn(holder: PickleNode, index: number): Occurrence {
  const node = holder.items?.[index];
  const start = holder.starts?.[index];
  if (node === undefined || start === undefined) throw cannot('there is no such member');
  return { node, start, holder, index };
}

/** Every place that holds a value, keys and states included. */
export function occurrencesOf(r: ReaderState, wanted: PickleNode): Occurrence[] {
  const found: Occurrence[] = [];
  const seen = new Set<PickleNode>();
  const open: (PickleNode | undefined)[] = [r.root];
  if (r.root === wanted) found.push({ node: wanted, start: r.rootStart });
  while (open.length > 0) {
    const node = open.pop();
    if (node === undefined || seen.has(node)) continue;
    seen.add(node);
    const { items = [], starts = [], more } = node;
    const source = sourceOf(node);
    if (source === node) {
      for (let i = 0; i < items.length; i++) {
        const item = items[i] as PickleNode;
        if (item === wanted) found.push({ node: wanted, start: starts[i] as number, holder: node, index: i });
        open.push(item);
      }
    }
    if (more === undefined) continue;
    const { states = [], stateStarts = [] } = more;
    for (let i = 0; i < states.length; i++) {
      if (states[i] === wanted) found.push({ node: wanted, start: stateStarts[i] as number });
      open.push(states[i]);
    }
    open.push(more.args, more.kwargs, more.list, more.dict, more.base, more.factory, more.func);
  }
  return found;
}
