import type { TypedNode, TypedPair } from '../../model/typed.ts';
import { toBase64 } from '../bytes.ts';
import { floatNodeOfHex } from '../nodes.ts';
import { isEnumCall } from './enum-call.ts';
import { KeyTexts } from './key-text.ts';
import { KNOWN } from './known.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import { floatAt, longOf } from './number-text.ts';
import type { ReaderState } from './reader-state.ts';
import type { PythonException } from './refusal.ts';
import { surrogatesOf, utf8Text } from './text.ts';
import {
  CLASS_OF_KIND,
  className,
  distinctTexts,
  hasContent,
  limit,
  memberOf,
  nameOf,
  tooLong,
  uuidOf,
} from './typed-parts.ts';
import { calledValue } from './typed-values.ts';

const NONE: TypedNode = { t: 'none' };
const TRUE: TypedNode = { t: 'bool', v: true };
const FALSE: TypedNode = { t: 'bool', v: false };

/** An `object` or `reduce` node while its parts are put in. */
interface Draft {
  t: 'object' | 'reduce';
  class?: string;
  func?: string | TypedNode;
  args?: readonly TypedNode[] | TypedNode;
  state: TypedNode | null;
  slots?: TypedNode;
  base?: TypedNode;
  items?: readonly TypedNode[];
  entries?: TypedPair[];
  new_args?: readonly TypedNode[];
  new_kwargs?: readonly TypedPair[];
}

/**
 * The first and the last use of each state, in order: of updates with one dict again and again, the others change
 * neither the order of the keys nor the values that stay.
 */
function onceOrTwice(states: readonly PickleNode[]): PickleNode[] {
  const last = new Map(states.map((state, i) => [state, i]));
  const seen = new Set<PickleNode>();
  return states.filter((state, i) => {
    if (seen.has(state)) return last.get(state) === i;
    seen.add(state);
    return true;
  });
}

/** Makes typed JSON of what was read. Shared and recursive values get `id` and `ref`; limits show as `limit` nodes. */
export class TypedTree {
  private readonly r: ReaderState;
  private readonly keyTexts: KeyTexts;
  private left: number;
  /** Values that can occur again, in order of first occurrence. */
  private readonly order: PickleNode[] = [];
  private readonly refs: { node: PickleNode; ref: { t: 'ref'; id: number } }[] = [];

  constructor(r: ReaderState) {
    this.r = r;
    this.left = r.limits.nodes;
    this.keyTexts = new KeyTexts(r, (node) => this.make(node, 0));
  }

  /** The whole value. Meant to be called once. */
  root(): TypedNode {
    const value = this.make(this.r.root as PickleNode, 0);
    if (this.refs.length > 0) {
      const twice = new Set(this.refs.map(({ node }) => node));
      let id = 0;
      const ids = new Map<PickleNode, number>();
      for (const node of this.order) {
        if (!twice.has(node)) continue;
        ids.set(node, ++id);
        (node.typed as { id?: number }).id = id;
      }
      for (const { node, ref } of this.refs) ref.id = ids.get(node) as number;
    }
    return value;
  }

  /** The typed node of one occurrence of a value. */
  make(node: PickleNode, depth: number): TypedNode {
    if (--this.left < 0) return limit('nodes', `More than ${this.r.limits.nodes} values`);
    if ((this.left & 255) === 0) this.r.limits.spend(4 * 256);
    if (node.kind < K.FIRST_TRACKED) {
      if (node.typed !== undefined) return node.typed;
      if (node.kind === K.CALLED || node.kind === K.PERSISTENT) {
        if (depth > this.r.limits.depth) return limit('depth', `Nested deeper than ${this.r.limits.depth} levels`);
      } else if (node.hi - node.lo > 1024) this.r.limits.spend((node.hi - node.lo) >> 5);
      const made = node.kind === K.CALLED ? this.called(node, depth) : this.atom(node, depth);
      if (node.uses > 0 || node.start < 0) node.typed = made;
      return made;
    }
    if (node.typed !== undefined) {
      if (node.typed.t === 'enum' || node.typed.t === 'uuid') return node.typed;
      const ref = { t: 'ref' as const, id: 0 };
      this.refs.push({ node, ref });
      return ref;
    }
    if (depth > this.r.limits.depth) return limit('depth', `Nested deeper than ${this.r.limits.depth} levels`);
    return this.tracked(node, depth + 1);
  }

