import { EMPTY_KIND, FIRST_VALUE, KNOWN, knownCallable } from './known.ts';
import * as K from './node.ts';
import { moreOf, PickleNode } from './node.ts';
import type { ReaderState } from './reader-state.ts';
import { textOf } from './reader-text.ts';
import { refuse } from './refusal.ts';

/**
 * What REDUCE and NEWOBJ give, told from the name of what is called and its arguments, never by calling it. Anything
 * that is not well known stays a described call.
 */
export function callObject(
  r: ReaderState,
  func: PickleNode,
  args: PickleNode,
  start: number,
  at: number,
  end: number,
): PickleNode {
  if (args.kind !== K.TUPLE) {
    if (args.kind === K.OBJECT || args.kind === K.PERSISTENT) return described(r, func, args, start, end);
    throw refuse('TypeError', 'argument list must be a tuple', at);
  }
  if (!isCallable(func)) {
    throw refuse('TypeError', `'${K.PYTHON_TYPE[func.kind]}' object is not callable`, at);
  }
  const partial = func.kind === K.REDUCE && args.items?.length === 0 ? partialNew(func) : undefined;
  if (partial !== undefined) return newObject(r, partial.cls, partial.args, partial.kwargs, start, at, end);
  const known = func.kind === K.GLOBAL ? (func.more?.known ?? 0) : 0;
  const made = known === 0 ? undefined : wellKnown(r, known, args, start, at, end);
  if (made === undefined) return described(r, func, args, start, end);
  if (made.kind === K.OBJECT || made.kind === K.GLOBAL) return made;
  // The call is kept, so that an edit can find the arguments.
  const more = moreOf(made);
  more.func ??= func;
  more.args ??= args;
  return made;
}

/** `functools.partial(cls.__new__, cls, …)()`: how protocols 2 and 3 write a NEWOBJ_EX. */
function partialNew(func: PickleNode): { cls: PickleNode; args: PickleNode; kwargs: PickleNode } | undefined {
  const { func: maker, states } = func.more ?? {};
  if (maker?.kind !== K.GLOBAL || maker.more?.module !== 'functools' || maker.more.name !== 'partial') return undefined;
  const [, positional, kwargs] = states?.[0]?.kind === K.TUPLE ? (states[0].items ?? []) : [];
  const cls = positional?.kind === K.TUPLE ? positional.items?.[0] : undefined;
  if (positional === undefined || cls?.kind !== K.GLOBAL || kwargs?.kind !== K.DICT) return undefined;
  const args = new PickleNode(K.TUPLE, positional.start, positional.end, positional.lo, 0);
  args.items = positional.items?.slice(1) ?? [];
  args.starts = positional.starts?.slice(1) ?? [];
  return { cls, args, kwargs };
}

/** Whether a value may be a class or function; unknown things may. */
export function isCallable(node: PickleNode): boolean {
  const { kind } = node;
  return kind >= K.GLOBAL && kind < K.FIRST_UNHASHABLE && kind !== K.TUPLE && kind !== K.FROZENSET && kind !== K.CALLED;
}

function described(r: ReaderState, func: PickleNode, args: PickleNode, start: number, end: number): PickleNode {
  const node = new PickleNode(K.REDUCE, start, end, 0, 0);
  node.more = { func, args };
  r.calls.push(node);
  return node;
}

