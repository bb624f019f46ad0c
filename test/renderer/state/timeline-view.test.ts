import { expect, test } from 'vitest';
import type { Clocks, TimelineEntry } from '../../../core/model/session.ts';
import { clockStates, entriesOf, lifePicture } from '../../../renderer/src/state/timeline-view.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const clocks = (cookie: number | null, store?: number): Clocks => ({
  cookie: { expires: cookie },
  ...(store === undefined ? {} : { store: { lastUsed: null, cleanupDue: store } }),
});
const entries: TimelineEntry[] = [
  { seq: 3, at: NOW - HOUR, kind: 'data-changed', differences: [], snapshot: 's' },
  { seq: 2, at: NOW - 2 * HOUR, kind: 'edited', editId: 'e', what: 'user: alice → bob', undone: false },
  { seq: 1, at: NOW - 4 * HOUR, kind: 'created' },
];

test('the timeline is cut down to a part and a text', () => {
  const seqs = (...args: [Parameters<typeof entriesOf>[1], string]) =>
    entriesOf(entries, ...args).map(({ seq }) => seq);
  expect(seqs('all', '')).toEqual([3, 2, 1]);
  expect(seqs('data', '')).toEqual([3]);
  expect(seqs('all', ' ALICE ')).toEqual([2]);
  expect(seqs('state', 'alice')).toEqual([]);
});

test('the past is even, now has its place, and every clock that runs out is in the picture', () => {
  const input = {
    firstSeen: NOW - 4 * HOUR,
    clocks: clocks(NOW + 24 * HOUR, NOW + HOUR),
    sent: [NOW - 2 * HOUR],
    entries,
  };
  const { from, nowX, marks, ends } = lifePicture(input, NOW);
  expect(from).toBe(NOW - 4 * HOUR);
  const at = (kind: string) => marks.filter((mark) => mark.kind === kind).map(({ x }) => x);
  expect(at('sent')).toEqual([nowX / 2]);
  expect(at('changed')).toEqual([nowX * 0.75, nowX / 2]);
  expect(at('state')).toEqual([0]);
  expect(ends.map(({ clock }) => clock)).toEqual(['store', 'cookie']);
  expect(ends[0]?.x).toBeGreaterThan(nowX);
  expect(ends[0]?.x).toBeLessThan(1);
  expect(ends[1]?.x).toBe(1);
});

test('without a clock that runs, now is at the right; one that ran out lies in the past; a session of this moment has a picture', () => {
  const base = { firstSeen: NOW - 4 * HOUR, sent: [], entries: [] };
  expect(lifePicture({ ...base, clocks: clocks(null) }, NOW)).toMatchObject({ nowX: 1, ends: [] });
  expect(lifePicture({ ...base, clocks: clocks(NOW - 2 * HOUR) }, NOW).ends).toMatchObject([
    { clock: 'cookie', x: 0.5 },
  ]);
  // What ran out before it was first seen is at the edge and not outside.
  expect(lifePicture({ ...base, clocks: clocks(NOW - 9 * HOUR) }, NOW).ends[0]?.x).toBe(0);
  const young = lifePicture({ ...base, firstSeen: NOW, sent: [NOW], clocks: clocks(NOW + 1) }, NOW);
  for (const { x } of [...young.marks, ...young.ends]) expect(x).toBeGreaterThanOrEqual(0);
});

test('each clock says how it stands', () => {
  expect(clockStates(clocks(null), NOW)).toEqual(['none', 'none', 'none']);
  expect(clockStates(clocks(NOW + 60_000, NOW + 2 * HOUR), NOW)).toEqual(['soon', 'running', 'none']);
  expect(clockStates(clocks(NOW, undefined), NOW)).toEqual(['over', 'none', 'none']);
});
