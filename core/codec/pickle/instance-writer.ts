import type { ObjectNode, ReduceNode, TypedNode, TypedPair } from '../../model/typed.ts';
import { toBase64 } from '../bytes.ts';
import { stateOfMoment } from './moments.ts';
import { splitName } from './split-name.ts';
import type { ValueWriter } from './value-writer.ts';
import { unwritable } from './writer-parts.ts';

const NONE: TypedNode = { t: 'none' };

/** Values that CPython writes as a call or as an instance with its state. */
export function saveInstance(w: ValueWriter, node: TypedNode) {
  switch (node.t) {
    case 'datetime':
    case 'time':
    case 'date': {
      const state = stateOfMoment(node, w.protocol >= 4);
      if (state === undefined) throw unwritable(`"${node.v}" is not a ${node.t}`);
      const args = [stateNode(w, state)];
      if (node.t !== 'date' && node.tz.t !== 'none') args.push(node.tz);
      return w.call(['datetime', node.t], args, node);
    }
    case 'timedelta':
      return w.call(['datetime', 'timedelta'], [node.days, node.seconds, node.microseconds].map(int), node);
    case 'timezone': {
      if (node.offset_us === 0 && typeof node.name !== 'string' && w.again('utc', node)) return;
      const seconds = Math.floor(node.offset_us / 1e6);
      const days = Math.floor(seconds / 86400);
      const offset: TypedNode = {
        t: 'timedelta',
        days,
        seconds: seconds - days * 86400,
        microseconds: node.offset_us - seconds * 1e6,
      };
      const named = typeof node.name === 'string' ? [{ t: 'str', v: node.name } as TypedNode] : [];
      return w.call(['datetime', 'timezone'], [offset, ...named], node);
    }
    case 'zoneinfo':
      w.attribute(['zoneinfo', 'ZoneInfo'], '_unpickle');
      w.memo(undefined);
      w.argumentTuple([() => w.save({ t: 'str', v: node.key }), () => w.save(int(1))]);
      w.out.byte(0x52);
      return w.memo(node);
    case 'decimal':
      return w.call(['decimal', 'Decimal'], [{ t: 'str', v: node.v }], node);
    case 'fraction':
      return w.call(
        ['fractions', 'Fraction'],
        [node.num, node.den].map((v) => ({ t: 'int', v }) as const),
        node,
      );
    case 'complex':
      return w.call(['builtins', 'complex'], [node.re, node.im], node);
    case 'range':
      return w.call(
        ['builtins', 'range'],
        [node.start, node.stop, node.step].map((v) => ({ t: 'int', v }) as const),
        node,
      );
    case 'enum':
      // A member read from a stream of Python 3.11 has only its name there.
      if (w.again(`${node.class} ${node.name} ${JSON.stringify(node.value)}`, node)) return;
      if (node.value.t !== 'none' || node.name === undefined) return w.call(splitName(node.class), [node.value], node);
      w.attribute(splitName(node.class), node.name);
      return w.memo(node);
    case 'uuid':
      return uuid(w, node.v);
    case 'ordereddict':
      w.call(['collections', 'OrderedDict'], [], node);
      return w.setItems(node.v);
    case 'counter':
      return w.call(['collections', 'Counter'], [{ t: 'dict', v: node.v }], node);
    case 'defaultdict':
      w.call(['collections', 'defaultdict'], node.factory.t === 'none' ? [] : [node.factory], node);
      return w.setItems(node.v);
    case 'deque': {
      const bounded =
        node.maxlen !== undefined &&
        node.maxlen !== null &&
        typeof node.maxlen !== 'number' &&
        node.maxlen.t !== 'none';
      w.call(['collections', 'deque'], bounded ? [{ t: 'tuple', v: [] }, node.maxlen as TypedNode] : [], node);
      return w.appends(node.v);
    }
    case 'storage': {
      const storage: ObjectNode = { t: 'object', class: 'web.utils.Storage', state: null, entries: node.v };
      return object(w, storage, node);
    }
    case 'object':
      return object(w, node, node);
    case 'reduce':
      return reduce(w, node);
    case 'persistent':
      return persistent(w, node.pid);
    case 'extension': {
      const size = node.code < 256 ? 1 : node.code < 65536 ? 2 : 4;
      w.out.byte(size === 1 ? 0x82 : size === 2 ? 0x83 : 0x84);
      return w.out.uint(node.code, size);
    }
    case 'buffer':
      return w.out.bytes(node.readonly ? [0x97, 0x98] : [0x97]);
    case 'limit':
      throw unwritable(`a part of it was not read (${node.note})`);
    default:
      throw unwritable(`a ${node.t} has no place in a pickle`);
  }
}

/** The bytes of a date: bytes of Python 3, or Latin-1 text where the stream is of Python 2. */
function stateNode(w: ValueWriter, state: Uint8Array): TypedNode {
  if (w.dialect.python === 2 && w.dialect.texts === 'latin1') return { t: 'str', v: String.fromCharCode(...state) };
  return { t: 'bytes', b64: toBase64(state) };
}

function int(value: number): TypedNode {
  return { t: 'int', v: String(value) };
}

function uuid(w: ValueWriter, text: string) {
  const hex = text.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw unwritable(`"${text}" is not a UUID`);
  const state: TypedNode = {
    t: 'dict',
    v: [
      [
        { t: 'str', v: 'int' },
        { t: 'int', v: String(BigInt(`0x${hex}`)) },
      ],
    ],
  };
  object(w, { t: 'object', class: 'uuid.UUID', state }, undefined);
}

