import type { Flow, FlowSummary } from '../model/flow.ts';
import { Recent } from '../model/recent.ts';
import type { Sighting } from '../model/session.ts';
import type { Batch } from './batch.ts';
import { filterTerms } from './filter.ts';
import { flowWhere } from './filter-sql.ts';
import { cookieNames, headerOf, hostOf } from './names.ts';
import { Pending } from './pending.ts';
import type { Database, Row, Statement } from './sqlite.ts';
import type { FlowRow } from './writes.ts';

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
  (SELECT group_concat(g.s) FROM (SELECT s FROM sighting WHERE f = f.n LIMIT 20) g) AS sessions`;

/** Heads of flows: put twice (at the start and at the end) or more often; the last one put stays. */
export class FlowTable {
  readonly #db: Database;
  readonly #batch: Batch;
  readonly #read: () => void;
  /** Numbers of the flows of late; older ones are looked up. */
  readonly #numbers = new Recent<string, number>(2_000);
  readonly #statements = new Map<string, Statement>();
  readonly #pending = new Pending<string, PendingFlow>();
  #last: number;

  constructor(db: Database, batch: Batch, read: () => void) {
    this.#db = db;
    this.#batch = batch;
    this.#read = read;
    this.#last = (db.prepare('SELECT max(n) AS n FROM flow').get() as { n: number | null }).n ?? 0;
  }

  /** Saves a flow, or what has become of it. @param isNew it is known that no flow of this id was put before */
  put(flow: Flow, isNew = false): void {
    const made = this.#gathering(flow.id, isNew);
    made.row = rowOf(flow, made);
  }

  /** A session was seen in the flow, which must have been put before. */
  sighted(
    key: number,
    { flowId, direction, at, raw, id }: Pick<Sighting, 'flowId' | 'direction' | 'at' | 'raw' | 'id'>,
  ): void {
    const pending = this.#pending.gathering(flowId) ?? this.#again(flowId);
    if (pending === undefined) return;
    const { sightings } = pending;
    const way = direction === 'request' ? 1 : 2;
    for (let i = 0; i < sightings.length; i += 4) {
      if (sightings[i] !== key) continue;
      sightings[i + 1] = (sightings[i + 1] as number) | way;
      return;
    }
    sightings.push(key, way, at, raw === id ? null : raw);
  }

  sent(): void {
    this.#pending.sent();
  }

  saved(): void {
    this.#pending.saved();
  }

  /** What the next batch says of a flow; its row must be set. */
  #gathering(id: string, isNew: boolean): PendingFlow {
    const known = this.#pending.gathering(id);
    if (known !== undefined) return known;
    const before = isNew ? undefined : this.number(id);
    const made: PendingFlow = { n: before ?? this.#newNumber(id), isNew: before === undefined, row: [], sightings: [] };
    this.#pending.set(id, made);
    this.#batch.add(() => ['flow', made.row as FlowRow], `flow:${id}`);
    return made;
  }

  /** A flow that is saved or on its way, put once more. */
  #again(id: string): PendingFlow | undefined {
    const flow = this.get(id);
    if (flow !== undefined) this.put(flow);
    return this.#pending.gathering(id);
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
    const pending = this.#pending.get(id);
    if (pending !== undefined) return JSON.parse((pending.row as FlowRow)[HEAD]) as Flow;
    const n = this.number(id);
    if (n === undefined) return undefined;
    const row = this.#prepare('SELECT head FROM flow_head WHERE n = ?').get(n) as { head: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.head) as Flow);
  }

  summary(id: string): FlowSummary | undefined {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return summaryOfRow(pending.row as FlowRow, this.#sessionsOf(id, pending));
    const sql = `SELECT ${SUMMARY} FROM flow f JOIN url ON url.u = f.u WHERE f.id = ?`;
    const row = this.#prepare(sql).get(id) as Row | undefined;
    return row === undefined ? undefined : summaryOf(row);
  }

  /** Earlier sightings of a flow that was put again are in its row, or in the batch that is on its way. */
  #sessionsOf(id: string, pending: PendingFlow): string[] {
    const numbers = new Set<number>();
    if (!pending.isNew) {
      const known = this.#prepare('SELECT s FROM sighting WHERE f = ? LIMIT 20').all(pending.n) as { s: number }[];
      for (const { s } of known) numbers.add(s);
    }
    for (const { sightings } of this.#pending.both(id)) {
      for (let i = 0; i < sightings.length; i += 4) numbers.add(sightings[i] as number);
    }
    return [...numbers].map((s) => `s${s}`);
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
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

/** Text and numbers only: whole flows that wait would cost the collection of garbage more than all the rest. */
interface PendingFlow {
  readonly n: number;
  /** There is no row of it yet. */
  readonly isNew: boolean;
  row: FlowRow | readonly [];
  /** As in `FlowRow`, which holds this list. */
  readonly sightings: (number | string | null)[];
}

/** Place of the whole flow in its row. */
const HEAD = 16;

function rowOf(flow: Flow, { n, sightings }: Pick<PendingFlow, 'n' | 'sightings'>): FlowRow {
  const { request, response } = flow;
  const type = response === undefined ? undefined : headerOf(response.rawHeaders, 'content-type');
  const bodies = [request.body.ref, response?.body.ref, flow.frames?.ref].filter((ref) => ref !== undefined);
  return [
    n,
    flow.id,
    flow.startedAt,
    flow.endedAt ?? null,
    request.method.slice(0, 100),
    hostOf(request.url),
    listed(request.url),
    cookieNames(request.rawHeaders, response?.rawHeaders ?? []),
    response?.status ?? null,
    request.body.size,
    response?.body.size ?? 0,
    type?.slice(0, 200) ?? null,
    flow.error ?? null,
    flow.kind,
    flow.editedBy === undefined ? null : JSON.stringify(flow.editedBy),
    flow.origin === undefined ? null : JSON.stringify(flow.origin),
    JSON.stringify(flow),
    bodies,
    sightings,
  ];
}

function listed(url: string): string {
  return url.length <= LISTED_URL ? url : `${url.slice(0, LISTED_URL)}…`;
}

function clause(where: readonly string[]): string {
  return where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
}

function summaryOfRow(row: FlowRow, sessions: readonly string[]): FlowSummary {
  const [, id, startedAt, endedAt, method, , url, , status, requestBytes, responseBytes] = row;
  const [, , , , , , , , , , , contentType, error, kind, editedBy, origin] = row;
  return {
    id,
    startedAt,
    ...(endedAt === null ? {} : { endedAt }),
    method,
    url,
    ...(status === null ? {} : { status }),
    requestBytes,
    responseBytes,
    ...(contentType === null ? {} : { contentType }),
    ...(error === null ? {} : { error }),
    kind: kind as Flow['kind'],
    ...(editedBy === null ? {} : { editedBy: JSON.parse(editedBy) as string[] }),
    ...(origin === null ? {} : { origin: JSON.parse(origin) as NonNullable<Flow['origin']> }),
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
