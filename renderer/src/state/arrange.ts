import type { SessionSummary } from '../../../core/model/session.ts';
import { carrierName } from '../format.ts';
import type { SessionsState } from './sessions.ts';
import type { Grouping, SessionMark, Settings, Sorting } from './settings.ts';

/** A line of the list of sessions: a session, or the head of those that follow. */
export type SessionLine =
  | { readonly kind: 'session'; readonly key: string }
  | { readonly kind: 'group'; readonly value: string; readonly count: number };

export interface Arranged {
  readonly lines: readonly SessionLine[];
  /** How many are here and out of sight: hidden one by one, or cleared. */
  readonly hidden: number;
}

type Arrangement = Pick<Settings, 'grouping' | 'sorting' | 'marks' | 'cleared'> & { readonly showHidden: boolean };

/** The order of the engine as the user wants to see it. Where nothing tells two sessions apart the order stays. */
export function arranged({ order, rows }: Pick<SessionsState, 'order' | 'rows'>, how: Arrangement): Arranged {
  const { grouping, sorting, marks, showHidden } = how;
  const all = order.flatMap((key) => rows.get(key) ?? []);
  const seen = all.filter((session) => showHidden || !isHidden(session, how));
  const pinned = (session: SessionSummary) => (marks[session.key]?.pinned === true ? 0 : 1);
  const compare = COMPARE[sorting];
  const sorted = seen.toSorted((a, b) => pinned(a) - pinned(b) || compare(a, b, marks));
  const hidden = all.length - seen.length;
  if (grouping === 'none') return { lines: sorted.map(({ key }) => ({ kind: 'session', key })), hidden };
  const groups = new Map<string, SessionSummary[]>();
  for (const session of sorted) {
    const value = GROUP[grouping](session);
    const members = groups.get(value);
    if (members === undefined) groups.set(value, [session]);
    else members.push(session);
  }
  const lines = [...groups].flatMap(([value, members]): SessionLine[] => [
    { kind: 'group', value, count: members.length },
    ...members.map(({ key }) => ({ kind: 'session', key }) as const),
  ]);
  return { lines, hidden };
}

/** Hidden by the user, or cleared and not used since. What is pinned stays. */
function isHidden({ key, lastActivity }: SessionSummary, { marks, cleared }: Arrangement): boolean {
  const mark = marks[key];
  return mark?.hidden === true || (lastActivity <= cleared && mark?.pinned !== true);
}

const GROUP: Record<Exclude<Grouping, 'none'>, (session: SessionSummary) => string> = {
  host: ({ host }) => host,
  framework: ({ framework }) => framework?.title ?? '',
  identity: ({ identity }) => identity ?? '',
  state: ({ state }) => state,
};

const text = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);
/** What has a name comes before what has none. */
const named = (a: string, b: string) => Number(a === '') - Number(b === '') || text(a.toLowerCase(), b.toLowerCase());

const COMPARE: Record<
  Sorting,
  (a: SessionSummary, b: SessionSummary, marks: Readonly<Record<string, SessionMark>>) => number
> = {
  activity: () => 0,
  host: (a, b) => text(a.host, b.host) || text(carrierName(a.carrier), carrierName(b.carrier)),
  state: (a, b) => text(a.state, b.state),
  flows: (a, b) => b.flows - a.flows,
  name: (a, b, marks) => named(marks[a.key]?.name ?? a.label ?? '', marks[b.key]?.name ?? b.label ?? ''),
};
