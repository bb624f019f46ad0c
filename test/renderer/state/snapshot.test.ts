import { describe, expect, it } from 'vitest';
import { Snapshot } from '../../../renderer/src/state/snapshot.ts';

/** A source whose answers come when the test says so. */
function source() {
  const waiting: { resolve(value: string): void; reject(error: Error): void }[] = [];
  const seen: string[] = [];
  const snapshot = new Snapshot<string, string>({
    fetch: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    onSnapshot: (value) => seen.push(`snapshot ${value}`),
    onUpdate: (value) => seen.push(`update ${value}`),
    onError: (error) => seen.push(`error ${(error as Error).message}`),
  });
  return { waiting, seen, snapshot };
}

describe('a copy kept in step', () => {
  it('queues updates until the snapshot is here, then applies them in order', async () => {
    const { waiting, seen, snapshot } = source();
    const done = snapshot.refresh();
    snapshot.update('1');
    snapshot.update('2');
    expect(seen).toEqual([]);
    waiting[0]?.resolve('A');
    await done;
    snapshot.update('3');
    expect(seen).toEqual(['snapshot A', 'update 1', 'update 2', 'update 3']);
  });

  it('drops the older answer after a reset, whichever comes first', async () => {
    const { waiting, seen, snapshot } = source();
    const first = snapshot.refresh();
    snapshot.update('1');
    const second = snapshot.refresh();
    waiting[1]?.resolve('B');
    await second;
    waiting[0]?.resolve('A');
    await first;
    expect(seen).toEqual(['snapshot B', 'update 1']);
  });

  it('goes on with updates after a failure and says what failed', async () => {
    const { waiting, seen, snapshot } = source();
    const done = snapshot.refresh();
    snapshot.update('1');
    waiting[0]?.reject(new Error('gone'));
    await done;
    expect(seen).toEqual(['error gone', 'update 1']);
  });
});
