import { floatNode, floatNodeOfHex, strNode } from '../../core/codec/nodes.ts';
import type { TypedNode, TypedPair } from '../../core/model/typed.ts';

/** A stream of pseudo-random numbers from 0 to 1, the same for a seed at every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Makes random session data of every kind that JavaScript lacks, shared and recursive lists included. */
export class RandomTyped {
  readonly #random: () => number;
  #ids = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A dict for `POST /data`: a few keys of a small pool, so that the session does not grow without end. */
  change(): TypedNode {
    this.#ids = 0;
    const pairs: TypedPair[] = [];
    const keys = new Set(Array.from({ length: 1 + this.#below(3) }, () => this.#pick(KEYS)));
    for (const key of keys) pairs.push([strNode(key), this.value(3)]);
    return { t: 'dict', v: pairs };
  }

  value(depth: number): TypedNode {
    return depth > 0 && this.#random() < 0.55 ? this.#container(depth - 1) : this.#scalar();
  }

  #container(depth: number): TypedNode {
    switch (this.#below(13)) {
      case 0:
      case 1:
        return { t: 'list', v: this.#values(depth) };
      case 2:
        return { t: 'tuple', v: this.#values(depth) };
      case 3:
        return { t: this.#pick(['set', 'frozenset'] as const), v: this.#keys().map(([key]) => key) };
      case 4:
      case 5:
      case 6:
        return { t: 'dict', v: this.#pairs(depth) };
      case 7:
        return { t: this.#pick(['storage', 'ordereddict'] as const), v: this.#pairs(depth) };
      case 8:
        return { t: 'counter', v: this.#keys().map(([key], at): TypedPair => [key, int(BigInt(at + 1))]) };
      case 9:
        return {
          t: 'defaultdict',
          factory: { t: 'global', name: this.#pick(['builtins.list', 'builtins.int']) },
          v: this.#pairs(depth),
        };
      case 10:
        return { t: 'deque', v: this.#values(depth), maxlen: int(9n) };
      case 11:
        return this.#shared(depth);
      default:
        return { t: 'bytearray', b64: this.#bytes() };
    }
  }

  /** One list in two places, and inside of itself. */
  #shared(depth: number): TypedNode {
    const id = ++this.#ids;
    const ref: TypedNode = { t: 'ref', id };
    return {
      t: 'list',
      v: [
        { t: 'list', id, v: [...this.#values(depth), ref] },
        { t: 'tuple', v: [ref, ref] },
      ],
    };
  }

  #values(depth: number): TypedNode[] {
    return Array.from({ length: this.#below(4) }, () => this.value(depth));
  }

  #pairs(depth: number): TypedPair[] {
    return this.#keys().map(([key]) => [key, this.value(depth)]);
  }

  /** Keys that are all different for Python too. */
  #keys(): [TypedNode, string][] {
    const keys = new Map<string, TypedNode>();
    for (let left = this.#below(5); left > 0; left--) {
      const key = this.#key();
      keys.set(JSON.stringify(key), key);
    }
    return [...keys].map(([text, key]) => [key, text]);
  }

  #key(): TypedNode {
    switch (this.#below(6)) {
      case 0:
        return int(BigInt(this.#below(1000)) + 2n);
      case 1:
        return { t: 'tuple', v: [int(BigInt(this.#below(5))), strNode(this.#text())] };
      case 2:
        return { t: 'bytes', b64: this.#bytes() };
      case 3:
        return { t: 'none' };
      default:
        return strNode(this.#pick(['__proto__', 'constructor', '10', '2', 'name', this.#text()]));
    }
  }

  #scalar(): TypedNode {
    switch (this.#below(20)) {
      case 0:
        return { t: 'none' };
      case 1:
        return { t: 'bool', v: this.#random() < 0.5 };
      case 2:
        return int(BigInt(this.#below(100_000)) - 50_000n);
      case 3:
        return int(BigInt(`0x${this.#hex(1 + this.#below(40))}`) * (this.#random() < 0.5 ? -1n : 1n));
      case 4:
        return floatNode(
          this.#pick([0, -0, 1, 2.5, 1e16, 1e300, -1e-7, 2 ** 53 + 2, Infinity, -Infinity, this.#random()]),
        );
      case 5:
        return floatNodeOfHex(this.#pick(['7ff8000000000000', '0000000000000001', 'c000000000000000']));
      case 6:
        return { t: 'bytes', b64: this.#bytes() };
      case 7:
        return this.#datetime();
      case 8:
        return { t: 'date', v: this.#pick(['2024-02-29', '0001-01-01', '9999-12-31']) };
      case 9:
        return { t: 'time', v: `23:59:${10 + this.#below(50)}.000001`, fold: this.#below(2), tz: { t: 'none' } };
      case 10:
        return {
          t: 'timedelta',
          days: this.#below(2000) - 1000,
          seconds: this.#below(86400),
          microseconds: this.#below(1e6),
        };
      case 11:
        return {
          t: 'decimal',
          v: this.#pick(['19.90', '0.05', '-1E+5', 'NaN', 'Infinity', '123456789012345678901234567890.1']),
        };
      case 12:
        return { t: 'fraction', num: String(this.#below(100) * 7 + 1), den: '7' };
      case 13:
        return { t: 'uuid', v: `${this.#hex(8)}-${this.#hex(4)}-${this.#hex(4)}-${this.#hex(4)}-${this.#hex(12)}` };
      case 14:
        return { t: 'range', start: '0', stop: String(this.#below(100)), step: '3' };
      case 15:
        return { t: 'complex', re: floatNode(this.#below(5)), im: floatNode(-0.5) };
      default:
        return strNode(this.#text());
    }
  }

  #datetime(): TypedNode {
    const tz: TypedNode = this.#pick([
      { t: 'none' },
      { t: 'timezone', offset_us: 0 },
      { t: 'timezone', offset_us: 28_800_000_000 },
      { t: 'zoneinfo', key: 'Europe/Berlin' },
    ] as const);
    const v = `20${10 + this.#below(80)}-0${1 + this.#below(9)}-1${this.#below(10)}T0${this.#below(10)}:30:00.${100_000 + this.#below(900_000)}`;
    return { t: 'datetime', v, fold: this.#below(2), tz };
  }

  #text(): string {
    return Array.from({ length: this.#below(8) }, () => this.#pick(LETTERS)).join('');
  }

  #bytes(): string {
    return Buffer.from(this.#hex(2 * this.#below(12)), 'hex').toString('base64');
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => this.#below(16).toString(16)).join('');
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }
}

const KEYS = [
  'cart',
  'user',
  'seen',
  '__proto__',
  'constructor',
  'toString',
  'then',
  'length',
  '7',
  'a b',
  '\u4f60\u597d',
  'x',
];
const LETTERS = [
  'a',
  'Z',
  '0',
  ' ',
  '\n',
  '\0',
  '"',
  '\\',
  "'",
  '\xe9',
  '\u4f60',
  '\u{1f600}',
  '\ud800',
  '\udc00',
  '\u2028',
];

function int(value: bigint): TypedNode {
  return { t: 'int', v: String(value) };
}

/**
 * Typed JSON in one form, for comparing what two programs say: members of sets sorted by their text, properties sorted,
 * absent names and lengths left out.
 */
export function normalTyped(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(normalTyped);
  if (typeof node !== 'object' || node === null) return node;
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(node).sort()) {
    const value: unknown = (node as Record<string, unknown>)[key];
    if (value === undefined || ((key === 'name' || key === 'maxlen') && value === null)) continue;
    plain[key] =
      key === 'maxlen' && typeof value === 'object' ? Number((value as { v: string }).v) : normalTyped(value);
  }
  if (plain['t'] === 'set' || plain['t'] === 'frozenset') {
    const members = plain['v'] as unknown[];
    members.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return plain;
}