function wellKnown(
  r: ReaderState,
  known: number,
  args: PickleNode,
  start: number,
  at: number,
  end: number,
): PickleNode | undefined {
  const items = args.items ?? [];
  const first = items[0];
  if (known >= FIRST_VALUE) return new PickleNode(K.CALLED, start, end, known, 0);
  switch (known) {
    case KNOWN.set:
    case KNOWN.frozenset: {
      const made = copyOf(known === KNOWN.set ? K.SET : K.FROZENSET, items, start, end);
      for (const member of made?.items ?? []) r.checkHashable(member, at);
      return made;
    }
    case KNOWN.list:
    case KNOWN.tuple: {
      const made = copyOf(known === KNOWN.list ? K.LIST : K.TUPLE, items, start, end);
      return made;
    }
    case KNOWN.deque: {
      const made = copyOf(K.DEQUE, items.slice(0, 1), start, end);
      const maxlen = items[1];
      if (made === undefined || items.length > 2) return undefined;
      if (maxlen === undefined || maxlen.kind === K.NONE) return made;
      if (maxlen.kind === K.INT ? maxlen.lo < 0 : maxlen.kind !== K.DECIMAL_INT) {
        r.note('ValueError', 'maxlen must be non-negative', at);
        return undefined;
      }
      moreOf(made).maxlen = maxlen;
      return made;
    }
    case KNOWN.dict:
    case KNOWN.OrderedDict:
    case KNOWN.Counter:
    case KNOWN.Storage: {
      const kind = EMPTY_KIND.get(known) as K.Kind;
      return items.length > 1 ? undefined : mappingOf(r, kind, first, start, at, end);
    }
    case KNOWN.defaultdict: {
      if (items.length > 2) return undefined;
      const made = mappingOf(r, K.DEFAULTDICT, items[1], start, at, end);
      if (made !== undefined && first !== undefined) moreOf(made).factory = first;
      return made;
    }
    case KNOWN.bytearray:
    case KNOWN.bytes:
      if (items[1]?.kind === K.BYTES) r.note('TypeError', 'argument 2 must be str, not bytes', at);
      return bytesOf(r, known === KNOWN.bytes ? K.BYTES : K.BYTEARRAY, items, start, end);
    case KNOWN.encode: {
      const latin = items[1] === undefined ? undefined : textOf(r, items[1]);
      if (items.length !== 2 || first === undefined || (latin !== 'latin1' && latin !== 'latin-1')) return undefined;
      return bytesOf(r, K.BYTES, items, start, end);
    }
    case KNOWN.reconstructor:
      return reconstructed(r, items, start, end);
    case KNOWN.newobj: {
      if (first === undefined) return undefined;
      const rest = new PickleNode(K.TUPLE, args.start, args.end, 0, 0);
      rest.items = items.slice(1);
      rest.starts = args.starts?.slice(1) ?? [];
      return newObject(r, first, rest, undefined, start, at, end);
    }
    case KNOWN.newobjEx: {
      const [cls, positional, named] = items;
      if (cls === undefined || positional === undefined || named === undefined || items.length !== 3) return undefined;
      return newObject(r, cls, positional, named, start, at, end);
    }
    case KNOWN.getattr: {
      // Below protocol 4 CPython writes a dotted name (a class method, a member of an enumeration) as a getattr call.
      const name = items[1] === undefined ? undefined : textOf(r, items[1]);
      if (items.length !== 2 || first?.kind !== K.GLOBAL || name === undefined) return undefined;
      const module = first.more?.module ?? '';
      const dotted = `${first.more?.name}.${name}`;
      const member = /^[A-Z][A-Z0-9_]*$/.test(name) && /(^|\.)[A-Z]\w*$/.test(first.more?.name ?? '');
      const node = new PickleNode(K.GLOBAL, start, end, member ? 1 : 0, 0);
      node.more = { module, name: dotted, known: knownCallable(module, dotted), protocol: r.protocol };
      r.globals.push(node);
      return node;
    }
    default:
      return undefined;
  }
}

/** `set([…])`, `list((…))` and the like: a copy of the members; undefined when the argument is no plain sequence. */
function copyOf(kind: K.Kind, items: readonly PickleNode[], start: number, end: number): PickleNode | undefined {
  const source = items[0];
  if (items.length > 1) return undefined;
  const node = new PickleNode(kind, start, end, 0, 0);
  if (source === undefined) return node;
  const plain =
    source.kind === K.LIST ||
    source.kind === K.TUPLE ||
    source.kind === K.SET ||
    source.kind === K.FROZENSET ||
    source.kind === K.DEQUE;
  if (!plain) return undefined;
  node.items = source.items?.slice() ?? [];
  node.starts = source.starts?.slice() ?? [];
  if (kind === K.TUPLE) node.lo = source.kind === K.TUPLE ? source.lo : tupleHash(node.items);
  if (source.more?.groups !== undefined) moreOf(node).groups = source.more.groups.slice();
  return node;
}

function tupleHash(items: readonly PickleNode[]): number {
  for (const item of items) {
    const kind = item.kind === K.TUPLE ? item.lo : item.kind;
    if (kind >= K.FIRST_UNHASHABLE) return kind;
  }
  return 0;
}

function mappingOf(
  r: ReaderState,
  kind: K.Kind,
  source: PickleNode | undefined,
  start: number,
  at: number,
  end: number,
): PickleNode | undefined {
  const node = new PickleNode(kind, start, end, 0, 0);
  if (source === undefined) return node;
  if (source.kind === K.DICT) {
    node.items = source.items?.slice() ?? [];
    node.starts = source.starts?.slice() ?? [];
    if (source.more?.groups !== undefined) moreOf(node).groups = source.more.groups.slice();
    return node;
  }
  if (source.kind !== K.LIST && source.kind !== K.TUPLE) return undefined;
  const flat: PickleNode[] = [];
  const starts: number[] = [];
  for (const pair of source.items ?? []) {
    const isPair = (pair.kind === K.LIST || pair.kind === K.TUPLE) && pair.items?.length === 2;
    if (!isPair || pair.items === undefined || pair.starts === undefined) return undefined;
    r.checkHashable(pair.items[0] as PickleNode, at);
    flat.push(...pair.items);
    starts.push(...pair.starts);
  }
  node.items = flat;
  node.starts = starts;
  return node;
}

