import { bounds, flowCount } from '../flow-query.ts';
import type { Database } from '../sqlite.ts';

interface Kept {
  count: number;
  /** Row numbers between which it was counted. */
  first: number;
  last: number;
}

/** Filters whose counts are kept. */
const MOST = 20;

type Counted = { readonly filter?: string; readonly sessionKey?: string; readonly hideOwn?: boolean };

/**
 * How many flows there are, without and with filters: counted once, and from then on only what has come since. A filter
 * about sessions or about time may let earlier flows through later, so its count is not kept.
 */
export class KeptCounts {
  readonly #db: Database;
  readonly #kept = new Map<string, Kept>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Rows were removed. */
  forget(): void {
    this.#kept.clear();
  }

  /** Whether the number is kept once it was counted. */
  keeps(query: Counted): boolean {
    return query.sessionKey === undefined && (query.filter?.trim() ?? '') === '';
  }

  /**
   * Counts in slices; yields what is known so far.
   * @returns the number of flows that the query lets through
   */
  *count(query: Counted, now: number): Generator<{ readonly total: number }, number> {
    const key = JSON.stringify([query.filter?.trim() ?? '', query.hideOwn === true]);
    const keeps = this.keeps(query);
    const { first, last } = bounds(this.#db);
    const kept = keeps ? this.#kept.get(key) : undefined;
    const since = kept !== undefined && kept.first === first && kept.last <= last ? kept : undefined;
    const counting = flowCount(this.#db, query, now, last, since === undefined ? 0 : since.last + 1);
    let step = counting.next();
    for (; step.done !== true; step = counting.next()) {
      const { count, part } = step.value;
      yield { total: (since?.count ?? 0) + Math.round(count / Math.max(part, 1e-9)) };
    }
    const count = (since?.count ?? 0) + step.value;
    if (keeps) {
      this.#kept.delete(key);
      this.#kept.set(key, { count, first, last });
      for (const oldest of this.#kept.keys()) {
        if (this.#kept.size <= MOST) break;
        this.#kept.delete(oldest);
      }
    }
    return count;
  }
}