  private atom(node: PickleNode, depth: number): TypedNode {
    const r = this.r;
    switch (node.kind) {
      case K.ASCII:
        if (node.hi - node.lo > r.limits.text) return tooLong(node.hi - node.lo, r.limits.text);
        return { t: 'str', v: r.text.slice(node.lo, node.hi) };
      case K.INT:
        return { t: 'int', v: `${node.lo}` };
      case K.NONE:
        return NONE;
      case K.TRUE:
        return TRUE;
      case K.FALSE:
        return FALSE;
      case K.UTF8: {
        if (node.hi - node.lo > r.limits.text) return tooLong(node.hi - node.lo, r.limits.text);
        const cp = surrogatesOf(r.bytes, node.lo, node.hi);
        const v = utf8Text(r.bytes, node.lo, node.hi);
        return cp === undefined ? { t: 'str', v } : { t: 'str', v, cp };
      }
      case K.TEXT: {
        const v = node.more?.text ?? '';
        if (v.length > r.limits.text) return tooLong(v.length, r.limits.text);
        return node.more?.cp === undefined ? { t: 'str', v } : { t: 'str', v, cp: node.more.cp };
      }
      case K.LONG: {
        const digits = Math.floor((node.hi - node.lo) * 2.4082);
        if (digits > r.limits.digits) return limit('digits', `An integer of about ${digits} digits`);
        if (digits > 2000 && r.late) return limit('time', `Reading took longer than ${r.limits.milliseconds} ms`);
        return { t: 'int', v: String(longOf(r.bytes, node.lo, node.hi)) };
      }
      case K.DECIMAL_INT: {
        const v = node.more?.text ?? '0';
        return v.length > r.limits.digits + 1 ? limit('digits', `An integer of ${v.length} digits`) : { t: 'int', v };
      }
      case K.FLOAT:
        return floatAt(r.bytes, node.lo);
      case K.FLOAT_TEXT:
        return floatNodeOfHex(node.more?.text ?? '');
      case K.BYTES: {
        const bytes = this.bytesOf(node);
        if (bytes.length > r.limits.text) return tooLong(bytes.length, r.limits.text);
        return { t: 'bytes', b64: toBase64(bytes) };
      }
      case K.GLOBAL:
        return node.lo === 1 ? memberOf(nameOf(node)) : { t: 'global', name: nameOf(node) };
      case K.EXTENSION:
        return { t: 'extension', code: node.lo };
      case K.BUFFER:
        return { t: 'buffer', readonly: node.lo === 1 };
      case K.PERSISTENT:
        return { t: 'persistent', pid: this.make(node.more?.func as PickleNode, depth + 1) };
      default:
        return limit(node.more?.text ?? 'nodes', node.more?.name ?? 'The reading stopped here');
    }
  }

  private bytesOf(node: PickleNode): Uint8Array {
    return node.more?.bytes ?? this.r.bytes.subarray(node.lo, node.hi);
  }

  /** A date, a Decimal and the like; what CPython would refuse to make stays a described call. */
  private called(node: PickleNode, depth: number): TypedNode {
    const args = (node.more?.args?.items ?? []).map((arg) => this.make(arg, depth + 1));
    const value = calledValue(node.lo, args);
    if (typeof value !== 'string') return value;
    const colon = value.indexOf(':');
    this.r.note(value.slice(0, colon) as PythonException, value.slice(colon + 2), node.start);
    return { t: 'reduce', func: nameOf(node.more?.func as PickleNode), args, state: null };
  }

