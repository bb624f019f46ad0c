import { filterExpression } from '../filter/parse.ts';
import type { SessionSummary } from '../model/session.ts';
import { choosesSessions, sessionWhere } from './filter-sql.ts';
import type { Database } from './sqlite.ts';

export interface SessionQuery {
  readonly filter?: string;
  /** `sessions` (default): what counts as a session. `candidates`: the rest. `all`: both. */
  readonly which?: 'sessions' | 'candidates' | 'all';
  readonly limit: number;
  /** Only sessions behind this one in the list; `at` is the last activity that the list showed of it. */
  readonly after?: { readonly at: number; readonly key: string };
}

/** Most sessions in one answer. */
const MOST_ROWS = 20_000;

/** Sessions that are looked at in one go: few at first, so that the first lines come soon, then more. */
const FIRST_SLICE = 256;
const MOST_SLICE = 4_096;
/** Row numbers that are counted in one go. */
const COUNTED_SLICE = 16_384;

type Place = readonly [at: number, s: number];

/**
 * A page of sessions, newest activity first. Walks them in slices and yields between them, so that whoever runs it can
 * stop. Throws kind `filter` for a filter that is not understood.
 */
export function* sessionPage(db: Database, query: SessionQuery, now: number): Generator<undefined, SessionSummary[]> {
  const { which, where, values } = conditions(query, now);
  const limit = Math.min(query.limit, MOST_ROWS);
  const keys = db.prepare(keysSql(which)).raw();
  const sql = `SELECT s.summary FROM json_each(?) k CROSS JOIN session s ON s.s = k.value
    ${clause(where)} ORDER BY s.last_activity DESC, s.s DESC LIMIT ?`;
  const lines = db.prepare(sql).pluck();
  const sessions: SessionSummary[] = [];
  let after: Place = query.after === undefined ? [Number.MAX_VALUE, 0] : [query.after.at, numberOf(query.after.key)];
  for (let size = where.length === 0 ? limit : FIRST_SLICE; sessions.length < limit; ) {
    const slice = keys.all({ at: after[0], s: after[1], size }) as unknown as Place[];
    const rows = lines.all(JSON.stringify(slice.map(([, s]) => s)), ...values, limit - sessions.length) as string[];
    for (const row of rows) sessions.push(JSON.parse(row) as SessionSummary);
    const last = slice.at(-1);
    if (last === undefined || slice.length < size) break;
    after = last;
    size = Math.min(MOST_SLICE, size * 4);
    yield;
  }
  return sessions;
}

/** The next sessions behind a place, by the index of what counts as a session; of both kinds: so many of each, merged. */
function keysSql(which: NonNullable<SessionQuery['which']>): string {
  const of = (shown: 0 | 1) => `SELECT last_activity, s FROM session
    WHERE shown = ${shown} AND (last_activity, s) < (@at, @s) ORDER BY last_activity DESC, s DESC LIMIT @size`;
  if (which === 'sessions') return of(1);
  if (which === 'candidates') return of(0);
  return `SELECT * FROM (SELECT * FROM (${of(1)}) UNION ALL SELECT * FROM (${of(0)}))
    ORDER BY last_activity DESC, s DESC LIMIT @size`;
}

/** How many sessions a filter lets through; yields between slices. */
export function* sessionCount(
  db: Database,
  query: Omit<SessionQuery, 'limit' | 'after'>,
  now: number,
): Generator<undefined, number> {
  const { which, where, values } = conditions(query, now);
  const shown = which === 'all' ? [] : [`s.shown = ${which === 'sessions' ? 1 : 0}`];
  if (where.length === 0)
    return db
      .prepare(`SELECT count(*) FROM session s ${clause(shown)}`)
      .pluck()
      .get() as number;
  const last = (db.prepare('SELECT max(s) FROM session').pluck().get() as number | null) ?? 0;
  // The row numbers are what is walked: + keeps the index of `shown` out of it.
  const parts = ['s.s > ?', 's.s <= ?', ...shown.map((part) => `+${part}`), ...where];
  const statement = db.prepare(`SELECT count(*) FROM session s WHERE ${parts.join(' AND ')}`).pluck();
  let count = 0;
  for (let from = 0; from < last; from += COUNTED_SLICE) {
    count += statement.get(from, from + COUNTED_SLICE, ...values) as number;
    yield;
  }
  return count;
}

function conditions(
  query: Omit<SessionQuery, 'limit'>,
  now: number,
): { which: NonNullable<SessionQuery['which']>; where: string[]; values: unknown[] } {
  const filter = filterExpression(query.filter);
  const condition = sessionWhere(filter, now);
  const where = condition === undefined ? [] : [`(${condition.sql})`];
  const which = query.which ?? (choosesSessions(filter) ? 'all' : 'sessions');
  return { which, where, values: [...(condition?.values ?? [])] };
}

function clause(where: readonly string[]): string {
  return where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
}

/** `s12` → 12; anything else → 0, which no session has. */
export function numberOf(key: string): number {
  if (key.charCodeAt(0) !== 0x73 || key.length < 2 || key.length > 16) return 0;
  let number = 0;
  for (let i = 1; i < key.length; i += 1) {
    const digit = key.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return 0;
    number = number * 10 + digit;
  }
  return number;
}
