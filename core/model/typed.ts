/**
 * Typed JSON: the one notation for decoded values. Commands print it, tests compare it, the window draws it.
 * The nodes are those of `test/fixtures/webpy/README.md`; the ones below the line marked "own" are additions.
 */
export type TypedNode =
  | { readonly t: 'none' }
  | { readonly t: 'bool'; readonly v: boolean }
  /** `v` is decimal text, so that no digit is lost. */
  | { readonly t: 'int'; readonly v: string }
  /** `v` is Python's repr, `hex` the IEEE 754 bits, big-endian. */
  | FloatNode
  | { readonly t: 'complex'; readonly re: FloatNode; readonly im: FloatNode }
  /** `v` may hold lone surrogates; then `cp` lists the code points. */
  | { readonly t: 'str'; readonly v: string; readonly cp?: readonly number[] }
  | { readonly t: 'bytes'; readonly b64: string }
  | ({ readonly t: 'bytearray'; readonly b64: string } & Shared)
  | ({ readonly t: 'list' | 'tuple' | 'set' | 'frozenset'; readonly v: readonly TypedNode[] } & Shared)
  | ({ readonly t: 'deque'; readonly v: readonly TypedNode[]; readonly maxlen?: TypedNode } & Shared)
  | ({ readonly t: 'dict' | 'storage' | 'ordereddict' | 'counter'; readonly v: readonly TypedPair[] } & Shared)
  | ({ readonly t: 'defaultdict'; readonly factory: TypedNode; readonly v: readonly TypedPair[] } & Shared)
  | { readonly t: 'datetime' | 'time'; readonly v: string; readonly fold: number; readonly tz: TypedNode }
  | { readonly t: 'date'; readonly v: string }
  | { readonly t: 'timedelta'; readonly days: number; readonly seconds: number; readonly microseconds: number }
  | { readonly t: 'timezone'; readonly offset_us: number; readonly name?: string }
  | { readonly t: 'zoneinfo'; readonly key: string }
  | { readonly t: 'decimal'; readonly v: string }
  | { readonly t: 'fraction'; readonly num: string; readonly den: string }
  | { readonly t: 'uuid'; readonly v: string }
  | { readonly t: 'range'; readonly start: string; readonly stop: string; readonly step: string }
  | { readonly t: 'enum'; readonly class: string; readonly value: TypedNode; readonly name?: string }
  | { readonly t: 'global'; readonly name: string }
  | ObjectNode
  | ReduceNode
  /** The object whose node carries the same `id` occurs here again (shared or recursive). */
  | { readonly t: 'ref'; readonly id: number }
  // --- own ---------------------------------------------------------------------------------------
  /** A limit was reached here; the rest of the value stays readable. `what` names the limit, `note` is for people. */
  | { readonly t: 'limit'; readonly what: string; readonly note: string }
  /** Something that occurs in pickles and has no value without the program that made it. */
  | { readonly t: 'persistent'; readonly pid: TypedNode }
  | { readonly t: 'extension'; readonly code: number }
  | { readonly t: 'buffer'; readonly readonly: boolean }
  /** Text that is a number in JSON but not an int or a float of Python (kept as written). */
  | { readonly t: 'number'; readonly v: string }
  /** Text that is marked as safe HTML (`markupsafe.Markup`). */
  | { readonly t: 'markup'; readonly v: string }
  // --- PHP ---------------------------------------------------------------------------------------
  /** An array with keys of its own (texts and whole numbers, in order); one with the keys 0, 1, 2 … is a `list`. */
  | ({ readonly t: 'php-array'; readonly v: readonly TypedPair[] } & Shared)
  /** `class` as PHP writes it. Keys: `str` for public properties, `php-property` for others, `int` for numbers. */
  | ({ readonly t: 'php-object'; readonly class: string; readonly v: readonly TypedPair[] } & Shared)
  /** An object whose class writes its own text (`Serializable`); `v` is that text, or bytes. */
  | ({ readonly t: 'php-serialized'; readonly class: string; readonly v: TypedNode } & Shared)
  /** A variable that several places share by reference (`&$x`). */
  | ({ readonly t: 'php-reference'; readonly v: TypedNode } & Shared)
  | ({ readonly t: 'php-enum'; readonly class: string; readonly v: string } & Shared)
  | { readonly t: 'php-property'; readonly v: string; readonly visibility: string; readonly class?: string }
  // --- Ruby --------------------------------------------------------------------------------------
  | { readonly t: 'ruby-symbol'; readonly v: string }
  /** A string that is not plain UTF-8: `encoding` as Ruby names it; instance variables besides the encoding in `ivars`. */
  | ({
      readonly t: 'ruby-string';
      readonly v: TypedNode;
      readonly encoding: string;
      readonly class?: string;
      readonly ivars?: readonly TypedPair[];
    } & Shared)
  /** An instance: its instance variables without `@` in the order of the stream. */
  | ({ readonly t: 'ruby-object'; readonly class: string; readonly v: readonly TypedPair[] } & Shared)
  | ({ readonly t: 'ruby-struct'; readonly class: string; readonly v: readonly TypedPair[] } & Shared)
  /** A value that its class wrote itself (`_dump`, `marshal_dump`), or a built-in of a class derived from it. */
  | ({
      readonly t: 'ruby-user';
      readonly class: string;
      /** `dump`: bytes of `_dump`; `marshal`: value of `marshal_dump`; `subclass`: of a built-in; `extended`: by a module. */
      readonly how: string;
      readonly v: TypedNode;
      readonly ivars?: readonly TypedPair[];
    } & Shared)
  /** A hash with a default value. */
  | ({ readonly t: 'ruby-hash'; readonly default: TypedNode; readonly v: readonly TypedPair[] } & Shared)
  | ({ readonly t: 'ruby-regexp'; readonly v: string; readonly options: number } & Shared)
  | { readonly t: 'ruby-class'; readonly v: string; readonly kind: string }
  // --- Java --------------------------------------------------------------------------------------
  | { readonly t: 'java-char'; readonly v: string }
  /** A value of the library that has a text of its own (`java.time.Instant`). */
  | { readonly t: 'java-value'; readonly class: string; readonly v: string }
  /** `v`: entries of a map, else the fields of all classes, base first; `data`: what the class wrote besides. */
  | ({
      readonly t: 'java-object';
      readonly class: string;
      readonly v: readonly TypedPair[];
      readonly data?: readonly TypedNode[];
    } & Shared)
  | ({ readonly t: 'java-array'; readonly of: string; readonly v: readonly TypedNode[] } & Shared)
  | ({ readonly t: 'java-enum'; readonly class: string; readonly v: string } & Shared)
  | ({ readonly t: 'java-class'; readonly v: string } & Shared);

export interface Shared {
  /** Present only when the object occurs more than once; counted from 1 in order of first occurrence. */
  readonly id?: number;
}

export type TypedPair = readonly [key: TypedNode, value: TypedNode];

export interface FloatNode {
  readonly t: 'float';
  readonly v: string;
  readonly hex: string;
}

/** An instance of a class that is not known here: its state as BUILD gave it, never executed. */
export interface ObjectNode extends Shared {
  readonly t: 'object';
  /** Dotted Python 3 name. */
  readonly class: string;
  readonly state: TypedNode | null;
  readonly slots?: TypedNode;
  readonly base?: TypedNode;
  readonly items?: readonly TypedNode[];
  readonly entries?: readonly TypedPair[];
  readonly new_args?: readonly TypedNode[];
  readonly new_kwargs?: readonly TypedPair[] | TypedNode;
}

/** An object that would be made by calling `func`; shown, never called. */
export interface ReduceNode extends Shared {
  readonly t: 'reduce';
  readonly func: string | TypedNode;
  readonly args: readonly TypedNode[] | TypedNode;
  readonly state?: TypedNode | null;
  readonly items?: readonly TypedNode[];
  readonly entries?: readonly TypedPair[];
}

export type TypedKind = TypedNode['t'];
