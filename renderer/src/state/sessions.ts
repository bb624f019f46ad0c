import type { Problem } from '../../../core/model/problem.ts';
import type { SessionSummary } from '../../../core/model/session.ts';

/**
 * The list of sessions. Rows are facts; `order` is what the user sees. While they read (`held`), the order stands
 * still: activity is marked, and rows that would have moved are counted in `moved` until the order is made again.
 */
export interface SessionsState {
  readonly rows: ReadonlyMap<string, SessionSummary>;
  readonly order: readonly string[];
  /** Keys whose place would be another if the order were made now. */
  readonly moved: ReadonlySet<string>;
  /** When a key was last seen active by this window (ms): for the mark of new activity. */
  readonly active: ReadonlyMap<string, number>;
  readonly filter: string;
  readonly total: number;
  /** How many the filter lets through. */
  readonly matching: number;
  /** Everything down to the least recent one is here. */
  readonly complete: boolean;
  readonly emptyReason: string | null;
  readonly status: 'loading' | 'ready';
  /** Why the list could not be had. */
  readonly problem: Problem | null;
}

export const noSessions: SessionsState = {
  rows: new Map(),
  order: [],
  moved: new Set(),
  active: new Map(),
  filter: '',
  total: 0,
  matching: 0,
  complete: false,
  emptyReason: null,
  status: 'loading',
  problem: null,
};

/** Newest activity first; equal ones by key, so that the order is one. */
function newestFirst(rows: ReadonlyMap<string, SessionSummary>): string[] {
  return [...rows.values()]
    .sort((a, b) => b.lastActivity - a.lastActivity || (a.key < b.key ? -1 : 1))
    .map((session) => session.key);
}

/** A whole answer of the engine takes the place of what was known. */
export function withSnapshot(
  state: SessionsState,
  answer: {
    sessions: readonly SessionSummary[];
    total: number;
    matching?: number;
    emptyReason: string | null;
    filter: string;
    limit: number;
  },
): SessionsState {
  const rows = new Map(answer.sessions.map((session) => [session.key, session]));
  return {
    ...state,
    rows,
    order: newestFirst(rows),
    moved: new Set(),
    filter: answer.filter,
    total: answer.total,
    matching: answer.matching ?? answer.sessions.length,
    complete: answer.sessions.length < answer.limit,
    emptyReason: answer.emptyReason,
    status: 'ready',
    problem: null,
  };
}

/**
 * The line behind which older sessions are asked for: the least recent one that is here. Of several active at the same
 * moment the engine lists the one that was seen first last.
 */
export function leastRecent(state: SessionsState): { at: number; key: string } | undefined {
  let least: SessionSummary | undefined;
  const number = ({ key }: SessionSummary) => Number(key.slice(1));
  for (const session of state.rows.values()) {
    const before = least === undefined ? -1 : session.lastActivity - least.lastActivity;
    if (before < 0 || (before === 0 && least !== undefined && number(session) < number(least))) least = session;
  }
  return least && { at: least.lastActivity, key: least.key };
}

/** A page of older sessions goes behind those that are here. */
export function withOlder(
  state: SessionsState,
  page: { sessions: readonly SessionSummary[]; filter: string; limit: number },
): SessionsState {
  if (state.filter !== page.filter) return state;
  const fresh = page.sessions.filter(({ key }) => !state.rows.has(key));
  const rows = new Map([...state.rows, ...fresh.map((session) => [session.key, session] as const)]);
  return {
    ...state,
    rows,
    order: [...state.order, ...fresh.map(({ key }) => key)],
    complete: page.sessions.length < page.limit,
  };
}

/** The list could not be had. With a filter that cannot be read nothing matches: rows of the one before it must not stay. */
export function withProblem(state: SessionsState, problem: Problem): SessionsState {
  if (problem.kind !== 'filter') return { ...state, problem };
  return { ...state, rows: new Map(), order: [], moved: new Set(), emptyReason: null, status: 'ready', problem };
}

/**
 * Updates and removals. Unknown keys come in at the top. With `held` known rows keep their places; without it the
 * order is made again.
 */
export function withChanges(
  state: SessionsState,
  change: { updated: readonly SessionSummary[]; removed: readonly string[] },
  options: { held: boolean; now: number },
): SessionsState {
  const rows = new Map(state.rows);
  const active = new Map(state.active);
  const moved = new Set(state.moved);
  const fresh: SessionSummary[] = [];
  for (const session of change.updated) {
    const known = rows.get(session.key);
    if (known === undefined) fresh.push(session);
    else if (session.lastActivity > known.lastActivity) moved.add(session.key);
    if (known === undefined || session.lastActivity > known.lastActivity) active.set(session.key, options.now);
    rows.set(session.key, session);
  }
  for (const key of change.removed) {
    rows.delete(key);
    active.delete(key);
    moved.delete(key);
  }
  const total = Math.max(0, state.total + fresh.length - (state.rows.size + fresh.length - rows.size));
  const emptyReason = rows.size > 0 ? null : state.emptyReason;
  if (!options.held) {
    return { ...state, rows, active, order: newestFirst(rows), moved: new Set(), total, emptyReason };
  }
  fresh.sort((a, b) => b.lastActivity - a.lastActivity);
  const order = [...fresh.map((session) => session.key), ...state.order.filter((key) => rows.has(key))];
  return { ...state, rows, active, order, moved: reallyMoved(order, rows, moved), total, emptyReason };
}

export function sortedAgain(state: SessionsState): SessionsState {
  return { ...state, order: newestFirst(state.rows), moved: new Set() };
}

/** Of the candidates those that have a row with less recent activity above them. */
function reallyMoved(
  order: readonly string[],
  rows: ReadonlyMap<string, SessionSummary>,
  candidates: ReadonlySet<string>,
): Set<string> {
  const moved = new Set<string>();
  let oldest = Number.POSITIVE_INFINITY;
  for (const key of order) {
    const at = rows.get(key)?.lastActivity ?? 0;
    if (at > oldest && candidates.has(key)) moved.add(key);
    oldest = Math.min(oldest, at);
  }
  return moved;
}
