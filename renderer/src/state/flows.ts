import type { FlowSummary } from '../../../core/model/flow.ts';
import type { Problem } from '../../../core/model/problem.ts';

/** The list of flows, newest first, as far as it was asked for. */
export interface FlowsState {
  readonly rows: readonly FlowSummary[];
  readonly total: number;
  /** The total was reckoned from a part of the flows. */
  readonly about: boolean;
  readonly filter: string;
  /** Everything up to the oldest flow is here. */
  readonly complete: boolean;
  readonly status: 'loading' | 'ready';
  readonly problem: Problem | null;
}

export const noFlows: FlowsState = {
  rows: [],
  total: 0,
  about: false,
  filter: '',
  complete: false,
  status: 'loading',
  problem: null,
};

/** So many rows stay in the window's memory; older ones are asked for again when the user scrolls there. */
export const MAX_FLOW_ROWS = 20_000;

/** What is asked of the engine: own requests of the debugger only where they are wanted. */
export function flowQuery(filter: string, ownFlows: boolean): { filter?: string; hideOwn?: boolean } {
  const wanted = filter.trim();
  return { ...(wanted === '' ? {} : { filter: wanted }), ...(ownFlows ? {} : { hideOwn: true }) };
}

/** Sent by an experiment, a check-up or a proof: not by a visitor, and not by the user one by one. */
export function isOwnFlow({ origin }: Pick<FlowSummary, 'origin'>): boolean {
  return origin?.experiment !== undefined;
}

export function withFlowPage(
  state: FlowsState,
  page: {
    flows: readonly FlowSummary[];
    total: number;
    about?: boolean;
    filter: string;
    limit: number;
    before?: string;
  },
): FlowsState {
  const complete = page.flows.length < page.limit;
  if (page.before === undefined) {
    const { flows: rows, total, about = false, filter } = page;
    return { rows, total, about, filter, complete, status: 'ready', problem: null };
  }
  if (state.rows.at(-1)?.id !== page.before || state.filter !== page.filter) return state;
  const known = new Set(state.rows.map((flow) => flow.id));
  const older = page.flows.filter((flow) => !known.has(flow.id));
  return { ...state, rows: [...state.rows, ...older], total: page.total, about: page.about ?? false, complete };
}

/** As for the sessions: a filter that cannot be read matches nothing. */
export function withFlowProblem(state: FlowsState, problem: Problem): FlowsState {
  if (problem.kind !== 'filter') return { ...state, problem };
  return { ...state, rows: [], complete: true, status: 'ready', problem };
}

/** New flows come in at the top, known ones are replaced in place. */
export function withFlowChanges(state: FlowsState, flows: readonly FlowSummary[]): FlowsState {
  if (flows.length === 0) return state;
  const changed = new Map(flows.map((flow) => [flow.id, flow]));
  const rows = state.rows.map((flow) => {
    const next = changed.get(flow.id);
    if (next === undefined) return flow;
    changed.delete(flow.id);
    return next;
  });
  // Without the older part at hand, a flow older than what is shown is not a new one.
  const oldest = state.complete ? Number.NEGATIVE_INFINITY : (state.rows.at(-1)?.startedAt ?? Number.NEGATIVE_INFINITY);
  const fresh = [...changed.values()].filter((flow) => flow.startedAt >= oldest);
  fresh.sort((a, b) => b.startedAt - a.startedAt);
  const all = [...fresh, ...rows];
  const kept = all.length > MAX_FLOW_ROWS ? all.slice(0, MAX_FLOW_ROWS) : all;
  return {
    ...state,
    rows: kept,
    total: state.total + fresh.length,
    complete: state.complete && kept.length === all.length,
  };
}
