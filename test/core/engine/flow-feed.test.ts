import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FlowFeed } from '../../../core/engine/flow-feed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('names what has changed once, the newest last, and says when there is more than it names', () => {
  const told: [ids: readonly string[], more: boolean][] = [];
  const feed = new FlowFeed((ids, more) => told.push([ids, more]));
  for (const id of ['a', 'b', 'a']) feed.add(id);
  vi.advanceTimersByTime(60);
  expect(told).toEqual([[['b', 'a'], false]]);
  for (let i = 0; i < 250; i += 1) feed.add(`f${i}`);
  vi.advanceTimersByTime(60);
  expect(told[1]?.[0]).toHaveLength(100);
  expect(told[1]?.[0].at(-1)).toBe('f249');
  expect(told[1]?.[1]).toBe(true);
  feed.add('late');
  feed.close();
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(2);
});
