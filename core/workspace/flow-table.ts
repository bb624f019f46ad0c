import type { Flow, FlowSummary } from '../model/flow.ts';
import type { Batch } from './batch.ts';
import { filterTerms } from './filter.ts';
import { flowWhere } from './filter-sql.ts';
import { cookieNames, headerOf, hostOf, Recent } from './names.ts';
import type { Database, Row, Statement } from './sqlite.ts';

/** A URL is kept whole in the head; lists and filters see so much of it. */
const LISTED_URL = 2_000;

export interface FlowQuery {
  readonly filter?: string;
  /** Only flows of this session. */
  readonly sessionKey?: string;
  /** Only flows before this one (exclusive). */
  readonly before?: string;
  readonly limit: number;
}

const SUMMARY = `f.n, f.id, f.started_at, f.ended_at, f.method, url.url, f.status, f.request_bytes, f.response_bytes,
  f.content_type, f.error, f.kind, f.edited_by, f.origin,
  (SELECT group_concat(g.s) FROM (SELECT DISTINCT s FROM sighting WHERE f = f.n LIMIT 20) g) AS sessions`;

/** Heads of flows: put twice (at the start and at the end) or more often; the last one put stays. */
export class FlowTable {
  readonly #db: Database;
  readonly #batch: Batch;
  readonly #read: () => void;
  /** Numbers of the flows of late; older ones are looked up. */
  readonly #numbers = new Recent<string, number>(20_000);
  readonly #hosts = new Recent<string, number>(2_000);
  readonly #urls = new Recent<string, number>(5_000);
  readonly #sets = new Recent<string, number>(2_000);
  readonly #statements = new Map<string, Statement>();
  /** Put and not yet written: answered from here, so that telling of new flows does not end the batch each time. */
  readonly #waiting = new Map<string, { flow?: Flow; readonly sessions: Set<string> }>();
  #last: number;

  constructor(db: Database, batch: Batch, read: () => void) {
    this.#db = db;
    this.#batch = batch;
    this.#read = read;
    this.#last = (db.prepare('SELECT max(n) AS n FROM flow').get() as { n: number | null }).n ?? 0;
  }

  /** Saves a flow, or what has become of it. */
  put(flow: Flow): void {
    const n = this.number(flow.id) ?? this.#newNumber(flow.id);
    this.#waitingFor(flow.id).flow = flow;
    this.#batch.add(() => this.#write(n, flow), `flow:${flow.id}`);
  }

  /** A session was seen in the flow; its row is written by the table of sessions. */
  sighted(id: string, key: string): void {
    this.#waitingFor(id).sessions.add(key);
  }

  /** All that was put is written. */
  written(): void {
    this.#waiting.clear();
  }

