import { diff } from '../../codec/diff.ts';
import { decode } from '../../frameworks/codec.ts';
import type { StoredRecord } from '../../model/record.ts';

/** So often the same places must change between requests before that counts as the application's habit. */
const HABIT = 2;
/** Most values that are compared; a larger difference is one of the whole. */
const STEPS = 200_000;

/** A content of the record that appeared while no request of the run was under way. */
interface Unclaimed {
  readonly record: StoredRecord;
  readonly places: string;
}

/**
 * Whose the contents are that appear between two requests of the baseline. An application may save after it has answered:
 * then the same places change again after each request. What changes other places, or once, was written by somebody else,
 * and is theirs.
 */
export class LateSaves {
  readonly #unclaimed: Unclaimed[] = [];
  /** Places that changed while a request of the run was under way: what the application saves before it answers. */
  readonly #inTime = new Set<string>();
  #habits: ReadonlySet<string> = new Set();

  /** A request of the run changed the record before its answer came. */
  claimed(before: Uint8Array | undefined, after: Uint8Array): void {
    if (before !== undefined) this.#inTime.add(changedPlaces(before, after));
  }

  /** The record changed between two requests. */
  unclaimed(before: Uint8Array | undefined, record: StoredRecord): void {
    this.#unclaimed.push({ record, places: before === undefined ? '' : changedPlaces(before, record.bytes) });
  }

  /** Whether such a change is one that the application makes late by habit; known once the baseline is over. */
  isHabit(before: Uint8Array | undefined, after: Uint8Array): boolean {
    return before !== undefined && this.#habits.has(changedPlaces(before, after));
  }

  /**
   * At the end of the baseline.
   * @returns whether the application saves late, and the last content that is somebody else's
   */
  decide(): { readonly late: boolean; readonly theirs: StoredRecord | undefined } {
    const count = new Map<string, number>();
    for (const { places } of this.#unclaimed) count.set(places, (count.get(places) ?? 0) + 1);
    this.#habits = new Set(
      [...count].filter(([places, times]) => times >= HABIT && !this.#inTime.has(places)).map(([places]) => places),
    );
    const theirs = this.#unclaimed.findLast(({ places }) => !this.#habits.has(places))?.record;
    return { late: this.#habits.size > 0, theirs };
  }
}

/** The places at which two contents differ, as one text; the same for all contents that cannot be decoded. */
function changedPlaces(before: Uint8Array, after: Uint8Array): string {
  try {
    const [was, is] = [decode(before).value, decode(after).value];
    if (was === null || is === null) return '?';
    const places = diff(was, is, { max: 1_000, steps: STEPS }).map(({ at }) => at);
    return [...new Set(places)].sort().join('\n');
  } catch {
    return '?';
  }
}
