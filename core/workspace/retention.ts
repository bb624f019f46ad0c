import { PageReader } from './page-reader.ts';
import { sessionNumbers } from './session-numbers.ts';
import type { Database, Statement } from './sqlite.ts';

export interface RetentionLimits {
  /** Most flows that are kept. */
  readonly flows: number;
  /** Flows older than so many days are removed. */
  readonly days: number;
  /** Size of the workspace's contents in bytes from which the oldest flows are removed. */
  readonly bytes: number;
}

/** What was removed, and why; never silent. */
export interface Removed {
  readonly flows: number;
  readonly sessions: number;
  readonly reason: 'age' | 'count' | 'size';
}

/** Flows that are removed in one go, by their row numbers. */
const SLICE = 100;
/** One step ends after so many milliseconds of work, so that no batch and no reader waits longer for it. */
const STEP_MS = 12;
/** Free pages that are given back with one step. */
const VACUUMED_PAGES = 200;
/** Lines of the timeline that are looked at with one slice. */
const LINES = 500;
const DAY = 86_400_000;

/** Removes the oldest flows until the limits hold, a short step at a time; every look-up goes by row number. */
export class Retention {
  readonly #db: Database;
  readonly #limits: RetentionLimits;
  readonly #statements = new Map<string, Statement>();
  #goal: number | undefined;
  /** Flows there are; counted once when removing begins. */
  #count: number | undefined;
  /** Lines of the timeline up to this one have been looked at. */
  #seenLine = 0;

  constructor(db: Database, limits: RetentionLimits) {
    this.#db = db;
    this.#limits = limits;
  }