  #waitingFor(id: string): { flow?: Flow; readonly sessions: Set<string> } {
    let waiting = this.#waiting.get(id);
    if (waiting === undefined) this.#waiting.set(id, (waiting = { sessions: new Set() }));
    return waiting;
  }

  #newNumber(id: string): number {
    this.#last += 1;
    this.#numbers.set(id, this.#last);
    return this.#last;
  }

  /** The row number of a flow that was put; undefined for an unknown one. */
  number(id: string): number | undefined {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const row = this.#prepare('SELECT n FROM flow WHERE id = ?').get(id) as { n: number } | undefined;
    if (row !== undefined) this.#numbers.set(id, row.n);
    return row?.n;
  }

  get(id: string): Flow | undefined {
    const waiting = this.#waiting.get(id)?.flow;
    if (waiting !== undefined) return waiting;
    const n = this.number(id);
    if (n === undefined) return undefined;
    const row = this.#prepare('SELECT head FROM flow_head WHERE n = ?').get(n) as { head: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.head) as Flow);
  }

  summary(id: string): FlowSummary | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting?.flow !== undefined) {
      const known = this.#prepare('SELECT DISTINCT s FROM sighting WHERE f = ? LIMIT 20').all(this.number(id) ?? 0);
      const keys = new Set([...(known as { s: number }[]).map(({ s }) => `s${s}`), ...waiting.sessions]);
      return summaryOfFlow(waiting.flow, [...keys]);
    }
    if (waiting !== undefined) this.#read();
    const sql = `SELECT ${SUMMARY} FROM flow f JOIN url ON url.u = f.u WHERE f.id = ?`;
    const row = this.#prepare(sql).get(id) as Row | undefined;
    return row === undefined ? undefined : summaryOf(row);
  }

  /** Newest first. Throws kind `filter` for a filter that is not understood. */
  list(query: FlowQuery): FlowSummary[] {
    this.#read();
    const { where, values } = this.#where(query);
    const before = query.before === undefined ? undefined : this.number(query.before);
    if (before !== undefined) {
      where.push('f.n < ?');
      values.push(before);
    }
    // First only the numbers: sorting whole rows would cost ten times as much where a filter lets many through.
    const sql = `WITH page AS MATERIALIZED (SELECT f.n AS n FROM flow f ${clause(where)} ORDER BY f.n DESC LIMIT ?)
      SELECT ${SUMMARY} FROM page JOIN flow f ON f.n = page.n JOIN url ON url.u = f.u ORDER BY f.n DESC`;
    return (this.#db.prepare(sql).all(...values, Math.min(query.limit, 10_000)) as Row[]).map(summaryOf);
  }

  /** A page and how many there are in all, `before` left aside. */
  page(query: FlowQuery): { flows: FlowSummary[]; total: number } {
    const flows = this.list(query);
    const all = query.before === undefined && flows.length < query.limit;
    return { flows, total: all ? flows.length : this.count(query) };
  }

  /** How many flows there are; with a filter, how many it lets through. */
  count(query: Pick<FlowQuery, 'filter' | 'sessionKey'> = {}): number {
    this.#read();
    const { where, values } = this.#where(query);
    const row = this.#db.prepare(`SELECT count(*) AS count FROM flow f ${clause(where)}`).get(...values);
    return (row as { count: number }).count;
  }

  #where(query: Pick<FlowQuery, 'filter' | 'sessionKey'>): { where: string[]; values: unknown[] } {
    const { where, values } = flowWhere(filterTerms(query.filter));
    if (query.sessionKey !== undefined) {
      where.push('f.n IN (SELECT f FROM sighting WHERE s = ?)');
      values.push(Number(query.sessionKey.slice(1)) || 0);
    }
    return { where, values };
  }

  /** Forgets cached numbers after rows were removed by the retention. */
  forget(): void {
    this.#numbers.clear();
    this.#hosts.clear();
    this.#urls.clear();
    this.#sets.clear();
  }

  #write(n: number, flow: Flow): void {
    const { request, response } = flow;
    const type = response === undefined ? undefined : headerOf(response.rawHeaders, 'content-type');
    this.#prepare(
      `INSERT INTO flow VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (n) DO UPDATE SET
        ended_at = excluded.ended_at, u = excluded.u, h = excluded.h, c = excluded.c, status = excluded.status,
        request_bytes = excluded.request_bytes, response_bytes = excluded.response_bytes, method = excluded.method,
        content_type = excluded.content_type, error = excluded.error, kind = excluded.kind,
        edited_by = excluded.edited_by, origin = excluded.origin`,
    ).run(
      n,
      flow.id,
      flow.startedAt,
      flow.endedAt ?? null,
      request.method.slice(0, 100),
      this.#name(this.#hosts, 'host', 'h', 'name', hostOf(request.url)),
      this.#name(this.#urls, 'url', 'u', 'url', listed(request.url)),
      this.#name(this.#sets, 'cookie_set', 'c', 'names', cookieNames(request.rawHeaders, response?.rawHeaders ?? [])),
      response?.status ?? null,
      request.body.size,
      response?.body.size ?? 0,
      type?.slice(0, 200) ?? null,
      flow.error ?? null,
      flow.kind,
      flow.editedBy === undefined ? null : JSON.stringify(flow.editedBy),
      flow.origin === undefined ? null : JSON.stringify(flow.origin),
    );
    this.#prepare('INSERT INTO flow_head VALUES (?,?) ON CONFLICT (n) DO UPDATE SET head = excluded.head').run(
      n,
      JSON.stringify(flow),
    );
    for (const ref of [request.body.ref, response?.body.ref, flow.frames?.ref]) {
      if (ref !== undefined) this.#prepare('UPDATE body SET n = ? WHERE ref = ? AND n IS NULL').run(n, ref);
    }
  }

  /** The number of a name in one of the small tables; made when new. */
  #name(cache: Recent<string, number>, table: string, column: string, field: string, value: string): number {
    const known = cache.get(value);
    if (known !== undefined) return known;
    let row = this.#prepare(`SELECT ${column} AS n FROM ${table} WHERE ${field} = ?`).get(value) as
      | { n: number }
      | undefined;
    if (row === undefined) {
      const made = this.#prepare(`INSERT INTO ${table} (${field}) VALUES (?)`).run(value);
      row = { n: Number(made.lastInsertRowid) };
    }
    cache.set(value, row.n);
    return row.n;
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

function listed(url: string): string {
  return url.length <= LISTED_URL ? url : `${url.slice(0, LISTED_URL)}…`;
}

function clause(where: readonly string[]): string {
  return where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
}

function summaryOfFlow(flow: Flow, sessions: readonly string[]): FlowSummary {
  const { request, response } = flow;
  const contentType = response === undefined ? undefined : headerOf(response.rawHeaders, 'content-type');
  return {
    id: flow.id,
    startedAt: flow.startedAt,
    ...(flow.endedAt === undefined ? {} : { endedAt: flow.endedAt }),
    method: request.method,
    url: listed(request.url),
    ...(response === undefined ? {} : { status: response.status }),
    requestBytes: request.body.size,
    responseBytes: response?.body.size ?? 0,
    ...(contentType === undefined ? {} : { contentType: contentType.slice(0, 200) }),
    ...(flow.error === undefined ? {} : { error: flow.error }),
    ...(flow.editedBy === undefined ? {} : { editedBy: flow.editedBy }),
    kind: flow.kind,
    ...(flow.origin === undefined ? {} : { origin: flow.origin }),
    sessions,
  };
}

function summaryOf(row: Row): FlowSummary {
  return {
    id: row['id'] as string,
    startedAt: row['started_at'] as number,
    ...(row['ended_at'] === null ? {} : { endedAt: row['ended_at'] as number }),
    method: row['method'] as string,
    url: row['url'] as string,
    ...(row['status'] === null ? {} : { status: row['status'] as number }),
    requestBytes: row['request_bytes'] as number,
    responseBytes: row['response_bytes'] as number,
    ...(row['content_type'] === null ? {} : { contentType: row['content_type'] as string }),
    ...(row['error'] === null ? {} : { error: row['error'] as string }),
    ...(row['edited_by'] === null ? {} : { editedBy: JSON.parse(row['edited_by'] as string) as string[] }),
    kind: row['kind'] as Flow['kind'],
    ...(row['origin'] === null ? {} : { origin: JSON.parse(row['origin'] as string) as NonNullable<Flow['origin']> }),
    sessions: row['sessions'] === null ? [] : (row['sessions'] as string).split(',').map((s) => `s${s}`),
  };
}