  private tracked(node: PickleNode, depth: number): TypedNode {
    const more = node.more;
    switch (node.kind) {
      case K.LIST:
        return this.sequence(node, 'list', depth);
      case K.TUPLE:
        if (node.items === undefined || node.items.length === 0) return { t: 'tuple', v: [] };
        return this.sequence(node, 'tuple', depth);
      case K.SET:
        return this.sequence(node, 'set', depth);
      case K.FROZENSET:
        if (node.items === undefined || node.items.length === 0) return { t: 'frozenset', v: [] };
        return this.sequence(node, 'frozenset', depth);
      case K.DEQUE: {
        const v: TypedNode[] = [];
        const maxlen = more?.maxlen === undefined ? undefined : this.make(more.maxlen, depth);
        this.begin(node, maxlen === undefined ? { t: 'deque', v } : { t: 'deque', maxlen, v });
        const items = node.items ?? [];
        // A full deque drops from the other end.
        const keep = maxlen?.t === 'int' ? Number(maxlen.v) : items.length;
        for (const item of items.slice(Math.max(0, items.length - keep))) v.push(this.make(item, depth));
        return node.typed as TypedNode;
      }
      case K.BYTEARRAY: {
        const bytes = this.bytesOf(node);
        if (bytes.length > this.r.limits.text) return tooLong(bytes.length, this.r.limits.text);
        return this.begin(node, { t: 'bytearray', b64: toBase64(bytes) });
      }
      case K.OBJECT:
        return this.object(node, depth);
      case K.REDUCE:
        return this.reduce(node, depth);
      default:
        break;
    }
    if (more?.states?.some(hasContent)) return this.object(node, depth);
    const v: TypedPair[] = [];
    if (node.kind === K.DICT) this.begin(node, { t: 'dict', v });
    else if (node.kind === K.STORAGE) this.begin(node, { t: 'storage', v });
    else if (node.kind === K.ORDEREDDICT) this.begin(node, { t: 'ordereddict', v });
    else if (node.kind === K.COUNTER) this.begin(node, { t: 'counter', v });
    else {
      const factory: TypedNode = more?.factory === undefined ? NONE : this.make(more.factory, depth);
      this.begin(node, { t: 'defaultdict', factory, v });
    }
    this.pairs(node, v, depth);
    return node.typed as TypedNode;
  }

  private begin(node: PickleNode, typed: TypedNode): TypedNode {
    node.typed = typed;
    this.order.push(node);
    return typed;
  }

  private sequence(node: PickleNode, t: 'list' | 'tuple' | 'set' | 'frozenset', depth: number): TypedNode {
    const v: TypedNode[] = [];
    const typed = this.begin(node, { t, v });
    const items = node.items ?? [];
    const sets = (t === 'set' || t === 'frozenset') && items.length > 1;
    const chosen = sets ? [...this.unique(items, 1).values()].map((at) => items[at] as PickleNode) : items;
    for (let i = 0; i < chosen.length; i++) v.push(this.make(chosen[i] as PickleNode, depth));
    return typed;
  }

  /** Key and value in turn, as Python's dict would hold them: the first of equal keys stays, the last value counts. */
  private pairs(node: PickleNode, v: TypedPair[], depth: number): void {
    const items = node.items;
    if (items === undefined) return;
    if (items.length === 2 || distinctTexts(this.r, items)) {
      for (let i = 0; i < items.length; i += 2) {
        v.push([this.make(items[i] as PickleNode, depth), this.make(items[i + 1] as PickleNode, depth)]);
      }
      return;
    }
    const last = new Map<string, number>();
    for (let i = 0; i < items.length; i += 2) last.set(this.keyTexts.of(items[i] as PickleNode), i + 1);
    for (const [text, at] of this.unique(items, 2)) {
      v.push([
        this.make(items[at] as PickleNode, depth),
        this.make(items[last.get(text) as number] as PickleNode, depth),
      ]);
    }
  }

  /** The first position of each different key among every `step`-th item. */
  private unique(items: readonly PickleNode[], step: 1 | 2): Map<string, number> {
    const first = new Map<string, number>();
    for (let i = 0; i < items.length; i += step) {
      const text = this.keyTexts.of(items[i] as PickleNode);
      if (!first.has(text)) first.set(text, i);
    }
    return first;
  }

