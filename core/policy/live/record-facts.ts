import { floatNode, intNode } from '../../codec/nodes.ts';
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
  /** How it is written: whole or broken seconds or milliseconds since 1970. */
  readonly unit: 'seconds' | 'milliseconds';
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

/**
 * The same bytes with these times moved, all by as much, so that the latest of them lies so many seconds before `now`
 * (ms): some time has passed since the bytes were read.
 * @throws ProblemError of the codec
 */
export function agedTimes(
  bytes: Uint8Array,
  times: readonly TimeInside[],
  { seconds, now, layers }: { readonly seconds: number; readonly now: number; readonly layers: readonly string[] },
): Uint8Array {
  const latest = Math.max(...times.map(({ time }) => time));
  const byMs = seconds * 1000 - (now - latest);
  const edits: Edit[] = times.map(({ path, node, unit }) => {
    const by = unit === 'seconds' ? byMs / 1000 : byMs;
    const value: TypedNode =
      node.t === 'int' ? intNode(BigInt(node.v) - BigInt(Math.round(by))) : floatNode(numberOf(node) - by);
    return { op: 'set', path, value };
  });
  return applyEdits(bytes, edits, { as: layers });
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
