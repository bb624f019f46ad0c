import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batched, later, oneAtATime } from '../../../renderer/src/state/pace.ts';

describe('pace', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('runs once for many calls, and again after the next', () => {
    let runs = 0;
    const call = later(30, () => runs++);
    for (let i = 0; i < 100; i++) call();
    vi.advanceTimersByTime(29);
    expect(runs).toBe(0);
    vi.advanceTimersByTime(1);
    expect(runs).toBe(1);
    call();
    vi.advanceTimersByTime(30);
    expect(runs).toBe(2);
  });

  it('never runs twice at once, and once more for calls meanwhile', async () => {
    const waiting: (() => void)[] = [];
    const call = oneAtATime(10, () => new Promise<void>((resolve) => waiting.push(resolve)));
    call();
    await vi.advanceTimersByTimeAsync(10);
    for (let i = 0; i < 5; i++) {
      call();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(waiting).toHaveLength(1);
    waiting[0]?.();
    await vi.advanceTimersByTimeAsync(20);
    expect(waiting).toHaveLength(2);
    waiting[1]?.();
    await vi.advanceTimersByTimeAsync(100);
    expect(waiting).toHaveLength(2);
  });

  it('hands over together what came together, in order', () => {
    const taken: number[][] = [];
    const put = batched<number>(20, (items) => taken.push([...items]));
    put(1);
    put(2);
    vi.advanceTimersByTime(20);
    put(3);
    vi.advanceTimersByTime(20);
    expect(taken).toEqual([[1, 2], [3]]);
  });
});
