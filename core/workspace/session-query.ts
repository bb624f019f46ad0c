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

/** Newest activity first. Throws kind `filter` for a filter that is not understood. */
export function sessionPage(db: Database, query: SessionQuery, now: number): SessionSummary[] {
  const { where, values } = conditions(query, now);
  if (query.after !== undefined) {
    where.push('(s.last_activity, s.s) < (?, ?)');
    values.push(query.after.at, numberOf(query.after.key));
  }
  const sql = `SELECT s.summary FROM session s ${clause(where)} ORDER BY s.last_activity DESC, s.s DESC LIMIT ?`;
  const rows = db.prepare(sql).all(...values, Math.min(query.limit, MOST_ROWS)) as { summary: string }[];
  return rows.map((row) => JSON.parse(row.summary) as SessionSummary);
}

export function sessionCount(db: Database, query: Omit<SessionQuery, 'limit' | 'after'>, now: number): number {
  const { where, values } = conditions(query, now);
  return db
    .prepare(`SELECT count(*) FROM session s ${clause(where)}`)
    .pluck()
    .get(...values) as number;
}

function conditions(query: Omit<SessionQuery, 'limit'>, now: number): { where: string[]; values: unknown[] } {
  const filter = filterExpression(query.filter);
  const condition = sessionWhere(filter, now);
  const where = condition === undefined ? [] : [`(${condition.sql})`];
  const which = query.which ?? (choosesSessions(filter) ? 'all' : 'sessions');
  if (which !== 'all') where.unshift(`s.shown = ${which === 'sessions' ? 1 : 0}`);
  return { where, values: [...(condition?.values ?? [])] };
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
