import type { PathStep } from '../../model/path.ts';
import type { TypedNode } from '../../model/typed.ts';
import { keyIdentity } from '../keys.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import { extentOf } from './opcodes.ts';
import type { ReaderState } from './reader-state.ts';
import { TypedTree } from './typed-tree.ts';

/** A value at one place of the stream: the value, where the opcodes of this occurrence begin, and its holder. */
export interface Occurrence {
  readonly node: PickleNode;
  readonly start: number;
  /** The node in whose `items` it stands, and at which position. */
  readonly holder?: PickleNode;
  readonly index?: number;
}

/** Offset after the opcodes of an occurrence; of a memo use, after that opcode. */
export function endOf(r: ReaderState, { node, start }: Occurrence): number {
  if (node.start === start) return node.end;
  return extentOf(r.bytes, start)?.end ?? start + 1;
}

/** One step down; undefined when there is nothing. Typed keys compare by type and value. */
export function stepDown(r: ReaderState, from: Occurrence, step: PathStep): Occurrence | undefined {
  const { node } = from;
  if (step.kind === 'part') return partOf(node, step.part);
  const holder = step.kind === 'key' ? entriesOf(node) : membersOf(node);
  if (holder?.items === undefined) return undefined;
  const index = step.kind === 'key' ? valueIndex(r, holder, step.key) : step.index;
  return index === undefined ? undefined : at(holder, index);
}

function at(holder: PickleNode, index: number): Occurrence | undefined {
  const node = holder.items?.[index];
  const start = holder.starts?.[index];
  return node === undefined || start === undefined ? undefined : { node, start, holder, index };
}

/** The node whose `items` are the keys and values of a mapping. */
function entriesOf(node: PickleNode): PickleNode | undefined {
  if (node.kind === K.DICT || node.kind >= K.STORAGE) return node;
  return node.more?.dict;
}

/** The node whose `items` are the members of a sequence or set. */
function membersOf(node: PickleNode): PickleNode | undefined {
  switch (node.kind) {
    case K.LIST:
    case K.TUPLE:
    case K.SET:
    case K.FROZENSET:
    case K.DEQUE:
      return node;
    case K.OBJECT:
    case K.REDUCE: {
      const args = node.more?.args;
      if (node.more?.list !== undefined) return node.more.list;
      if (node.more?.base?.kind === K.TUPLE) return node.more.base;
      if (node.kind === K.REDUCE || args?.items === undefined || args.items.length === 0) return undefined;
      const [only] = args.items;
      return args.items.length === 1 && only?.kind === K.TUPLE ? only : args;
    }
    default:
      return undefined;
  }
}

/** Position in `items` of the value of a key; the last one counts when the key occurs again. */
export function valueIndex(r: ReaderState, holder: PickleNode, key: TypedNode): number | undefined {
  const items = holder.items ?? [];
  const wanted = keyIdentity(key);
  const tree = new TypedTree(r);
  for (let i = items.length - 2; i >= 0; i -= 2) {
    if (keyIdentity(keyOf(tree, items[i] as PickleNode)) === wanted) return i + 1;
  }
  return undefined;
}

/** A key as typed node, made apart from the whole tree. */
function keyOf(tree: TypedTree, node: PickleNode): TypedNode {
  return node.kind < K.FIRST_TRACKED || node.typed === undefined ? tree.make(node, 0) : node.typed;
}

function partOf(node: PickleNode, part: string): Occurrence | undefined {
  const more = node.more;
  const states = more?.states ?? [];
  const last = states.length - 1;
  const state = states[last];
  const start = more?.stateStarts?.[last];
  const slotted = state?.kind === K.TUPLE && state.items?.length === 2 && state.items[1]?.kind === K.DICT;
  switch (part) {
    case 'state':
      if (state === undefined || start === undefined) return undefined;
      return slotted ? at(state, 0) : { node: state, start };
    case 'slots':
      return state !== undefined && slotted ? at(state, 1) : undefined;
    case 'items':
    case 'entries': {
      const holder = part === 'items' ? membersOf(node) : entriesOf(node);
      return holder === undefined ? undefined : { node: holder, start: holder.start };
    }
    case 'args':
    case 'new_args':
      return more?.args === undefined ? undefined : { node: more.args, start: more.args.start };
    case 'new_kwargs':
      return more?.kwargs === undefined ? undefined : { node: more.kwargs, start: more.kwargs.start };
    case 'func':
      return more?.func === undefined ? undefined : { node: more.func, start: more.func.start };
    case 'base':
      if (more?.base !== undefined)
        return more.base.start < 0 ? undefined : { node: more.base, start: more.base.start };
      return more?.args === undefined ? undefined : at(more.args, 0);
    case 'factory':
    case 'value':
      return more?.args === undefined ? undefined : at(more.args, 0);
    case 'pid':
      return more?.func === undefined ? undefined : { node: more.func, start: more.func.start };
    default:
      return undefined;
  }
}
