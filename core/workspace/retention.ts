import { PageReader } from './page-reader.ts';
import { sessionNumbers } from './session-numbers.ts';
import type { Database } from './sqlite.ts';

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

/** Flows that are removed in one go: some milliseconds of work. */
const SLICE = 200;
const DAY = 86_400_000;

/** Removes the oldest flows until the limits hold, a slice at a time so that nothing waits long for it. */
export class Retention {
  readonly #db: Database;
  readonly #limits: RetentionLimits;
  #goal: number | undefined;

  constructor(db: Database, limits: RetentionLimits) {
    this.#db = db;
    this.#limits = limits;
  }

  /** One slice of work; undefined when there is none to do. Must run outside a transaction. */
  step(now: number): Removed | undefined {
    const found = this.#oldest(now);
    if (found === undefined) return undefined;
    const { last, reason } = found;
    let flows = 0;
    let sessions = 0;
    this.#db.transaction(() => {
      const cut = Math.min(last, this.#nth(SLICE) ?? last);
      this.#bodies(cut);
      this.#db.prepare('DELETE FROM flow_head WHERE n <= ?').run(cut);
      const urls = this.#db.prepare('SELECT DISTINCT u FROM flow WHERE n <= ?').all(cut) as { u: number }[];
      const seen = this.#sightings(cut);
      flows = this.#db.prepare('DELETE FROM flow WHERE n <= ?').run(cut).changes;
      // All of its flows are gone.
      this.#db.prepare('DELETE FROM flow_page WHERE last <= ?').run(cut);
      sessions = this.#lonely(seen);
      this.#unusedUrls(urls);
      this.#pastStates();
    })();
    this.#db.pragma('incremental_vacuum(2000)');
    return { flows, sessions, reason };
  }

  /** Removes the bodies of these flows. */
  #bodies(cut: number): void {
    const pages = new PageReader(this.#db);
    const remove = this.#db.prepare('DELETE FROM body WHERE ref = ?');
    for (const { n } of this.#db.prepare('SELECT n FROM flow WHERE n <= ?').all(cut) as { n: number }[]) {
      for (const ref of pages.refs(n)) remove.run(ref);
    }
  }

  /** Removes the sightings in these flows. @returns the sessions that were seen in them */
  #sightings(cut: number): number[] {
    const sql = 'SELECT n, sessions FROM flow WHERE n <= ? AND sessions IS NOT NULL';
    const remove = this.#db.prepare('DELETE FROM sighting WHERE s = ? AND f = ?');
    const seen = new Set<number>();
    for (const { n, sessions } of this.#db.prepare(sql).all(cut) as { n: number; sessions: string }[]) {
      for (const s of sessionNumbers(sessions)) {
        remove.run(s, n);
        seen.add(s);
      }
    }
    return [...seen];
  }

  #oldest(now: number): { last: number; reason: Removed['reason'] } | undefined {
    const old = this.#db
      .prepare('SELECT max(n) AS n FROM flow WHERE n <= ? AND started_at < ?')
      .get(this.#nth(SLICE) ?? Number.MAX_SAFE_INTEGER, now - this.#limits.days * DAY) as { n: number | null };
    if (old.n !== null) return { last: old.n, reason: 'age' };
    const count = (this.#db.prepare('SELECT count(*) AS count FROM flow').get() as { count: number }).count;
    if (count > this.#limits.flows) {
      return { last: this.#nth(count - this.#limits.flows) ?? 0, reason: 'count' };
    }
    const bytes = contentBytes(this.#db);
    // Once over the limit, go down to nine tenths of it, or the next flow would start it again.
    if (bytes > (this.#goal ?? this.#limits.bytes) && count > 0) {
      this.#goal = this.#limits.bytes * 0.9;
      return { last: this.#nth(Math.min(SLICE, Math.max(1, Math.ceil(count / 20)))) ?? 0, reason: 'size' };
    }
    this.#goal = undefined;
    return undefined;
  }

  /** The row number of the n-th oldest flow, counted from 1. */
  #nth(n: number): number | undefined {
    const row = this.#db.prepare('SELECT n FROM flow ORDER BY n LIMIT 1 OFFSET ?').get(n - 1) as
      | { n: number }
      | undefined;
    return row?.n;
  }

  /** Removes sessions that are left without a flow, unless they have a record or were edited here. */
  #lonely(sessions: readonly number[]): number {
    const remove = this.#db.prepare(
      `DELETE FROM session WHERE s = ? AND record_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.s = session.s)
       AND NOT EXISTS (SELECT 1 FROM edit WHERE edit.session_key = 's' || session.s)`,
    );
    const timeline = this.#db.prepare('DELETE FROM timeline WHERE s = ?');
    const data = this.#db.prepare('DELETE FROM session_data WHERE s = ?');
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
  #unusedUrls(urls: readonly { u: number }[]): void {
    const remove = this.#db.prepare(
      'DELETE FROM url WHERE u = ? AND NOT EXISTS (SELECT 1 FROM flow WHERE flow.u = url.u)',
    );
    for (const { u } of urls) remove.run(u);
  }

  /** States of records and lines of the timeline from before the oldest flow that is kept. Edited records stay. */
  #pastStates(): void {
    const oldest = this.#db.prepare('SELECT started_at AS at FROM flow ORDER BY n LIMIT 1').get() as
      | { at: number }
      | undefined;
    if (oldest === undefined) return;
    this.#db
      .prepare(
        `DELETE FROM snapshot WHERE id IN (SELECT id FROM snapshot WHERE at < ? AND NOT EXISTS (
           SELECT 1 FROM edit WHERE edit.store_id = snapshot.store_id AND edit.record_id = snapshot.record_id) LIMIT 2000)`,
      )
      .run(oldest.at);
    this.#db
      .prepare(
        `DELETE FROM timeline WHERE seq IN (
           SELECT seq FROM timeline WHERE at < ? AND kind IN ('data-changed', 'seen') ORDER BY seq LIMIT 2000)`,
      )
      .run(oldest.at);
    this.#db.prepare('DELETE FROM carrier WHERE at < ?').run(oldest.at);
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
