import type { Flow, FlowSummary } from '../model/flow.ts';
import { Recent } from '../model/recent.ts';
import type { Sighting } from '../model/session.ts';
import type { Batch } from './batch.ts';
import { FlowPage } from './flow-page.ts';
import { type FlowQuery, flowCount, flowPage, keysOf, SUMMARY, summaryOf } from './flow-query.ts';
import { PageReader } from './page-reader.ts';
import { Pending } from './pending.ts';
import { sessionNumbers } from './session-numbers.ts';
import type { Database, Row, Statement } from './sqlite.ts';
import { toEnd } from './to-end.ts';

/** Flows without their bodies: put twice (at the start and at the end) or more often; the last one put stays. */
export class FlowTable {
  readonly #db: Database;
  readonly #batch: Batch;
  readonly #read: () => void;
  readonly #clock: () => number;
  /** Numbers of recent flows; older ones are looked up. */
  readonly #numbers = new Recent<string, number>(2_000);
  readonly #statements = new Map<string, Statement>();
  readonly #pending = new Pending<string, PendingFlow>();
  readonly #pages: PageReader;
  #filling: FlowPage | undefined;
  #last: number;
  #lastPage: number;

  constructor(db: Database, batch: Batch, read: () => void, clock: () => number) {
    this.#clock = clock;
    this.#db = db;
    this.#batch = batch;
    this.#read = read;
    this.#pages = new PageReader(db);
    this.#last = (db.prepare('SELECT max(n) AS n FROM flow').get() as { n: number | null }).n ?? 0;
    this.#lastPage = (db.prepare('SELECT max(p) AS p FROM flow_page').get() as { p: number | null }).p ?? 0;
  }

  /** A flow has begun, and is put later: flows are listed in the order in which they began. */
  reserve(id: string): void {
    this.#newNumber(id);
  }

  /** Saves a flow, or what has become of it. @param isNew it is known that no flow of this id was put before */
  put(flow: Flow, isNew = false): void {
    const known = this.#pending.gathering(flow.id);
    if (known !== undefined) {
      known.page.put(known.place, flow);
      return;
    }
    const before = isNew ? this.#numbers.get(flow.id) : this.number(flow.id);
    const n = before ?? this.#newNumber(flow.id);
    const page = this.#pageToFill();
    const place = page.add(flow, n, isNew || before === undefined);
    this.#pending.set(flow.id, { page, place });
  }

  /** A session was seen in the flow, which must have been put before. */
  sighted(session: number, { flowId, direction }: Pick<Sighting, 'flowId' | 'direction'>): void {
    const pending = this.#pending.gathering(flowId) ?? this.#again(flowId);
    pending?.page.sighted(pending.place, session, direction === 'request' ? 1 : 2);
  }

  sent(): void {
    this.#pending.sent();
    this.#filling = undefined;
  }

  saved(): void {
    this.#pending.saved();
  }

  #pageToFill(): FlowPage {
    if (this.#filling === undefined || this.#filling.isFull) {
      this.#lastPage += 1;
      const page = new FlowPage(this.#lastPage);
      this.#filling = page;
      this.#batch.add(page);
    }
    return this.#filling;
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
    if (pending !== undefined) return pending.page.flow(pending.place);
    const n = this.number(id);
    return n === undefined ? undefined : this.#pages.flow(n);
  }

  summary(id: string): FlowSummary | undefined {
    const pending = this.#pending.get(id);
    if (pending !== undefined) {
      return { ...pending.page.summary(pending.place), sessions: this.#sessionsOf(id, pending) };
    }
    const sql = `SELECT ${SUMMARY} FROM flow f JOIN url ON url.u = f.u WHERE f.id = ?`;
    const row = this.#prepare(sql).get(id) as Row | undefined;
    return row === undefined ? undefined : summaryOf(row);
  }

  /** Earlier sightings of a flow that was put again are in its row, or in the batch that is on its way. */
  #sessionsOf(id: string, pending: PendingFlow): string[] {
    const numbers = new Set<number>();
    if (!pending.page.isNew(pending.place)) {
      const row = this.#prepare('SELECT sessions FROM flow WHERE n = ?').get(pending.page.number(pending.place)) as
        | { sessions: string | null }
        | undefined;
      for (const session of sessionNumbers(row?.sessions)) numbers.add(session);
    }
    for (const { page, place } of this.#pending.both(id)) page.sessions(place, numbers);
    return keysOf([...numbers]);
  }

  /** Newest first, in this thread. Throws kind `filter` for a filter that is not understood. */
  list(query: FlowQuery): FlowSummary[] {
    this.#read();
    const before = query.before === undefined ? undefined : this.number(query.before);
    return toEnd(flowPage(this.#db, query, { now: this.#clock(), before }));
  }

  /** How many flows there are; with a filter, how many it lets through. Counted in this thread. */
  count(query: Pick<FlowQuery, 'filter' | 'sessionKey' | 'hideOwn'> = {}): number {
    this.#read();
    return toEnd(flowCount(this.#db, query, this.#clock()));
  }

  /** Forgets cached numbers after rows were removed by the retention. */
  forget(): void {
    this.#numbers.clear();
    this.#pages.forget();
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

/** A flow that is not saved yet. */
interface PendingFlow {
  readonly page: FlowPage;
  readonly place: number;
}
