import { createHash } from 'node:crypto';
import { decode } from '../../frameworks/codec.ts';
import type { StoredRecord } from '../../model/record.ts';
import type { FreshRecord, JournalEntry } from './journal.ts';

/** Columns of whole seconds name a moment up to a second too early. */
const WHOLE_SECOND_MS = 1_000;
const QUARTER_MS = 900_000;
/** Of records that cannot be decoded, or whose data differs each time: sizes so near are alike. */
const SIZE_SLACK = 8;

/** Names a record's content in the journal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/**
 * Whether the record's content is the run's doing: put there by it, seen right after one of its requests, or written
 * while a request of it was under way.
 */
export function isOurs(entry: JournalEntry, record: StoredRecord): boolean {
  if (entry.states.includes(digestOf(record.bytes))) return true;
  return (entry.asking !== null || entry.late) && inReach(entry, record.lastUsed);
}

/** Whether a last use lies in the time in which a request of the run may have caused it. */
export function inReach(entry: JournalEntry, lastUsed: number | null): boolean {
  if (lastUsed === null) return true;
  const from = entry.asking ?? entry.at;
  const since = sinceThen(entry, lastUsed, from);
  return since >= -WHOLE_SECOND_MS && since <= entry.at + entry.patienceMs - from;
}

/** Whether somebody used the record after the run was over. */
export function usedSince(entry: JournalEntry, lastUsed: number | null): boolean {
  // Without the zone a later use cannot be told from an earlier one of another quarter of an hour.
  return lastUsed !== null && entry.skewMs !== null && lastUsed + entry.skewMs > entry.at + entry.patienceMs;
}

/** What to know another fresh record by. */
export function freshOf({ id, bytes }: StoredRecord): FreshRecord {
  return { bytes: bytes.length, shape: shapeOf(bytes, id) };
}

/** Whether a record is of the make of those that the run's requests made; true as long as none is known. */
export function isAlike(fresh: readonly FreshRecord[], record: StoredRecord): boolean {
  const [first] = fresh;
  if (first === undefined) return true;
  // Tokens in the data make every shape another one: then sizes are all there is.
  const steady = first.shape !== null && fresh.every(({ shape }) => shape === first.shape);
  if (steady) return first.shape === shapeOf(record.bytes, record.id);
  return fresh.some(({ bytes }) => Math.abs(bytes - record.bytes.length) <= SIZE_SLACK);
}

function sinceThen({ skewMs }: JournalEntry, lastUsed: number, then: number): number {
  if (skewMs !== null) return lastUsed + skewMs - then;
  const off = lastUsed - then;
  return off - Math.round(off / QUARTER_MS) * QUARTER_MS;
}

/** Digest of a record's data in which its id and all longer numbers are taken out. */
function shapeOf(bytes: Uint8Array, id: string): string | null {
  try {
    const { layers, value } = decode(bytes);
    if (value === null) return null;
    const text = JSON.stringify([layers, value], (_, item: unknown) =>
      typeof item === 'bigint' ? item.toString() : item,
    );
    const plain = text.replaceAll(id.trimEnd(), '').replaceAll(/[0-9a-f]*\d{5}[0-9a-f]*/gi, '#');
    return createHash('sha256').update(plain).digest('hex').slice(0, 16);
  } catch {
    return null;
  }
}
