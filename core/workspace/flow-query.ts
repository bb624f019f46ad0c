import { filterExpression, filterTerms } from '../filter/parse.ts';
import type { Flow, FlowSummary } from '../model/flow.ts';
import { flowWhere } from './filter-sql.ts';
import { sessionNumbers } from './session-numbers.ts';
import type { Database, Row } from './sqlite.ts';

export interface FlowQuery {
  readonly filter?: string;
  /** Without what the debugger sent for experiments of its own, unless the filter asks for it (`is:own`). */
  readonly hideOwn?: boolean;
  /** Only flows of this session. */
  readonly sessionKey?: string;
  /** Only flows before this one (exclusive). */
  readonly before?: string;
  readonly limit: number;
}

/** A page of flows, and how many there are in all, `before` left aside. */
export interface FlowPageOf {
  readonly flows: FlowSummary[];
  readonly total: number;
  /** The total was reckoned from a part of the flows. */
  readonly about?: true;
}

/** What a line of the list is made of; `FROM flow f JOIN url ON url.u = f.u`. */
export const SUMMARY = `f.n, f.id, f.started_at, f.ended_at, f.method, url.url, f.status, f.request_bytes, f.response_bytes,
  f.content_type, f.error, f.kind, f.edited_by, f.origin, f.sessions`;
/** Sessions named in a line. */
const MOST_LISTED = 20;
/** Most flows in one answer. */
const MOST_ROWS = 10_000;

/** Row numbers that are walked in one go: few at first, so that the first lines come soon, then more. */
const FIRST_SLICE = 4_096;
const MOST_SLICE = 131_072;

/** A condition on `flow f`, as parts that all must hold. Throws kind `filter` for a filter that is not understood. */
function flowConditions(
  query: Pick<FlowQuery, 'filter' | 'sessionKey' | 'hideOwn'>,
  now: number,
): { where: string[]; values: unknown[] } {
  const expression = filterExpression(query.filter);
  const condition = flowWhere(expression, now);
  const where = condition === undefined ? [] : [`(${condition.sql})`];
  const asksForOwn = filterTerms(expression).some(({ key, value }) => key === 'is' && /^(own|replay)$/i.test(value));
  if (query.hideOwn === true && !asksForOwn) where.push("f.origin ->> 'experiment' IS NULL");
  const values = [...(condition?.values ?? [])];
  if (query.sessionKey !== undefined) {
    where.push('f.n IN (SELECT f FROM sighting WHERE s = ?)');
    values.push(Number(query.sessionKey.slice(1)) || 0);
  }
  return { where, values };
}

/**
 * A page of flows, newest first. Walks the table from its end in slices and yields between them, so that whoever runs it
 * can stop: a filter that lets little through walks far.
 * @param before row number of the flow before which the page begins
 */
export function* flowPage(
  db: Database,
  query: Pick<FlowQuery, 'filter' | 'sessionKey' | 'hideOwn' | 'limit'>,
  { now, before }: { readonly now: number; readonly before: number | undefined },
): Generator<undefined, FlowSummary[]> {
  const { where, values } = flowConditions(query, now);
  const numbers: number[] = [];
  const limit = Math.min(query.limit, MOST_ROWS);
  const { first, last } = bounds(db);
  const sql = `SELECT f.n FROM flow f WHERE ${['f.n >= ?', 'f.n < ?', ...where].join(' AND ')} ORDER BY f.n DESC LIMIT ?`;
  const statement = db.prepare(sql).pluck();
  for (const [from, to] of slices(first, Math.min(before ?? Number.MAX_SAFE_INTEGER, last + 1))) {
    numbers.push(...(statement.all(from, to, ...values, limit - numbers.length) as number[]));
    if (numbers.length >= limit) break;
    yield;
  }
  return linesOf(db, numbers);
}

/**
 * How many flows a condition lets through; yields between slices the number so far, and the part of the table that it was
 * counted in.
 */
export function* flowCount(
  db: Database,
  query: Pick<FlowQuery, 'filter' | 'sessionKey' | 'hideOwn'>,
  now: number,
  newest = Number.MAX_SAFE_INTEGER,
  oldest = 0,
): Generator<{ readonly count: number; readonly part: number }, number> {
  const { where, values } = flowConditions(query, now);
  const { first, last } = bounds(db);
  const [from0, to0] = [Math.max(first, oldest), Math.min(newest, last) + 1];
  const sql = `SELECT count(*) FROM flow f WHERE ${['f.n >= ?', 'f.n < ?', ...where].join(' AND ')}`;
  const statement = db.prepare(sql).pluck();
  let count = 0;
  for (const [from, to] of slices(from0, to0)) {
    count += statement.get(from, to, ...values) as number;
    yield { count, part: (to0 - from) / Math.max(1, to0 - from0) };
  }
  return count;
}

/** The lowest and highest row number; 0 and -1 without flows. */
export function bounds(db: Database): { readonly first: number; readonly last: number } {
  const sql =
    'SELECT (SELECT n FROM flow ORDER BY n LIMIT 1) AS first, (SELECT n FROM flow ORDER BY n DESC LIMIT 1) AS last';
  const { first, last } = db.prepare(sql).get() as { first: number | null; last: number | null };
  return { first: first ?? 0, last: last ?? -1 };
}

/** Ranges of row numbers from the end to the beginning: `from` inclusive, `to` exclusive. */
function* slices(first: number, end: number): Generator<readonly [from: number, to: number]> {
  let size = FIRST_SLICE;
  for (let to = end; to > first; ) {
    const from = Math.max(first, to - size);
    yield [from, to];
    to = from;
    size = Math.min(MOST_SLICE, size * 4);
  }
}

/** The lines of these rows, in this order. */
function linesOf(db: Database, numbers: readonly number[]): FlowSummary[] {
  const sql = `SELECT ${SUMMARY} FROM json_each(?) page CROSS JOIN flow f ON f.n = page.value
    JOIN url ON url.u = f.u ORDER BY f.n DESC`;
  return (db.prepare(sql).all(JSON.stringify(numbers)) as Row[]).map(summaryOf);
}

export function summaryOf(row: Row): FlowSummary {
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
    sessions: keysOf(sessionNumbers(row['sessions'] as string | null)),
  };
}

export function keysOf(sessions: readonly number[]): string[] {
  return sessions.slice(0, MOST_LISTED).map((s) => `s${s}`);
}