/** `bytes` and `bytearray` of bytes, or of Latin-1 text with the name of that encoding. */
function bytesOf(
  r: ReaderState,
  kind: K.Kind,
  items: readonly PickleNode[],
  start: number,
  end: number,
): PickleNode | undefined {
  const source = items[0];
  const node = new PickleNode(kind, start, end, 0, 0);
  if (source === undefined) return node;
  if (source.kind === K.BYTES && items.length === 1) {
    node.lo = source.lo;
    node.hi = source.hi;
    if (source.more?.bytes !== undefined) node.more = { bytes: source.more.bytes };
    return node;
  }
  const text = textOf(r, source);
  const encoding = items[1] === undefined ? undefined : textOf(r, items[1]);
  if (text === undefined || items.length !== 2 || (encoding !== 'latin1' && encoding !== 'latin-1')) return undefined;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 255) return undefined;
    bytes[i] = unit;
  }
  node.more = { bytes };
  return node;
}

/** `copyreg._reconstructor(cls, base, state)`, which protocols 0 and 1 write for instances of new-style classes. */
function reconstructed(
  r: ReaderState,
  items: readonly PickleNode[],
  start: number,
  end: number,
): PickleNode | undefined {
  const [cls, base, value] = items;
  if (cls === undefined || base === undefined || value === undefined || items.length !== 3) return undefined;
  if (cls.kind !== K.GLOBAL || base.kind !== K.GLOBAL) return undefined;
  const type = base.more?.known ?? 0;
  const kind = type === KNOWN.dict ? EMPTY_KIND.get(cls.more?.known ?? 0) : undefined;
  const plainDict = type === KNOWN.dict && value.kind === K.DICT;
  if (plainDict && kind !== undefined && kind >= K.STORAGE) {
    const node = new PickleNode(kind, start, end, 0, 0);
    node.items = value.items?.slice() ?? [];
    node.starts = value.starts?.slice() ?? [];
    if (value.more?.groups !== undefined) node.more = { groups: value.more.groups.slice() };
    return node;
  }
  const node = new PickleNode(K.OBJECT, start, end, 0, 0);
  const more = moreOf(node);
  more.func = cls;
  r.calls.push(node);
  if (type === KNOWN.object && value.kind === K.NONE) return node;
  if (plainDict) more.dict = value;
  else if (type === KNOWN.list && value.kind === K.LIST) more.list = value;
  else if (type !== 0) more.base = value;
  else return undefined;
  return node;
}

/** NEWOBJ and NEWOBJ_EX, also through `copyreg.__newobj__`. */
export function newObject(
  r: ReaderState,
  cls: PickleNode,
  args: PickleNode,
  kwargs: PickleNode | undefined,
  start: number,
  at: number,
  end: number,
): PickleNode {
  const name = kwargs === undefined ? 'NEWOBJ' : 'NEWOBJ_EX';
  if (!isCallable(cls)) {
    const type = K.PYTHON_TYPE[cls.kind];
    throw refuse('UnpicklingError', `${name} class argument must be a type, not ${type}`, at);
  }
  if (args.kind !== K.TUPLE) {
    const type = K.PYTHON_TYPE[args.kind];
    throw refuse('UnpicklingError', `${name} args argument must be a tuple, not ${type}`, at);
  }
  if (kwargs !== undefined && kwargs.kind !== K.DICT) {
    const type = K.PYTHON_TYPE[kwargs.kind];
    throw refuse('UnpicklingError', `${name} kwargs argument must be a dict, not ${type}`, at);
  }
  const empty = (args.items?.length ?? 0) === 0 && (kwargs?.items?.length ?? 0) === 0;
  const kind = empty && cls.kind === K.GLOBAL ? EMPTY_KIND.get(cls.more?.known ?? 0) : undefined;
  const node = new PickleNode(kind ?? K.OBJECT, start, end, 0, 0);
  node.more = { func: cls, args };
  if (kwargs !== undefined) node.more.kwargs = kwargs;
  if (kind === undefined) r.calls.push(node);
  return node;
}
