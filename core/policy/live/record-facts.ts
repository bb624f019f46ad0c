import { floatNode, intNode, strNode } from '../../codec/nodes.ts';
import { children, formatPath } from '../../codec/path.ts';
import { applyEdits, decode } from '../../frameworks/codec.ts';
import type { Edit, Path } from '../../model/path.ts';
import type { TypedNode } from '../../model/typed.ts';

/** A time found inside a record's data. */
export interface TimeInside {
  readonly path: Path;
  readonly at: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How it is written: seconds or milliseconds since 1970, a typed date with time, or ISO 8601 text. */
  readonly unit: 'seconds' | 'milliseconds' | 'datetime' | 'text';
  readonly node: TypedNode;
}

export interface RecordFacts {
  readonly layers: readonly string[];
  /** The stored dict has web.py's own keys `session_id` and `ip`. */
  readonly isWebpy: boolean;
  /** The address in it: text, null for `None`; undefined where there is none. */
  readonly ip: string | null | undefined;
  readonly times: readonly TimeInside[];
}

/** A number is taken for a time when it lies within so many milliseconds of now: two years. */
const NEAR_MS = 2 * 365 * 86_400_000;
const MOST_TIMES = 20;
const DEEP = 6;
const MOST_NUMBERS = 200;
const NOTHING: RecordFacts = { layers: [], isWebpy: false, ip: undefined, times: [] };

/** What the lab needs to know of a record's data. Never throws: what cannot be decoded has no facts. */
export function recordFacts(bytes: Uint8Array, now: number): RecordFacts {
  try {
    const { layers, value } = decode(bytes);
    if (value === null) return NOTHING;
    const ip = textAt(value, 'ip');
    const times: TimeInside[] = [];
    collect(value, [], now, times);
    return { layers, isWebpy: typeof textAt(value, 'session_id') === 'string' && ip !== undefined, ip, times };
  } catch {
    return NOTHING;
  }
}

/** The whole numbers of a record by their place. Never throws: what cannot be decoded has none. */
export function numbersIn(bytes: Uint8Array): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const visit = (node: TypedNode, path: Path): void => {
    if (found.size >= MOST_NUMBERS || path.length > DEEP) return;
    const number = numberOf(node);
    if (Number.isSafeInteger(number)) found.set(formatPath(path), number);
    for (const [step, child] of children(node)) visit(child, [...path, step]);
  };
  try {
    const { value } = decode(bytes);
    if (value !== null) visit(value, []);
  } catch {
    return found;
  }
  return found;
}

/**
 * The same bytes with these times moved into the past, each by as much (a negative number: into the future).
 * @throws ProblemError of the codec
 */
export function movedTimes(
  bytes: Uint8Array,
  times: readonly TimeInside[],
  secondsBack: number,
  layers: readonly string[],
): Uint8Array {
  const edits: Edit[] = times.map(({ path, node, unit }) => ({
    op: 'set',
    path,
    value: movedNode(node, unit, secondsBack * 1000),
  }));
  return applyEdits(bytes, edits, { as: layers });
}

/** The same bytes with the text under a key at the top replaced. @throws ProblemError of the codec */
export function withText(bytes: Uint8Array, name: string, text: string, layers: readonly string[]): Uint8Array {
  const path: Path = [{ kind: 'key', key: strNode(name) }];
  return applyEdits(bytes, [{ op: 'set', path, value: strNode(text) }], { as: layers });
}

function movedNode(node: TypedNode, unit: TimeInside['unit'], byMs: number): TypedNode {
  const by = unit === 'seconds' ? byMs / 1000 : byMs;
  if (node.t === 'int') return intNode(BigInt(node.v) - BigInt(Math.round(by)));
  if (node.t === 'datetime') return { ...node, v: movedText(node.v, byMs) };
  if (node.t === 'str') return strNode(movedText(node.v, byMs));
  return floatNode(numberOf(node) - by);
}

const MOMENT = /^(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/;

/** A moment as ISO 8601 text, moved; its own way of writing is kept. */
function movedText(text: string, byMs: number): string {
  const found = MOMENT.exec(text);
  if (found === null) return text;
  const [, day = '', between = 'T', time = '', fraction = '', zone = ''] = found;
  // The same zone before and after: whole seconds are moved as if it were UTC, the fraction stays.
  const ms = Date.parse(`${day}T${time}Z`) - Math.round(byMs / 1000) * 1000;
  // `2026-99-99T99:99:99` only looks like a moment.
  if (!(Math.abs(ms) <= 8.64e15)) return text;
  const moved = new Date(ms).toISOString();
  return `${moved.slice(0, 10)}${between}${moved.slice(11, 19)}${fraction}${zone}`;
}

/** ms since 1970 of ISO 8601 text; without a zone, UTC or that of this machine: the one nearer to now. */
function momentOf(text: string, now: number): number {
  const found = MOMENT.exec(text);
  if (found === null) return Number.NaN;
  const [, day = '', , time = '', fraction = '', zone = ''] = found;
  const plain = `${day}T${time}${fraction.slice(0, 4)}`;
  if (zone !== '') return Date.parse(plain + zone);
  const [utc, local] = [Date.parse(`${plain}Z`), Date.parse(plain)];
  return Math.abs(utc - now) <= Math.abs(local - now) ? utc : local;
}

function collect(node: TypedNode, path: Path, now: number, into: TimeInside[]): void {
  if (into.length >= MOST_TIMES || path.length > DEEP) return;
  const number = numberOf(node);
  for (const [unit, time] of [
    ['seconds', number * 1000],
    ['milliseconds', number],
  ] as const) {
    if (Math.abs(time - now) < NEAR_MS) into.push({ path, at: formatPath(path), time, unit, node });
  }
  if (node.t === 'datetime' || node.t === 'str') {
    const time = momentOf(node.v, now);
    const unit = node.t === 'datetime' ? 'datetime' : 'text';
    if (Math.abs(time - now) < NEAR_MS) into.push({ path, at: formatPath(path), time, unit, node });
  }
  for (const [step, child] of children(node)) collect(child, [...path, step], now, into);
}

function numberOf(node: TypedNode): number {
  if (node.t === 'int') return Number(node.v);
  if (node.t !== 'float') return Number.NaN;
  return Buffer.from(node.hex, 'hex').readDoubleBE(0);
}

function textAt(node: TypedNode, name: string): string | null | undefined {
  for (const [step, child] of children(node)) {
    if (step.kind !== 'key' || step.key.t !== 'str' || step.key.v !== name) continue;
    return child.t === 'str' ? child.v : child.t === 'none' ? null : undefined;
  }
  return undefined;
}
