import { PAYLOAD_KEYS } from '../frameworks/payload.ts';
import type { TypedNode, TypedPair } from '../model/typed.ts';

/** A leaf of the data for the filter: `data.cart[0].n=3`. */
export interface Fact {
  readonly path: string;
  readonly value: string;
}

const MOST_FACTS = 120;
const MOST_DEPTH = 5;
const MOST_TEXT = 200;

/** Keys that tell whose session it is, most telling first; and those of frameworks' housekeeping, which tell nothing. */
const TELLING = [...PAYLOAD_KEYS.user, ...PAYLOAD_KEYS.label];
const DULL = new Set(PAYLOAD_KEYS.own);

/** The scalar leaves of a decoded value, shallow ones first, bounded. */
export function factsOf(value: TypedNode | null): Fact[] {
  const facts: Fact[] = [];
  let level: { node: TypedNode; path: string }[] = value === null ? [] : [{ node: value, path: '' }];
  for (let depth = 0; depth <= MOST_DEPTH && level.length > 0; depth += 1) {
    const next: { node: TypedNode; path: string }[] = [];
    for (const { node, path } of level) {
      const text = scalarText(node);
      if (text !== undefined && path !== '') facts.push({ path, value: text.slice(0, MOST_TEXT) });
      if (facts.length >= MOST_FACTS) return facts;
      if (next.length < 2_000) next.push(...children(node, path));
    }
    level = next;
  }
  return facts;
}

/** `user=alice`, `count 41`: a short text by which a user knows the session; undefined when nothing tells. */
export function labelOf(value: TypedNode | null): string | undefined {
  const facts = factsOf(value).filter(({ path, value: text }) => text !== '' && !DULL.has(path));
  for (const key of TELLING) {
    const exact = facts.find(({ path }) => path.toLowerCase() === key);
    const found = exact ?? facts.find(({ path }) => new RegExp(`[.]${key}$`, 'i').test(path));
    if (found !== undefined) return label(found);
    // user: {name: 'alice'}
    const inside = facts.find(({ path }) => new RegExp(`^${key}[.](name|username|login|email|id)$`, 'i').test(path));
    if (inside !== undefined) return label({ path: key, value: inside.value });
  }
  const first = facts.find(({ path }) => !path.includes('.') && !path.includes('['));
  return first === undefined ? undefined : label(first);
}

/** Keys that say how often or when, not who. */
const NOT_WHO = new Set(['count']);

/** Who the data says the visitor is (`user=alice`), as `labelOf` puts it; undefined for an anonymous one. */
export function visitorOf(value: TypedNode | null): string | undefined {
  const found = labelOf(value);
  const key = found === undefined ? undefined : /^[^= ]+/.exec(found)?.[0]?.split('.').at(-1)?.toLowerCase();
  const isWho = key !== undefined && TELLING.includes(key) && !NOT_WHO.has(key);
  return isWho && !/[= ](none|false|0|anonymous|guest)?$/i.test(found ?? '') ? found : undefined;
}

/** A value so long is not by chance in two sessions. */
const TELLING_CHARS = 8;

/**
 * Whether one session's data went over into another's: all that told the old one apart is in the new one, or a value that
 * is too long to be the same by chance.
 */
export function sharesData(old: TypedNode | null, next: TypedNode | null): boolean {
  const was = factsOf(old).filter(({ path, value }) => !DULL.has(path) && value !== '');
  const is = new Map(factsOf(next).map(({ path, value }) => [path, value]));
  const shared = was.filter(({ path, value }) => is.get(path) === value);
  if (shared.some(({ value }) => value.length >= TELLING_CHARS)) return true;
  return shared.length > 1 && shared.length === was.length;
}

function label({ path, value }: Fact): string {
  const short = value.length > 40 ? `${value.slice(0, 39)}…` : value;
  return /^-?\d+(\.\d+)?$/.test(value) ? `${path} ${short}` : `${path}=${short}`;
}

/** Entries of any mapping, whatever its type; undefined for another value. */
function entriesOf(node: TypedNode): readonly TypedPair[] | undefined {
  switch (node.t) {
    case 'dict':
    case 'storage':
    case 'ordereddict':
    case 'counter':
    case 'defaultdict':
      return node.v;
    case 'object':
      return node.entries ?? (node.state === null ? undefined : entriesOf(node.state));
    case 'reduce':
      return node.entries;
    default:
      return undefined;
  }
}

/** The member of a mapping under a text key. */
export function member(node: TypedNode | null, key: string): TypedNode | undefined {
  const entries = node === null ? undefined : entriesOf(node);
  return entries?.find(([name]) => name.t === 'str' && name.v === key)?.[1];
}

function children(node: TypedNode, path: string): { node: TypedNode; path: string }[] {
  const entries = entriesOf(node);
  if (entries !== undefined) {
    return entries.slice(0, 500).flatMap(([key, child]) => {
      const name = scalarText(key);
      return name === undefined ? [] : [{ node: child, path: path === '' ? name : `${path}.${name}` }];
    });
  }
  switch (node.t) {
    case 'list':
    case 'tuple':
    case 'set':
    case 'frozenset':
    case 'deque':
      return node.v.slice(0, 100).map((child, i) => ({ node: child, path: `${path}[${i}]` }));
    default:
      return [];
  }
}

function scalarText(node: TypedNode): string | undefined {
  switch (node.t) {
    case 'str':
    case 'int':
    case 'float':
    case 'decimal':
    case 'uuid':
    case 'date':
    case 'datetime':
    case 'time':
    case 'number':
      return node.v;
    case 'bool':
      return node.v ? 'true' : 'false';
    case 'none':
      return 'none';
    default:
      return undefined;
  }
}
