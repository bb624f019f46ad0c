import type { Clocks, TimelineEntry } from '../../../core/model/session.ts';

/** Kinds of entries that belong together in the filter of the timeline. */
export const TIMELINE_PARTS = ['all', 'data', 'state', 'cookie', 'edits'] as const;
export type TimelinePart = (typeof TIMELINE_PARTS)[number];

const PART: Readonly<Record<TimelineEntry['kind'], Exclude<TimelinePart, 'all'>>> = {
  created: 'state',
  seen: 'state',
  state: 'state',
  revived: 'state',
  follows: 'state',
  lost: 'state',
  alarm: 'state',
  'record-found': 'data',
  'record-gone': 'data',
  'data-changed': 'data',
  'set-refused': 'cookie',
  'not-deleted': 'cookie',
  'attributes-changed': 'cookie',
  'address-changed': 'cookie',
  edited: 'edits',
  overwritten: 'edits',
  'lab-run': 'edits',
};

/** The entries of one part in which a text stands. */
export function entriesOf(
  entries: readonly TimelineEntry[],
  part: TimelinePart,
  text: string,
): readonly TimelineEntry[] {
  const wanted = text.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      (part === 'all' || PART[entry.kind] === part) &&
      (wanted === '' || JSON.stringify(entry).toLowerCase().includes(wanted)),
  );
}

/** A mark in the picture: where it stands (0 to 1) and what it is. */
export interface LifeMark {
  readonly at: number;
  readonly kind: 'sent' | 'changed' | 'state';
  readonly x: number;
}

/** A clock that runs out, in the picture's future or past. */
export interface LifeEnd {
  readonly clock: 'cookie' | 'store' | 'payload';
  readonly at: number;
  readonly x: number;
}

export interface LifePicture {
  readonly from: number;
  readonly nowX: number;
  readonly marks: readonly LifeMark[];
  readonly ends: readonly LifeEnd[];
}

/** Where now stands while a clock runs on; without one it is the right edge. */
const NOW_X = 0.66;

/**
 * The life of a session on one line: even time up to now, and from now on to the last clock a scale on which both minutes
 * and weeks have room.
 */
export function lifePicture(
  input: {
    readonly firstSeen: number;
    readonly clocks: Clocks;
    readonly sent: readonly number[];
    readonly entries: readonly TimelineEntry[];
  },
  now: number,
): LifePicture {
  const { firstSeen, clocks, sent, entries } = input;
  const ends = [
    ...(clocks.cookie.expires === null ? [] : [{ clock: 'cookie' as const, at: clocks.cookie.expires }]),
    ...(clocks.store?.cleanupDue === undefined ? [] : [{ clock: 'store' as const, at: clocks.store.cleanupDue }]),
    ...(clocks.payload === undefined ? [] : [{ clock: 'payload' as const, at: clocks.payload.expires }]),
  ];
  const times = [firstSeen, ...sent, ...entries.map(({ at }) => at)].filter((at) => at <= now);
  const from = Math.min(now, ...times);
  const last = Math.max(now, ...ends.map(({ at }) => at));
  const nowX = last > now ? NOW_X : 1;
  const place = (at: number) => {
    if (at <= now) return now === from ? nowX : Math.max(0, ((at - from) / (now - from)) * nowX);
    return nowX + (1 - nowX) * (Math.log1p((at - now) / 60_000) / Math.log1p((last - now) / 60_000));
  };
  const marks = [
    ...sent.map((at) => ({ at, kind: 'sent' as const })),
    ...entries.flatMap(({ at, kind }): { at: number; kind: LifeMark['kind'] }[] => {
      const part = PART[kind];
      if (part === 'data' || part === 'edits') return [{ at, kind: 'changed' }];
      return part === 'state' ? [{ at, kind: 'state' }] : [];
    }),
  ];
  return {
    from,
    nowX,
    marks: marks.filter(({ at }) => at <= now).map((mark) => ({ ...mark, x: place(mark.at) })),
    ends: ends.toSorted((a, b) => a.at - b.at).map((end) => ({ ...end, x: place(end.at) })),
  };
}

/** How a clock stands: nothing runs, it runs, it is about to run out, it has run out. */
export type ClockState = 'none' | 'running' | 'soon' | 'over';
const SOON_MS = 3_600_000;

/** The three clocks of a session, always in this order: cookie, store, what stands in the value. */
export function clockStates({ cookie, store, payload }: Clocks, now: number): readonly ClockState[] {
  const stateOf = (end: number | null | undefined): ClockState => {
    if (end === null || end === undefined) return 'none';
    return end <= now ? 'over' : end - now < SOON_MS ? 'soon' : 'running';
  };
  return [stateOf(cookie.expires), stateOf(store?.cleanupDue), stateOf(payload?.expires)];
}
