import { carrierKey, carrierName } from '../model/carrier.ts';
import type { Carrier, SessionSummary, Sighting } from '../model/session.ts';
import type { Batch } from './batch.ts';
import type { FlowTable } from './flow-table.ts';
import { Pending } from './pending.ts';
import { numberOf, type SessionQuery, sessionCount, sessionPage } from './session-query.ts';
import type { Database, Statement } from './sqlite.ts';
import { toEnd } from './to-end.ts';
import type { Write } from './writes.ts';

/** One leaf of the decoded data, for the filter: `{path: 'cart[0].n', value: '3'}`. */
export interface DataFact {
  readonly path: string;
  readonly value: string;
}

/** A session as it is kept. `memo` is what the registry wants to know again; JSON, opaque to the workspace. */
export interface SavedSession {
  readonly summary: SessionSummary;
  /** It counts as a session (score or the user's word); the others are candidates. */
  readonly shown: boolean;
  readonly memo: unknown;
}

export type SessionPlace = Pick<SessionSummary, 'key' | 'host' | 'carrier' | 'id'>;

export class SessionTable {
  readonly #db: Database;
  readonly #batch: Batch;
  readonly #flows: FlowTable;
  readonly #read: () => void;
  readonly #clock: () => number;
  readonly #statements = new Map<string, Statement>();
  /** The registry asks for single sessions with each request: that must not end the batch. */
  readonly #pending = new Pending<string, { saved: SavedSession; id: string; place: string }>();
  readonly #places = new Pending<string, string>();
  /** Keys of the pending sessions that have (or had) an id. */
  readonly #ids = new Pending<string, readonly string[]>();
  #last: number;

  constructor(db: Database, batch: Batch, flows: FlowTable, read: () => void, clock: () => number) {
    this.#clock = clock;
    this.#db = db;
    this.#batch = batch;
    this.#flows = flows;
    this.#read = read;
    this.#last = (db.prepare('SELECT max(s) AS s FROM session').get() as { s: number | null }).s ?? 0;
  }

  /** A key that no session of this workspace has. */
  newKey(): string {
    this.#last += 1;
    return `s${this.#last}`;
  }

  /** @param named what names it, where the summary has not been made yet */
  put(saved: SavedSession, named: SessionPlace = saved.summary): void {
    const { key, host, carrier, id } = named;
    const before = this.#pending.gathering(key);
    const place = placeOf(host, carrier, id);
    if (before?.place !== place) {
      this.#places.set(place, key);
      this.#ids.set(id, [...(this.#ids.gathering(id) ?? []), key]);
    }
    if (before === undefined) {
      const pending = { saved, id, place };
      this.#pending.set(key, pending);
      this.#batch.add(() => writeOf(pending.saved), `session:${key}`);
    } else {
      before.saved = saved;
      before.id = id;
      before.place = place;
    }
  }

  sent(): void {
    this.#pending.sent();
    this.#places.sent();
    this.#ids.sent();
  }

  saved(): void {
    this.#pending.saved();
    this.#places.saved();
    this.#ids.saved();
  }

  /** Replaces the leaves that the filter knows of this session's data. */
  putData(key: string, facts: readonly DataFact[]): void {
    this.#batch.add(['data', numberOf(key), facts.flatMap(({ path, value }) => [path, value])], `data:${key}`);
  }

  /** A session id seen in a flow. The flow must have been put before. */
  putSighting(key: string, sighting: Pick<Sighting, 'flowId' | 'direction' | 'at' | 'raw' | 'id'>): void {
    this.#flows.sighted(numberOf(key), sighting);
  }