  /** One step of work; undefined when there is none to do. Must run outside a transaction. */
  step(now: number): Removed | undefined {
    const until = performance.now() + STEP_MS;
    let reason: Removed['reason'] | undefined;
    let flows = 0;
    let sessions = 0;
    this.#db.transaction(() => {
      do {
        const found = this.#oldest(now);
        // What is removed for another reason is told by itself.
        if (found === undefined || (reason !== undefined && found.reason !== reason)) break;
        reason = found.reason;
        const gone = this.#remove(found.last);
        flows += gone.flows;
        sessions += gone.sessions;
      } while (performance.now() < until);
    })();
    if (reason === undefined) {
      this.#count = undefined;
      return undefined;
    }
    this.#db.pragma(`incremental_vacuum(${VACUUMED_PAGES})`);
    return { flows, sessions, reason };
  }

  #remove(cut: number): { flows: number; sessions: number } {
    this.#bodies(cut);
    this.#prepare('DELETE FROM flow_head WHERE n <= ?').run(cut);
    // By row: for DISTINCT alone SQLite would walk the whole index of URLs.
    const rows = this.#prepare('SELECT u FROM flow NOT INDEXED WHERE n <= ?').all(cut) as { u: number }[];
    const seen = this.#sightings(cut);
    const flows = this.#prepare('DELETE FROM flow WHERE n <= ?').run(cut).changes;
    if (this.#count !== undefined) this.#count -= flows;
    // All of its flows are gone.
    this.#prepare('DELETE FROM flow_page WHERE last <= ?').run(cut);
    const sessions = this.#lonely(seen);
    this.#unusedUrls(new Set(rows.map(({ u }) => u)));
    this.#pastStates();
    return { flows, sessions };
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  /** Removes the bodies of these flows. */
  #bodies(cut: number): void {
    const pages = new PageReader(this.#db);
    const remove = this.#prepare('DELETE FROM body WHERE ref = ?');
    for (const { n } of this.#prepare('SELECT n FROM flow WHERE n <= ?').all(cut) as { n: number }[]) {
      for (const ref of pages.refs(n)) remove.run(ref);
    }
  }

  /** Removes the sightings in these flows. @returns the sessions that were seen in them */
  #sightings(cut: number): number[] {
    const sql = 'SELECT n, sessions FROM flow WHERE n <= ? AND sessions IS NOT NULL';
    const remove = this.#prepare('DELETE FROM sighting WHERE s = ? AND f = ?');
    const seen = new Set<number>();
    for (const { n, sessions } of this.#prepare(sql).all(cut) as { n: number; sessions: string }[]) {
      for (const s of sessionNumbers(sessions)) {
        remove.run(s, n);
        seen.add(s);
      }
    }
    return [...seen];
  }

  /** The last flow of the next slice to be removed, and why. */
  #oldest(now: number): { last: number; reason: Removed['reason'] } | undefined {
    const slice = this.#prepare(`SELECT n, started_at AS at FROM flow ORDER BY n LIMIT ${SLICE}`).all() as {
      n: number;
      at: number;
    }[];
    const last = slice.at(-1)?.n;
    if (last === undefined) return undefined;
    const old = slice.findLast(({ at }) => at < now - this.#limits.days * DAY);
    if (old !== undefined) return { last: old.n, reason: 'age' };
    const more = this.#countAbove(this.#limits.flows);
    if (more > 0) return { last: slice[Math.min(more, slice.length) - 1]?.n ?? last, reason: 'count' };
    // Once over the limit, go down to nine tenths of it, or the next flow would start it again.
    if (contentBytes(this.#db) > (this.#goal ?? this.#limits.bytes)) {
      this.#goal = this.#limits.bytes * 0.9;
      const few = this.#prepare('SELECT n FROM flow ORDER BY n DESC LIMIT 1').get() as { n: number };
      // In a file of few large flows, a few at a time: the newest ones are what is looked at.
      const size = Math.max(1, Math.min(slice.length, Math.ceil((few.n - (slice[0]?.n ?? 0) + 1) / 20)));
      return { last: slice[size - 1]?.n ?? last, reason: 'size' };
    }
    this.#goal = undefined;
    return undefined;
  }

  /** How many flows there are above a limit. They are counted only where their row numbers leave it open. */
  #countAbove(limit: number): number {
    if (this.#count === undefined) {
      const first = this.#prepare('SELECT n FROM flow ORDER BY n LIMIT 1').get() as { n: number } | undefined;
      const last = this.#prepare('SELECT n FROM flow ORDER BY n DESC LIMIT 1').get() as { n: number } | undefined;
      if ((last?.n ?? 0) - (first?.n ?? 0) < limit) return 0;
      this.#count = (this.#prepare('SELECT count(*) AS count FROM flow').get() as { count: number }).count;
    }
    return this.#count - limit;
  }

  /** Removes sessions that are left without a flow, unless they have a record or were edited here. */
  #lonely(sessions: readonly number[]): number {
    const remove = this.#prepare(
      `DELETE FROM session WHERE s = ? AND record_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.s = session.s)
       AND NOT EXISTS (SELECT 1 FROM edit WHERE edit.session_key = 's' || session.s)`,
    );
    const timeline = this.#prepare('DELETE FROM timeline WHERE s = ?');
    const data = this.#prepare('DELETE FROM session_data WHERE s = ?');
    let removed = 0;
    for (const s of sessions) {
      if (remove.run(s).changes === 0) continue;
      timeline.run(s);
      data.run(s);
      removed += 1;
    }
    return removed;
  }

  /** URLs that no flow has any more. */
  #unusedUrls(urls: ReadonlySet<number>): void {
    const remove = this.#prepare(
      'DELETE FROM url WHERE u = ? AND NOT EXISTS (SELECT 1 FROM flow WHERE flow.u = url.u)',
    );
    for (const u of urls) remove.run(u);
  }

  /** States of records and lines of the timeline from before the oldest flow that is kept. Edited records stay. */
  #pastStates(): void {
    const oldest = this.#prepare('SELECT started_at AS at FROM flow ORDER BY n LIMIT 1').get() as
      | { at: number }
      | undefined;
    if (oldest === undefined) return;
    this.#prepare(
      `DELETE FROM snapshot WHERE id IN (SELECT id FROM snapshot WHERE at < ? AND NOT EXISTS (
         SELECT 1 FROM edit WHERE edit.store_id = snapshot.store_id AND edit.record_id = snapshot.record_id) LIMIT 200)`,
    ).run(oldest.at);
    // Onward from where the last slice stopped: lines that stay must not be read again each time.
    const lines = this.#prepare(`SELECT seq, at, kind FROM timeline WHERE seq > ? ORDER BY seq LIMIT ${LINES}`);
    const remove = this.#prepare('DELETE FROM timeline WHERE seq = ?');
    for (const { seq, at, kind } of lines.all(this.#seenLine) as { seq: number; at: number; kind: string }[]) {
      if (at >= oldest.at) break;
      this.#seenLine = seq;
      if (kind === 'data-changed' || kind === 'seen') remove.run(seq);
    }
    this.#prepare('DELETE FROM carrier WHERE at < ?').run(oldest.at);
  }
}

/** Bytes in use inside the file (free pages not counted). */
export function contentBytes(db: Database): number {
  const pages = db.pragma('page_count', { simple: true }) as number;
  const free = db.pragma('freelist_count', { simple: true }) as number;
  return (pages - free) * (db.pragma('page_size', { simple: true }) as number);
}

/** `Removed 1200 flows older than 30 days and 3 sessions that were seen only in them` */
export function describeRemoved({ flows, sessions, reason }: Removed, limits: RetentionLimits): string {
  const why = {
    age: `older than ${limits.days} days`,
    count: `beyond the ${limits.flows} that are kept`,
    size: `because the workspace was larger than ${Math.round(limits.bytes / 1e6)} MB`,
  }[reason];
  const lonely = `${sessions} ${sessions === 1 ? 'session that was' : 'sessions that were'} seen only in them`;
  return `Removed ${flows} ${flows === 1 ? 'flow' : 'flows'} ${why}${sessions === 0 ? '' : ` and ${lonely}`}`;
}
