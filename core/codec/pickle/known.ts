import * as K from './node.ts';

/** Callables whose results are known without running them. The numbers are only used inside the reader. */
export const KNOWN = {
  set: 1,
  frozenset: 2,
  list: 3,
  tuple: 4,
  dict: 5,
  bytearray: 6,
  bytes: 7,
  encode: 8,
  deque: 9,
  OrderedDict: 10,
  Counter: 11,
  defaultdict: 12,
  Storage: 13,
  reconstructor: 14,
  newobj: 15,
  newobjEx: 16,
  getattr: 17,
  UUID: 18,
  ZoneInfo: 19,
  object: 20,
  int: 21,
  float: 22,
  str: 23,
  // From here on: calls that give a value without identity.
  datetime: 30,
  date: 31,
  time: 32,
  timedelta: 33,
  timezone: 34,
  Decimal: 35,
  Fraction: 36,
  complex: 37,
  range: 38,
  zoneUnpickle: 39,
} as const;

/** The first number of the calls that give a value without identity. */
export const FIRST_VALUE = KNOWN.datetime;

const BY_NAME = new Map<string, number>([
  ['builtins.set', KNOWN.set],
  ['builtins.frozenset', KNOWN.frozenset],
  ['builtins.list', KNOWN.list],
  ['builtins.tuple', KNOWN.tuple],
  ['builtins.dict', KNOWN.dict],
  ['builtins.bytearray', KNOWN.bytearray],
  ['builtins.bytes', KNOWN.bytes],
  ['builtins.object', KNOWN.object],
  ['builtins.int', KNOWN.int],
  ['builtins.float', KNOWN.float],
  ['builtins.str', KNOWN.str],
  ['_codecs.encode', KNOWN.encode],
  ['codecs.encode', KNOWN.encode],
  ['collections.deque', KNOWN.deque],
  ['collections.OrderedDict', KNOWN.OrderedDict],
  ['collections.Counter', KNOWN.Counter],
  ['collections.defaultdict', KNOWN.defaultdict],
  ['web.utils.Storage', KNOWN.Storage],
  ['copyreg._reconstructor', KNOWN.reconstructor],
  ['copyreg.__newobj__', KNOWN.newobj],
  ['copyreg.__newobj_ex__', KNOWN.newobjEx],
  ['builtins.getattr', KNOWN.getattr],
  ['uuid.UUID', KNOWN.UUID],
  ['zoneinfo.ZoneInfo', KNOWN.ZoneInfo],
  ['zoneinfo.ZoneInfo._unpickle', KNOWN.zoneUnpickle],
  ['datetime.datetime', KNOWN.datetime],
  ['datetime.date', KNOWN.date],
  ['datetime.time', KNOWN.time],
  ['datetime.timedelta', KNOWN.timedelta],
  ['datetime.timezone', KNOWN.timezone],
  ['decimal.Decimal', KNOWN.Decimal],
  ['fractions.Fraction', KNOWN.Fraction],
  ['builtins.complex', KNOWN.complex],
  ['builtins.range', KNOWN.range],
]);

/** The number of a well-known callable by its Python 3 name, 0 for any other. */
export function knownCallable(module: string, name: string): number {
  return BY_NAME.get(`${module}.${name}`) ?? 0;
}

/** Classes whose instances are one of our kinds when made without arguments. */
export const EMPTY_KIND: ReadonlyMap<number, K.Kind> = new Map<number, K.Kind>([
  [KNOWN.set, K.SET],
  [KNOWN.list, K.LIST],
  [KNOWN.dict, K.DICT],
  [KNOWN.deque, K.DEQUE],
  [KNOWN.OrderedDict, K.ORDEREDDICT],
  [KNOWN.Counter, K.COUNTER],
  [KNOWN.Storage, K.STORAGE],
]);

/** Values whose `add` ADDITEMS may call although they are no set here. */
export const KNOWN_SET_LIKE: ReadonlySet<K.Kind> = new Set([K.OBJECT, K.REDUCE, K.PERSISTENT, K.EXTENSION]);
