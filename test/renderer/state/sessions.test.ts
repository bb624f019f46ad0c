import { describe, expect, it } from 'vitest';
import type { SessionSummary } from '../../../core/model/session.ts';
import { session } from '../../../renderer/src/fake/fake-data.ts';
import {
  leastRecent,
  noSessions,
  sortedAgain,
  withChanges,
  withOlder,
  withSnapshot,
} from '../../../renderer/src/state/sessions.ts';

const NOW = 1_000_000_000;
const make = (key: string, lastActivity: number): SessionSummary => session(1, NOW, { key, lastActivity });
const start = withSnapshot(noSessions, {
  sessions: [make('a', 10), make('b', 30), make('c', 20)],
  total: 3,
  emptyReason: null,
  filter: '',
  limit: 10,
});

describe('the list of sessions', () => {
  it('orders a snapshot by newest activity', () => {
    expect(start.order).toEqual(['b', 'c', 'a']);
    expect(start.status).toBe('ready');
  });

  it('orders anew on activity when nobody reads', () => {
    const next = withChanges(start, { updated: [make('a', 40)], removed: [] }, { held: false, now: NOW });
    expect(next.order).toEqual(['a', 'b', 'c']);
    expect(next.moved.size).toBe(0);
    expect(next.active.get('a')).toBe(NOW);
  });

  it('keeps the order while held, marks activity and counts what would move', () => {
    const next = withChanges(start, { updated: [make('a', 40)], removed: [] }, { held: true, now: NOW });
    expect(next.order).toEqual(['b', 'c', 'a']);
    expect([...next.moved]).toEqual(['a']);
    expect(next.rows.get('a')?.lastActivity).toBe(40);
    const sorted = sortedAgain(next);
    expect(sorted.order).toEqual(['a', 'b', 'c']);
    expect(sorted.moved.size).toBe(0);
  });

  it('counts nothing as moved when the first row is active again', () => {
    const next = withChanges(start, { updated: [make('b', 50)], removed: [] }, { held: true, now: NOW });
    expect(next.moved.size).toBe(0);
    expect(next.active.has('b')).toBe(true);
  });

  it('lets unknown sessions in at the top while held, and counts them', () => {
    const next = withChanges(start, { updated: [make('d', 60), make('e', 61)], removed: [] }, { held: true, now: NOW });
    expect(next.order).toEqual(['e', 'd', 'b', 'c', 'a']);
    expect(next.total).toBe(5);
  });

  it('removes, and says that a session without new activity is not active', () => {
    const next = withChanges(start, { updated: [make('c', 20)], removed: ['b'] }, { held: true, now: NOW });
    expect(next.order).toEqual(['c', 'a']);
    expect(next.total).toBe(2);
    expect(next.active.has('c')).toBe(false);
  });
});

describe('older sessions by pages', () => {
  const first = withSnapshot(noSessions, {
    sessions: [make('s9', 30), make('s7', 20), make('s5', 20)],
    total: 5,
    emptyReason: null,
    filter: 'x',
    limit: 3,
  });

  it('go behind those that are here, from the last line of the engine on', () => {
    expect(first.complete).toBe(false);
    expect(leastRecent(first)).toEqual({ at: 20, key: 's5' });
    const all = withOlder(first, { sessions: [make('s4', 20), make('s2', 10)], filter: 'x', limit: 3 });
    expect(all.order).toEqual(['s9', 's5', 's7', 's4', 's2'].filter((key) => all.rows.has(key)));
    expect(all.complete).toBe(true);
    expect(leastRecent(all)).toEqual({ at: 10, key: 's2' });
  });

  it('are left aside when the filter is another one by now, and never come twice', () => {
    expect(withOlder(first, { sessions: [make('s4', 20)], filter: 'y', limit: 3 })).toBe(first);
    const again = withOlder(first, { sessions: [make('s5', 20), make('s4', 15)], filter: 'x', limit: 2 });
    expect(again.order.filter((key) => key === 's5')).toHaveLength(1);
    expect(again.complete).toBe(false);
  });
});
