import { summarise, toNotation, toPlain } from '../../core/codec/typed.ts';
import { type Decoded, decode } from '../../core/frameworks/codec.ts';
import type { Problem } from '../../core/model/problem.ts';
import type { StoredRecord } from '../../core/model/record.ts';
import type { TypedNode } from '../../core/model/typed.ts';
import { visible } from '../../core/model/visible.ts';

/** One session as `--json` prints it. */
export interface SessionLine {
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly lastUsed: string | null;
  /** When it ends, null for never; absent where the store keeps no such time. */
  readonly expires?: string | null;
  readonly bytes: number;
  readonly layers: readonly string[];
  readonly value: TypedNode | null;
  readonly error: Problem | null;
}

export function decodeRecord(record: StoredRecord): Decoded {
  return decode(record.bytes, { name: record.id });
}

export function sessionLine(record: StoredRecord, decoded: Decoded, odd?: Problem): SessionLine {
  return {
    id: record.id,
    lastUsed: iso(record.lastUsed),
    ...(record.expires === undefined ? {} : { expires: iso(record.expires) }),
    bytes: record.bytes.length,
    layers: decoded.layers,
    value: decoded.value,
    error: decoded.error ?? odd ?? null,
  };
}

/** As the commands print values: in the notation of the fixtures, whatever the nodes look like inside. */
export function typedLine(line: SessionLine): object {
  return { ...line, value: line.value === null ? null : toNotation(line.value) };
}

/** The same in plain JSON: `{"count": 41}`. What JSON has no words for becomes text. */
export function plainLine(line: SessionLine): object {
  return { ...line, value: line.value === null ? null : toPlain(line.value) };
}

export function textLine(line: SessionLine): string {
  const about = line.error !== null && line.value === null ? `! ${line.error.message}` : '';
  const value = line.value === null ? about : summarise(line.value, 100);
  return `${visible(line.id).padEnd(40)}  ${line.lastUsed ?? '-'.padEnd(24)}  ${String(line.bytes).padStart(7)} B  ${value}`;
}

/** ISO 8601 in UTC; null for no time. */
export function iso(ms: number | null): string | null {
  if (ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return null;
  return new Date(ms).toISOString();
}

/** The same to the second, as tables show it: `2026-11-14 22:13:20Z`. */
export function shortTime(ms: number | null): string | null {
  const text = iso(ms);
  return text === null ? null : text.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}
