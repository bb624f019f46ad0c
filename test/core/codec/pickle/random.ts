import { floatNode } from '../../../../core/codec/nodes.ts';
import { children } from '../../../../core/codec/path.ts';
import type { Edit, Path, PathStep } from '../../../../core/model/path.ts';
import type { TypedNode, TypedPair } from '../../../../core/model/typed.ts';

/** A small deterministic random source (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1. */
  real(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer 0 ≤ n < below. */
  below(below: number): number {
    return Math.floor(this.real() * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** Every place of a value with its node; places behind a `ref` are left to the first occurrence. */
export function placesOf(root: TypedNode, most = 2000): { path: Path; node: TypedNode }[] {
  const places: { path: Path; node: TypedNode }[] = [];
  const open: { path: Path; node: TypedNode }[] = [{ path: [], node: root }];
  for (let next = open.pop(); next !== undefined && places.length < most; next = open.pop()) {
    places.push(next);
    if (next.node.t === 'ref') continue;
    for (const [step, node] of children(next.node)) open.push({ path: [...next.path, step], node });
  }
  return places;
}

const SEQUENCES = new Set(['list', 'tuple', 'deque']);
const SETS = new Set(['set', 'frozenset']);
const MAPPINGS = new Set(['dict', 'storage', 'ordereddict', 'defaultdict']);
const PARTS = new Set(['state', 'items', 'entries']);

/** A random edit that makes sense for the value; undefined when the chosen place allows none. */
export function randomEdit(random: Random, root: TypedNode, fresh: (random: Random) => TypedNode): Edit | undefined {
  const places = placesOf(root);
  const { path, node } = random.pick(places);
  if (path.some((step) => step.kind === 'part' && !PARTS.has(step.part))) return undefined;
  const last = path[path.length - 1];
  const parent = places.find((place) => place.path.length === path.length - 1 && starts(path, place.path));
  const holder = parent?.node.t ?? '';
  const fixed = parent?.path.at(-1)?.kind === 'part' && SEQUENCES.has(holder);
  const own = last?.kind === 'part';
  const choice = random.below(6);
  if (choice === 0 && 'v' in node && (!own || MAPPINGS.has(node.t))) {
    const size = Array.isArray(node.v) ? node.v.length : 0;
    // Python has one empty tuple for all places, so the judge could not tell which one is meant.
    const single = size === 0 && (node.t === 'tuple' || node.t === 'frozenset');
    const step = single ? undefined : newStep(random, node, size);
    if (step !== undefined) {
      const full = node.t === 'deque' && node.maxlen?.t === 'int' && size >= Number(node.maxlen.v);
      const value: TypedNode = SETS.has(node.t) ? { t: 'str', v: `new ${random.below(1e6)}` } : fresh(random);
      return full ? undefined : { op: 'insert', path: [...path, step], value };
    }
  }
  if (own || (last === undefined && choice !== 5)) return undefined;
  if (SETS.has(holder) && (node.t === 'tuple' || node.t === 'frozenset')) return undefined;
  if (SETS.has(holder) && choice !== 1) {
    return { op: 'set', path, value: { t: 'str', v: `new ${random.below(1e6)}` }, occurrences: 'this' };
  }
  const editable = SEQUENCES.has(holder) || MAPPINGS.has(holder) || holder === 'counter' || SETS.has(holder);
  if (last !== undefined && !editable) return undefined;
  if (choice === 1 && !fixed) return { op: 'delete', path };
  if (choice === 2 && last?.kind === 'key')
    return { op: 'rename', path, key: { t: 'str', v: `other ${random.below(1e6)}` } };
  if (choice === 3 && parent !== undefined && 'v' in parent.node && !fixed && !SETS.has(holder)) {
    return { op: 'move', path, to: random.below((parent.node.v as readonly unknown[]).length) };
  }
  return { op: 'set', path, value: fresh(random), occurrences: random.below(3) === 0 ? 'all' : 'this' };
}

function newStep(random: Random, node: TypedNode, size: number): PathStep | undefined {
  if (SEQUENCES.has(node.t)) return { kind: 'index', index: random.below(size + 1) };
  if (SETS.has(node.t)) return { kind: 'index', index: size };
  if (!MAPPINGS.has(node.t)) return undefined;
  return { kind: 'key', key: { t: 'str', v: `new ${random.below(1e6)}` } };
}

function starts(path: Path, start: Path): boolean {
  return start.every((step, index) => step === path[index]);
}

const TEXTS = [
  '',
  'a',
  'name',
  'two words',
  '你好',
  '😀',
  'line\nbreak',
  'back\\slash',
  "it's",
  '\u0000\u001a\r',
  'é',
  'x'.repeat(256),
];
const INTS = ['0', '1', '-1', '255', '256', '65535', '65536', '-129', '2147483647', '2147483648', '-2147483648'];
const BIG = ['9223372036854775808', '-18446744073709551617', `1${'0'.repeat(40)}`, `-${'7'.repeat(700)}`];
const FLOATS = [0, -0, 1.5, -2.25, 0.1, 1e22, 1e308, 5e-324, Number.NaN, Infinity, -Infinity];

function scalarValue(random: Random, protocol: number): TypedNode {
  switch (random.below(16)) {
    case 0:
      return { t: 'none' };
    case 1:
      return { t: 'bool', v: random.below(2) === 0 };
    case 2:
    case 3:
      return { t: 'int', v: random.pick(INTS) };
    case 4:
      return { t: 'int', v: random.pick(BIG) };
    case 5:
      return floatNode(random.pick(FLOATS));
    case 6:
      return {
        t: 'bytes',
        b64: Buffer.from(Array.from({ length: random.pick([0, 1, 5, 256]) }, () => random.below(256))).toString(
          'base64',
        ),
      };
    case 7:
      return random.pick<TypedNode>([
        {
          t: 'datetime',
          v: '2012-07-01T23:59:59.123456',
          fold: protocol >= 4 ? random.below(2) : 0,
          tz: { t: 'none' },
        },
        {
          t: 'datetime',
          v: '2024-02-29T12:00:00.000000',
          fold: 0,
          tz: { t: 'timezone', offset_us: -10800000000, name: 'BRT' },
        },
        { t: 'datetime', v: '2024-07-01T08:00:00.000000', fold: 0, tz: { t: 'zoneinfo', key: 'Asia/Shanghai' } },
        { t: 'date', v: '1999-12-31' },
        { t: 'time', v: '04:05:06.000007', fold: 0, tz: { t: 'timezone', offset_us: 0 } },
        { t: 'timedelta', days: -1, seconds: 86399, microseconds: 999999 },
      ]);
    case 8:
      return random.pick<TypedNode>([
        { t: 'decimal', v: '19.90' },
        { t: 'decimal', v: '-Infinity' },
        { t: 'fraction', num: '-1', den: '3' },
        { t: 'uuid', v: '12345678-1234-5678-1234-567812345678' },
        { t: 'complex', re: floatNode(1.5), im: floatNode(-0) },
        { t: 'range', start: '1', stop: '10', step: '3' },
      ]);
    case 9:
      return { t: 'str', v: '\ud83d\ude00', cp: [0xd83d, 0xde00] };
    default:
      return { t: 'str', v: random.pick(TEXTS) };
  }
}

/** A random value of every kind that Python can build from typed JSON, with shared and recursive parts. */
export function randomValue(random: Random, protocol: number, depth = 3): TypedNode {
  let ids = 0;
  const shared: number[] = [];
  const make = (left: number): TypedNode => {
    if (left <= 0 || random.below(3) === 0) return scalarValue(random, protocol);
    if (shared.length > 0 && random.below(5) === 0) return { t: 'ref', id: random.pick(shared) };
    const size = random.pick([0, 1, 2, 2, 3, 4, 5]);
    const many = (): TypedNode[] => Array.from({ length: size }, () => make(left - 1));
    const texts = (): TypedNode[] =>
      [...new Set(Array.from({ length: size }, () => random.pick(TEXTS)))].map((v) => ({ t: 'str', v }));
    const pairs = (): TypedPair[] => texts().map((key) => [key, make(left - 1)]);
    const id = random.below(3) === 0 ? ++ids : undefined;
    const mark = id === undefined ? {} : { id };
    const made = ((): TypedNode => {
      switch (random.below(14)) {
        case 0:
        case 1:
        case 2: {
          if (id !== undefined && random.below(8) === 0)
            return { t: 'list', ...mark, v: [...many(), { t: 'ref', id }] };
          return { t: 'list', ...mark, v: many() };
        }
        case 3:
        case 4:
        case 5:
          return { t: 'dict', ...mark, v: pairs() };
        case 6: {
          const v = many();
          return v.length === 0 ? { t: 'tuple', v } : { t: 'tuple', ...mark, v };
        }
        case 7: {
          const v = texts();
          return v.length === 0 ? { t: 'set', v } : { t: random.pick(['set', 'frozenset'] as const), ...mark, v };
        }
        case 8: {
          const kind = random.below(3);
          if (kind === 0) return { t: 'ordereddict', ...mark, v: pairs() };
          if (kind === 1) return { t: 'counter', ...mark, v: texts().map((key) => [key, { t: 'int', v: '2' }]) };
          return { t: 'defaultdict', ...mark, factory: { t: 'global', name: 'builtins.list' }, v: pairs() };
        }
        case 9:
          return { t: 'deque', ...mark, ...(random.below(2) === 0 && { maxlen: { t: 'int', v: '9' } }), v: many() };
        case 10:
          return { t: 'storage', ...mark, v: pairs() };
        case 11:
          return { t: 'bytearray', ...mark, b64: Buffer.from('ab\xff', 'latin1').toString('base64') };
        case 12: {
          const v = pairs();
          return { t: 'object', class: 'judge_models.User', ...mark, state: v.length === 0 ? null : { t: 'dict', v } };
        }
        default: {
          if (random.below(2) === 0) {
            return { t: 'object', class: 'judge_models.Point', ...mark, items: [make(0), make(left - 1)], state: null };
          }
          const entries = pairs();
          const state: TypedNode = { t: 'dict', v: [[{ t: 'str', v: 'owner' }, make(0)]] };
          return { t: 'object', class: 'judge_models.Cart', ...mark, entries, state };
        }
      }
    })();
    if (id !== undefined && 'id' in made && made.id === id) shared.push(id);
    return made;
  };
  return make(depth);
}