  private object(node: PickleNode, depth: number): TypedNode {
    const more = node.more ?? {};
    const uuid = more.func?.more?.known === KNOWN.UUID ? uuidOf(node, (one) => this.atom(one, depth)) : undefined;
    if (uuid !== undefined) {
      node.typed = uuid;
      return uuid;
    }
    const typed: Draft = { t: 'object', class: className(more.func), state: null };
    this.begin(node, typed as TypedNode);
    if (node.kind !== K.OBJECT) {
      // A known mapping or sequence that has attributes of its own.
      typed.class = CLASS_OF_KIND.get(node.kind) ?? className(more.func);
      if (node.kind === K.DEQUE) typed.items = (node.items ?? []).map((item) => this.make(item, depth));
      else this.pairs(node, (typed.entries = []), depth);
    } else {
      this.newArguments(node, typed, depth);
    }
    this.fill(node, typed, depth);
    return typed as TypedNode;
  }

  private newArguments(node: PickleNode, typed: Draft, depth: number): void {
    const more = node.more ?? {};
    const args = more.args?.items ?? [];
    const [only] = args;
    const make = (arg: PickleNode): TypedNode => this.make(arg, depth);
    const stateful = more.states?.some((state) => state.kind !== K.NONE) ?? false;
    if (more.kwargs !== undefined) {
      const pairs: TypedPair[] = [];
      typed.new_args = args.map(make);
      typed.new_kwargs = pairs;
      this.pairs(more.kwargs, pairs, depth);
    } else if (args.length === 1 && only !== undefined) {
      if (only.kind > K.FALSE && only.kind <= K.BYTES) typed.base = make(only);
      else if (only.kind === K.TUPLE && !stateful && only.uses === 0) typed.items = (only.items ?? []).map(make);
      else typed.new_args = [make(only)];
    } else if (args.length > 1) {
      if (stateful || more.list !== undefined) typed.new_args = args.map(make);
      else typed.items = args.map(make);
    }
    if (more.base?.kind === K.TUPLE) typed.items = (more.base.items ?? []).map(make);
    else if (more.base !== undefined) typed.base = make(more.base);
    // Members of a list subclass without attributes; the empty `new_args` tells them from those of a tuple subclass.
    if (more.list !== undefined && !stateful && typed.new_args === undefined) typed.new_args = [];
  }

  /** Members, entries and state, in the order in which ids are counted. */
  private fill(node: PickleNode, typed: Draft, depth: number): void {
    const more = node.more ?? {};
    if (more.list !== undefined) typed.items = (more.list.items ?? []).map((item) => this.make(item, depth));
    if (more.dict !== undefined) this.pairs(more.dict, (typed.entries = []), depth);
    const states = (more.states ?? []).filter((state) => state.kind !== K.NONE);
    const [state] = states;
    if (state === undefined) return;
    const [attributes, slots] = state.kind === K.TUPLE && state.items?.length === 2 ? state.items : [];
    if (states.length > 1 && states.every((one) => one.kind === K.DICT)) {
      const v: TypedPair[] = [];
      const merged = { items: onceOrTwice(states).flatMap((one) => one.items ?? []) } as PickleNode;
      this.pairs(merged, v, depth);
      typed.state = { t: 'dict', v };
    } else if (slots?.kind === K.DICT && (attributes?.kind === K.NONE || attributes?.kind === K.DICT)) {
      typed.state = attributes.kind === K.DICT && attributes.items !== undefined ? this.make(attributes, depth) : null;
      typed.slots = this.make(slots, depth);
    } else {
      typed.state = this.make(states[states.length - 1] as PickleNode, depth);
    }
  }

  private reduce(node: PickleNode, depth: number): TypedNode {
    const more = node.more ?? {};
    const func = more.func as PickleNode;
    const args = more.args as PickleNode;
    const [value] = args.items ?? [];
    if (isEnumCall(node) && value !== undefined) {
      const typed: TypedNode = { t: 'enum', class: nameOf(func), value: this.make(value, depth) };
      node.typed = typed;
      return typed;
    }
    const typed: Draft = { t: 'reduce', func: '', args: [], state: null };
    this.begin(node, typed as TypedNode);
    typed.func = func.kind === K.GLOBAL ? nameOf(func) : this.make(func, depth);
    typed.args =
      args.kind === K.TUPLE ? (args.items ?? []).map((arg) => this.make(arg, depth)) : this.make(args, depth);
    this.fill(node, typed, depth);
    return typed as TypedNode;
  }
}
