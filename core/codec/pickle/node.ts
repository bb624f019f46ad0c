import type { TypedNode } from '../../model/typed.ts';

/**
 * What the reader makes of a stream: one small record for each value, with the place in the stream it came from.
 * Typed JSON is made from these only when someone asks for it.
 */
export type Kind = number;

// Values without identity; all of them can be dict keys.
export const NONE: Kind = 0;
export const TRUE: Kind = 1;
export const FALSE: Kind = 2;
/** `lo` is the value, within ±2^31. */
export const INT: Kind = 3;
/** LONG1 and LONG4: the little-endian two's complement bytes are at `lo`..`hi`. */
export const LONG: Kind = 4;
/** A number as text: `text` holds Python's normal form. */
export const DECIMAL_INT: Kind = 5;
/** `lo` is the offset of eight big-endian bytes. */
export const FLOAT: Kind = 6;
/** F: `text` holds 16 hex digits. */
export const FLOAT_TEXT: Kind = 7;
/** ASCII text at `lo`..`hi`. */
export const ASCII: Kind = 8;
/** UTF-8 with at least one byte above 127 at `lo`..`hi`, checked. */
export const UTF8: Kind = 9;
/** Text that had to be decoded while reading (STRING, UNICODE, Latin-1): in `text`. */
export const TEXT: Kind = 10;
/** Bytes at `lo`..`hi` of the stream, or in `bytes`. */
export const BYTES: Kind = 11;
/** `lo` is 1 for the member of an enumeration, named by a getattr call. */
export const GLOBAL: Kind = 12;
export const PERSISTENT: Kind = 13;
/** `lo` is the extension code. */
export const EXTENSION: Kind = 14;
/** `lo` is 1 when the buffer was made read-only. */
export const BUFFER: Kind = 15;
/** The reader stopped here; `text` names the limit. */
export const LIMIT: Kind = 16;
/** A well-known value made by a call (a date, a Decimal, …): `call` holds the function and its arguments. */
export const CALLED: Kind = 17;
// Things with identity that can be dict keys (a tuple only when all its members can).
export const TUPLE: Kind = 18;
export const FROZENSET: Kind = 19;
export const OBJECT: Kind = 20;
export const REDUCE: Kind = 21;
// Things that cannot be dict keys.
export const LIST: Kind = 22;
export const DICT: Kind = 23;
export const SET: Kind = 24;
export const BYTEARRAY: Kind = 25;
export const DEQUE: Kind = 26;
export const STORAGE: Kind = 27;
export const ORDEREDDICT: Kind = 28;
export const COUNTER: Kind = 29;
export const DEFAULTDICT: Kind = 30;

/** The first kind whose objects are tracked: more than one occurrence shows as `id` and `ref`. */
export const FIRST_TRACKED = TUPLE;
export const FIRST_UNHASHABLE = LIST;

/** What Python calls the type of each kind, for messages. */
export const PYTHON_TYPE: readonly string[] = [
  'NoneType,bool,bool,int,int,int,float,float,str,str,str,bytes,type,object,object,memoryview,object,object',
  'tuple,frozenset,object,object,list,dict,set,bytearray,collections.deque,Storage,collections.OrderedDict',
  'Counter,collections.defaultdict',
]
  .join(',')
  .split(',');

/** A value as read. `items` are members, or keys and values in turn; `starts` says where each begins in the stream. */
export class PickleNode {
  kind: Kind;
  /** Offset of the first opcode of this value. */
  start: number;
  /** Offset after its last opcode, a memo opcode that directly follows included. */
  end: number;
  /** How often the value was taken from the memo or duplicated. */
  uses = 0;
  lo: number;
  hi: number;
  items: PickleNode[] | undefined = undefined;
  starts: number[] | undefined = undefined;
  more: More | undefined = undefined;
  /** Typed JSON once made (for tracked values only while it is being made into one tree). */
  typed: TypedNode | undefined = undefined;

  constructor(kind: Kind, start: number, end: number, lo: number, hi: number) {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.lo = lo;
    this.hi = hi;
  }
}

/** The parts that few values have. */
export interface More {
  text?: string;
  /** Code points of `text` when surrogates stand alone in it. */
  cp?: number[];
  bytes?: Uint8Array;
  /** GLOBAL: Python 3 module and name; `known` is the number of a well-known callable, 0 for any other. */
  module?: string;
  name?: string;
  known?: number;
  /** Protocol in force when the name was read. */
  protocol?: number;
  /** What is called (CALLED, REDUCE), the class (OBJECT), the persistent id. */
  func?: PickleNode;
  args?: PickleNode;
  kwargs?: PickleNode;
  /** BUILD arguments in order of the stream, and where each begins. */
  states?: PickleNode[];
  stateStarts?: number[];
  buildAt?: number[];
  /** Members given to an object by APPEND(S) or ADDITEMS, and by SETITEM(S): a list and a dict of their own. */
  list?: PickleNode;
  dict?: PickleNode;
  /** The built-in value inside an instance of a subclass (`copyreg._reconstructor`). */
  base?: PickleNode;
  factory?: PickleNode;
  maxlen?: PickleNode;
  /** Recorded for editing: for each opcode that filled the container [first item, items, mark or -1, opcode]. */
  groups?: number[];
}

/** The rarely used part of a node, made on first use. */
export function moreOf(node: PickleNode): More {
  if (node.more === undefined) node.more = {};
  return node.more;
}

/** A node whose content is text made while reading. */
export function textNode(kind: Kind, start: number, end: number, text: string): PickleNode {
  const node = new PickleNode(kind, start, end, 0, 0);
  node.more = { text };
  return node;
}