/** An instance: made without running `__init__`, then its members, entries and state. */
function object(w: ValueWriter, node: ObjectNode, holder: TypedNode | undefined) {
  const tupleLike =
    node.items !== undefined &&
    node.items.length > 0 &&
    node.new_args === undefined &&
    node.state === null &&
    node.entries === undefined &&
    node.base === undefined;
  const later = tupleLike ? undefined : node.items;
  const args = node.new_args ?? (tupleLike ? node.items : node.base !== undefined ? [node.base] : []);
  if (w.protocol >= 2) newObject(w, node, args ?? []);
  else reconstructor(w, node, args ?? [], tupleLike);
  w.memo(holder);
  if (later !== undefined && (w.protocol >= 2 || node.new_args !== undefined)) members(w, later);
  const known = holder?.t === 'storage';
  if (node.entries !== undefined && w.protocol >= 2 && !(known && node.entries.length === 0)) entries(w, node.entries);
  build(w, node.state, node.slots);
}

/** Without members an empty filling is written: it does nothing, but tells what kind of object it is. */
function members(w: ValueWriter, items: readonly TypedNode[]): void {
  if (items.length > 0) w.appends(items);
  else w.out.bytes([0x28, 0x65]);
}

function entries(w: ValueWriter, pairs: readonly TypedPair[]): void {
  if (pairs.length > 0) w.setItems(pairs);
  else w.out.bytes([0x28, 0x75]);
}

function newObject(w: ValueWriter, node: ObjectNode, args: readonly TypedNode[]) {
  const kwargs = node.new_kwargs;
  if (kwargs === undefined) {
    w.out.boundary();
    w.global(splitName(node.class));
    w.out.boundary();
    w.argumentTuple(args.map((arg) => () => w.save(arg)));
    return w.out.byte(0x81);
  }
  const named: TypedNode = 't' in kwargs ? kwargs : { t: 'dict', v: kwargs as readonly TypedPair[] };
  if (w.protocol >= 4) {
    w.global(splitName(node.class));
    w.argumentTuple(args.map((arg) => () => w.save(arg)));
    w.save(named);
    return w.out.byte(0x92);
  }
  // Below protocol 4: copyreg.__newobj_ex__(cls, args, kwargs), which both Pythons know.
  w.global(['copyreg', '__newobj_ex__']);
  w.argumentTuple([
    () => w.global(splitName(node.class)),
    () => w.argumentTuple(args.map((arg) => () => w.save(arg))),
    () => w.save(named),
  ]);
  w.out.byte(0x52);
}

const BASE_OF: Readonly<Partial<Record<TypedNode['t'], string>>> = {
  int: 'int',
  float: 'float',
  str: 'str',
  bytes: 'bytes',
  bool: 'int',
};

/** Protocols 0 and 1: `copyreg._reconstructor(cls, base, value)`. */
function reconstructor(w: ValueWriter, node: ObjectNode, args: readonly TypedNode[], tupleLike: boolean) {
  const name = splitName(node.class);
  if (node.new_kwargs !== undefined || (node.new_args !== undefined && node.new_args.length > 0)) {
    w.global(['copyreg', '__newobj__']);
    w.argumentTuple([() => w.global(name), ...args.map((arg) => () => w.save(arg))]);
    return w.out.byte(0x52);
  }
  const [base, value]: [string, TypedNode] =
    node.entries !== undefined
      ? ['dict', { t: 'dict', v: node.entries }]
      : tupleLike
        ? ['tuple', { t: 'tuple', v: args }]
        : node.items !== undefined && node.new_args === undefined
          ? ['list', { t: 'list', v: node.items }]
          : node.base !== undefined
            ? [BASE_OF[node.base.t] ?? 'object', node.base]
            : ['object', NONE];
  w.global(['copyreg', '_reconstructor']);
  w.argumentTuple([() => w.global(name), () => w.global(['builtins', base]), () => w.save(value)]);
  w.out.byte(0x52);
}

function build(w: ValueWriter, state: TypedNode | null | undefined, slots: TypedNode | undefined) {
  if (slots !== undefined) w.save({ t: 'tuple', v: [state ?? NONE, slots] });
  else if (state !== null && state !== undefined) w.save(state);
  else return;
  w.out.byte(0x62);
}

function reduce(w: ValueWriter, node: ReduceNode) {
  if (typeof node.func === 'string') w.global(splitName(node.func));
  else w.save(node.func);
  const { args } = node;
  if ('t' in args) w.save(args);
  else w.argumentTuple((args as readonly TypedNode[]).map((arg) => () => w.save(arg)));
  w.out.byte(0x52);
  w.memo(node);
  if (node.items !== undefined) w.appends(node.items);
  if (node.entries !== undefined) w.setItems(node.entries);
  build(w, node.state, undefined);
}

function persistent(w: ValueWriter, pid: TypedNode) {
  if (w.protocol >= 1) {
    w.save(pid);
    return w.out.byte(0x51);
  }
  if (pid.t !== 'str' || /[^\x20-\x7e]/.test(pid.v))
    throw unwritable('a persistent id of protocol 0 must be one line of ASCII');
  w.out.ascii(`P${pid.v}\n`);
}
