import type { TimelineEntry } from '../model/session.ts';
import type { Batch } from './batch.ts';
import { numberOf } from './session-query.ts';
import type { Database, Row, Statement } from './sqlite.ts';

type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never;
/** A timeline entry before it has its place. */
export type NewEntry = WithoutSeq<TimelineEntry>;

/** What happened to each session, in order. `seq` counts through the whole workspace. */
export class TimelineTable {
  readonly #batch: Batch;
  readonly #read: () => void;
  readonly #select: Statement;
  #last: number;

  constructor(db: Database, batch: Batch, read: () => void) {
    this.#batch = batch;
    this.#read = read;
    this.#select = db.prepare('SELECT * FROM timeline WHERE s = ? AND seq < ? ORDER BY seq DESC LIMIT ?');
    this.#last = (db.prepare('SELECT max(seq) AS seq FROM timeline').get() as { seq: number | null }).seq ?? 0;
  }

  append(key: string, entry: NewEntry): TimelineEntry {
    this.#last += 1;
    const seq = this.#last;
    const { at, flowId, kind, ...more } = entry;
    this.#batch.add(['timeline', seq, numberOf(key), at, flowId ?? null, kind, JSON.stringify(more)]);
    return { seq, ...entry } as TimelineEntry;
  }

  /** Newest first; `before` is a `seq`, exclusive. */
  list(key: string, query: { before?: number; limit: number }): TimelineEntry[] {
    this.#read();
    const before = query.before ?? Number.MAX_SAFE_INTEGER;
    const rows = this.#select.all(numberOf(key), before, Math.min(query.limit, 10_000)) as Row[];
    return rows.map((row) => {
      const flow = row['flow'] as string | null;
      return {
        seq: row['seq'],
        at: row['at'],
        ...(flow === null ? {} : { flowId: flow }),
        kind: row['kind'],
        ...(JSON.parse(row['more'] as string) as object),
      } as TimelineEntry;
    });
  }
}