  get(key: string): SavedSession | undefined {
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending.saved;
    return saved(this.#prepare('SELECT summary, memo, shown FROM session WHERE s = ?').get(numberOf(key)));
  }

  find(host: string, carrier: Carrier, id: string): SavedSession | undefined {
    const pending = this.#pending.get(this.#places.get(placeOf(host, carrier, id)) ?? '');
    if (pending?.id === id) return pending.saved;
    const sql = 'SELECT s, summary, memo, shown FROM session WHERE host = ? AND carrier = ? AND name = ? AND id = ?';
    const row = this.#prepare(`${sql} ORDER BY s DESC LIMIT 1`).get(host, carrier.kind, carrierKey(carrier), id);
    // What is pending is newer than its row, and may have another id by now.
    const newer = row === undefined ? undefined : this.#pending.get(`s${(row as { s: number }).s}`);
    if (newer === undefined) return saved(row);
    return newer.id === id ? newer.saved : undefined;
  }

  /** Every session that a cookie of this name with this value makes, on whatever host, path and domain. */
  ofCookie(name: string, id: string): SavedSession[] {
    const sql = "SELECT s, summary, memo, shown FROM session WHERE id = ? AND carrier = 'cookie' ORDER BY s";
    const found = new Map<string, SavedSession>();
    for (const row of this.#prepare(sql).all(id)) {
      const one = saved(row);
      if (one !== undefined) found.set(`s${(row as { s: number }).s}`, one);
    }
    for (const key of this.#ids.both(id).flat()) {
      const pending = this.#pending.get(key);
      if (pending?.id === id) found.set(key, pending.saved);
    }
    // What is pending is newer than its row, and may have another id by now.
    for (const key of found.keys()) {
      const newer = this.#pending.get(key);
      if (newer === undefined) continue;
      if (newer.id === id) found.set(key, newer.saved);
      else found.delete(key);
    }
    return [...found.values()].filter(({ summary: { carrier } }) => carrier.kind === 'cookie' && carrier.name === name);
  }

  /** Keys of sessions that have no record, count as alive, and were not seen since `before` (ms); those unseen longest first. */
  quietKeys(before: number, limit: number): string[] {
    this.#read();
    const sql = `SELECT s FROM session WHERE shown = 1 AND last_activity < ? AND store_id IS NULL
      AND state IN ('live', 'anonymous') ORDER BY last_activity LIMIT ?`;
    return (this.#prepare(sql).all(before, limit) as { s: number }[]).map(({ s }) => `s${s}`);
  }

  /** Sessions whose record is this one. */
  ofRecord(storeId: string, recordId: string): SavedSession[] {
    const sql = 'SELECT s, summary, memo, shown FROM session WHERE store_id = ? AND record_id = ? ORDER BY s';
    const found = new Map<string, SavedSession>();
    for (const row of this.#prepare(sql).all(storeId, recordId)) {
      const one = saved(row);
      if (one !== undefined) found.set(one.summary.key, one);
    }
    for (const [key, pending] of this.#pending.entries()) {
      const { record } = pending.saved.summary;
      if (record?.storeId === storeId && record.id === recordId) found.set(key, pending.saved);
      else found.delete(key);
    }
    return [...found.values()];
  }

  /** Keys of what counts as a session, newest activity first. */
  recentKeys(limit: number): string[] {
    this.#read();
    const sql = 'SELECT s FROM session WHERE shown = 1 ORDER BY last_activity DESC LIMIT ?';
    return (this.#prepare(sql).all(limit) as { s: number }[]).map(({ s }) => `s${s}`);
  }

  /** Keys of all that one carrier of a host has carried, newest activity first. */
  carrierKeys(host: string, carrier: Carrier, limit: number): string[] {
    this.#read();
    const sql = 'SELECT s FROM session WHERE host = ? AND carrier = ? AND name = ? ORDER BY last_activity DESC LIMIT ?';
    const rows = this.#prepare(sql).all(host, carrier.kind, carrierKey(carrier), limit) as { s: number }[];
    return rows.map(({ s }) => `s${s}`);
  }

  /** Newest activity first, in this thread. Throws kind `filter` for a filter that is not understood. */
  list(query: SessionQuery): SessionSummary[] {
    this.#read();
    return toEnd(sessionPage(this.#db, query, this.#clock()));
  }

  count(query: Omit<SessionQuery, 'limit' | 'after'> = {}): number {
    this.#read();
    return toEnd(sessionCount(this.#db, query, this.#clock()));
  }

  /** Flows in which the session was seen. */
  flowIds(key: string, limit: number): string[] {
    this.#read();
    const sql =
      'SELECT DISTINCT f.id, f.n FROM sighting x JOIN flow f ON f.n = x.f WHERE x.s = ? ORDER BY f.n DESC LIMIT ?';
    return (this.#prepare(sql).all(numberOf(key), limit) as { id: string }[]).map((row) => row.id);
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

function writeOf({ summary, shown, memo }: SavedSession): Write {
  const text = [summary.host, carrierName(summary.carrier), summary.id, summary.label ?? '', summary.identity ?? ''];
  return [
    'session',
    [
      numberOf(summary.key),
      summary.host,
      summary.carrier.kind,
      carrierKey(summary.carrier),
      summary.id,
      summary.state,
      summary.score.value,
      shown ? 1 : 0,
      summary.lastActivity,
      summary.flows,
      summary.record?.storeId ?? null,
      summary.record?.id ?? null,
      text.join('\n').slice(0, 5_000).toLowerCase(),
      JSON.stringify(summary),
      JSON.stringify(memo),
    ],
  ];
}

function saved(row: unknown): SavedSession | undefined {
  if (row === undefined) return undefined;
  const { summary, memo, shown } = row as { summary: string; memo: string; shown: number };
  return { summary: JSON.parse(summary) as SessionSummary, memo: JSON.parse(memo), shown: shown === 1 };
}

function placeOf(host: string, carrier: Carrier, id: string): string {
  return `${host} ${carrier.kind} ${carrierKey(carrier)} ${id}`;
}
