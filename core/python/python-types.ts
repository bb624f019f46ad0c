/**
 * What Python has and JavaScript lacks, as live values of a session. Everything else is JavaScript's own: text, boolean,
 * null, number or bigint for int, number for a float that is not whole, Array for list, Set for set, Uint8Array for bytes.
 */
import type { TypedNode } from '../model/typed.ts';

/**
 * A float whose number alone would be taken for an int (`2.0`), or whose bits matter (a NaN with a payload). It counts
 * like a number: `session.price + 1`.
 */
export class PyFloat {
  readonly value: number;
  /** IEEE 754 bits, big-endian, 16 hex digits; only kept where the number does not determine them. */
  readonly hex: string | undefined;

  constructor(value: number, hex?: string) {
    this.value = value;
    this.hex = hex;
  }

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return String(this.value);
  }

  toJSON(): number {
    return this.value;
  }
}

/** A tuple. An Array with another name; do not change its length, Python cannot either. */
export class PyTuple<T = unknown> extends Array<T> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** `tuple(items)`; unlike the constructor of Array a single number is an item. */
  static make<T>(items: Iterable<T>): PyTuple<T> {
    const tuple = new PyTuple<T>();
    for (const item of items) tuple.push(item);
    return tuple;
  }
}

/** A `collections.deque`, with its `maxlen` where it has one. */
export class PyDeque<T = unknown> extends Array<T> {
  maxlen: TypedNode | undefined;

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A `bytearray`. */
export class PyByteArray extends Uint8Array {}

/** A `frozenset`. */
export class PyFrozenSet<T = unknown> extends Set<T> {}

/**
 * A value that is kept as it is and not worked with here: datetimes, Decimal, UUID, timedelta, ranges, classes and the
 * like. `node` says what it is; assign a new one to change it.
 */
export class PyValue {
  readonly node: TypedNode;

  constructor(node: TypedNode) {
    this.node = node;
  }

  toString(): string {
    return 'v' in this.node && typeof this.node.v === 'string' ? this.node.v : JSON.stringify(this.node);
  }

  toJSON(): unknown {
    return this.node;
  }
}

/**
 * An instance of a class that only the Python program knows. Its parts (`state`, `entries`, …) are live values and can be
 * changed; what makes it an object of that class stays.
 */
export class PyObject {
  /** The node without its parts. */
  readonly kind: 'object' | 'reduce' | 'enum' | 'persistent';
  /** Dotted name of the class or function; a live value where it is not a plain name. */
  readonly className: unknown;
  /** Live values of the node's parts, by the name they have in typed JSON. */
  readonly parts: Map<string, unknown>;

  constructor(kind: PyObject['kind'], className: unknown, parts: Map<string, unknown>) {
    this.kind = kind;
    this.className = className;
    this.parts = parts;
  }
}

/** Text with surrogates that JavaScript would join into one character; counts as its text. */
export class PyStr {
  readonly codePoints: readonly number[];

  constructor(codePoints: readonly number[]) {
    this.codePoints = codePoints;
  }

  toString(): string {
    return this.codePoints.map((code) => String.fromCodePoint(code)).join('');
  }

  valueOf(): string {
    return this.toString();
  }

  toJSON(): string {
    return this.toString();
  }
}
