import type { Batch } from './batch.ts';
import type { Database, Statement } from './sqlite.ts';

/**
 * One line of the undo log. `phase`: `intent` before the store was touched, `done` when it is known to have been
 * written, `failed` when it was not. `entry` is the editor's own, JSON; it holds what undo and redo need.
 */
export interface LoggedEdit {
  readonly id: string;
  readonly at: number;
  readonly sessionKey?: string;
  readonly storeId?: string;
  readonly recordId?: string;
  readonly phase: 'intent' | 'done' | 'failed';
  readonly entry: unknown;
}

export class EditTable {
  readonly #db: Database;
  readonly #batch: Batch;
  readonly #get: Statement;

  constructor(db: Database, batch: Batch) {
    this.#db = db;
    this.#batch = batch;
    this.#get = db.prepare('SELECT * FROM edit WHERE id = ?');
  }

  /**
   * Writes at once and to the disk itself: when this returns, the line outlives the process and the power.
   * What was waiting before is written with it, so that the snapshots it refers to are there too.
   */
  put({ id, at, sessionKey, storeId, recordId, phase, entry }: LoggedEdit): void {
    const row = [id, at, sessionKey ?? null, storeId ?? null, recordId ?? null, phase, JSON.stringify(entry)] as const;
    this.#batch.writeNow(['edit', row]);
  }

  get(id: string): LoggedEdit | undefined {
    const row = this.#get.get(id);
    return row === undefined ? undefined : logged(row);
  }

  /** Newest first. */
  list(query: {
    sessionKey?: string;
    storeId?: string;
    recordId?: string;
    phase?: string;
    limit?: number;
  }): LoggedEdit[] {
    const where: string[] = [];
    const values: unknown[] = [];
    for (const [column, value] of [
      ['session_key', query.sessionKey],
      ['store_id', query.storeId],
      ['record_id', query.recordId],
      ['phase', query.phase],
    ] as const) {
      if (value === undefined) continue;
      where.push(`${column} = ?`);
      values.push(value);
    }
    const sql = `SELECT * FROM edit ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY seq DESC LIMIT ?`;
    return this.#db
      .prepare(sql)
      .all(...values, query.limit ?? 500)
      .map(logged);
  }
}

function logged(row: unknown): LoggedEdit {
  const r = row as {
    id: string;
    at: number;
    session_key: string | null;
    store_id: string | null;
    record_id: string | null;
    phase: LoggedEdit['phase'];
    entry: string;
  };
  return {
    id: r.id,
    at: r.at,
    ...(r.session_key === null ? {} : { sessionKey: r.session_key }),
    ...(r.store_id === null ? {} : { storeId: r.store_id }),
    ...(r.record_id === null ? {} : { recordId: r.record_id }),
    phase: r.phase,
    entry: JSON.parse(r.entry) as unknown,
  };
}
