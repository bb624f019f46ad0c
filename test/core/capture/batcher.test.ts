import { describe, expect, it } from 'vitest';
import { createBatcher, type Timers } from '../../../core/capture/batcher.ts';

/** Timers that fire when the test says so. */
function handTimers(): Timers & { fire(): void; readonly delays: number[] } {
  let waiting: (() => void) | undefined;
  const delays: number[] = [];
  return {
    delays,
    set(callback, ms) {
      waiting = callback;
      delays.push(ms);
      return callback;
    },
    clear() {
      waiting = undefined;
    },
    fire() {
      const callback = waiting;
      waiting = undefined;
      callback?.();
    },
  };
}

describe('createBatcher', () => {
  it('gathers what comes within one interval into one batch', () => {
    const timers = handTimers();
    const batches: number[][] = [];
    const batcher = createBatcher<number>({ timers, deliver: (items) => void batches.push([...items]) });
    for (const n of [1, 2, 3]) batcher.push(n);
    expect(batches).toEqual([]);
    timers.fire();
    batcher.push(4);
    timers.fire();
    timers.fire();
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(timers.delays).toEqual([50, 50]);
  });

  it('keeps the newest state of each key, in the order of arrival', () => {
    const timers = handTimers();
    const batches: string[][] = [];
    const batcher = createBatcher<string>({
      timers,
      keyOf: (item) => item.slice(0, 1),
      deliver: (items) => void batches.push([...items]),
    });
    for (const item of ['a1', 'b1', 'a2', 'c1', 'b2']) batcher.push(item);
    timers.fire();
    expect(batches).toEqual([['a2', 'b2', 'c1']]);
  });

  it('drops the oldest beyond its capacity, and says how many', () => {
    const timers = handTimers();
    const seen: unknown[] = [];
    const batcher = createBatcher<number>({
      timers,
      capacity: 3,
      deliver: (items, dropped) => void seen.push([...items, dropped]),
    });
    for (let n = 1; n <= 10; n += 1) batcher.push(n);
    timers.fire();
    batcher.push(11);
    timers.fire();
    expect(seen).toEqual([
      [8, 9, 10, 7],
      [11, 0],
    ]);
    expect(batcher.dropped).toBe(7);
  });

  it('gives a slow consumer larger batches, never two at once', async () => {
    const timers = handTimers();
    const batches: number[][] = [];
    let release = (): void => undefined;
    const batcher = createBatcher<number>({
      timers,
      deliver(items) {
        batches.push([...items]);
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    });
    batcher.push(1);
    timers.fire();
    for (const n of [2, 3]) batcher.push(n);
    timers.fire();
    expect(batches).toEqual([[1]]);
    const flushed = batcher.flush();
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([[1], [2, 3]]);
    release();
    await flushed;
  });

  it('survives a consumer that throws, and takes nothing after the end', () => {
    const timers = handTimers();
    let calls = 0;
    const batcher = createBatcher<number>({
      timers,
      deliver() {
        calls += 1;
        throw new Error('broken');
      },
    });
    batcher.push(1);
    timers.fire();
    batcher.push(2);
    timers.fire();
    expect(calls).toBe(2);
    batcher.close();
    batcher.push(3);
    timers.fire();
    expect(calls).toBe(2);
  });
});
