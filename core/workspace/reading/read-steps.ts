import { type FlowPageOf, type FlowQuery, flowPage } from '../flow-query.ts';
import { sessionCount, sessionPage } from '../session-query.ts';
import type { Database } from '../sqlite.ts';
import type { KeptCounts } from './kept-counts.ts';
import type { Read, Reads } from './reader-messages.ts';

/**
 * So long (ms) flows are counted before a page is given: the lines are what is waited for. Then the number is reckoned
 * from the part that was counted; all flows together are counted to the end afterwards, for the next time.
 */
const COUNTING_MS = 20;

/** Carries one read out; yields where it may be stopped. */
export function readSteps(
  db: Database,
  counts: KeptCounts,
  read: Read,
): Generator<undefined, Reads[Read['kind']]['answer']> {
  return read.kind === 'flows'
    ? flowSteps(db, counts, read.query as FlowQuery, read.now)
    : sessionSteps(db, read as Read<'sessions'>);
}

function* flowSteps(db: Database, counts: KeptCounts, query: FlowQuery, now: number): Generator<undefined, FlowPageOf> {
  const before =
    query.before === undefined
      ? undefined
      : (db.prepare('SELECT n FROM flow WHERE id = ?').pluck().get(query.before) as number | undefined);
  const flows = yield* flowPage(db, query, { now, before });
  if (query.before === undefined && flows.length < query.limit) return { flows, total: flows.length };
  const until = performance.now() + COUNTING_MS;
  const counting = counts.count(query, now);
  for (;;) {
    const step = counting.next();
    if (step.done === true) return { flows, total: step.value };
    if (performance.now() > until) return { flows, total: Math.max(step.value.total, flows.length), about: true };
    yield;
  }
}

function* sessionSteps(
  db: Database,
  { query, now }: Read<'sessions'>,
): Generator<undefined, Reads['sessions']['answer']> {
  const sessions = yield* sessionPage(db, query, now);
  yield;
  const isAll = query.after === undefined && sessions.length < query.limit;
  const total = isAll ? sessions.length : yield* sessionCount(db, query, now);
  return { sessions, total, all: query.filter === undefined ? total : yield* sessionCount(db, {}, now) };
}
