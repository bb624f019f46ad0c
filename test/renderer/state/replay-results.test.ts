import { describe, expect, it } from 'vitest';
import type { FlowSummary } from '../../../core/model/flow.ts';
import { groupReplays } from '../../../renderer/src/state/replay-results.ts';

const flow = (id: string, more: Partial<FlowSummary>): FlowSummary => ({
  id,
  startedAt: 1_000,
  method: 'GET',
  url: 'http://shop.test/',
  requestBytes: 0,
  responseBytes: 10,
  kind: 'http',
  sessions: [],
  ...more,
});

describe('groupReplays', () => {
  it('gathers answers that are alike, says which are as recorded, and how long they took', () => {
    const groups = groupReplays({ status: 200, size: 10 }, [
      flow('a', { status: 409, responseBytes: 3, endedAt: 1_009 }),
      flow('b', { status: 200, endedAt: 1_030 }),
      flow('c', { status: 200, endedAt: 1_010 }),
      flow('d', { status: 200, endedAt: 1_020 }),
      flow('e', { error: 'refused', responseBytes: 0 }),
      flow('f', { status: 200, responseBytes: 11, endedAt: 1_001 }),
    ]);
    expect(groups.map(({ example, count, status, asRecorded }) => [example, count, status, asRecorded])).toEqual([
      ['b', 3, 200, true],
      ['a', 1, 409, false],
      ['e', 1, undefined, false],
      ['f', 1, 200, false],
    ]);
    expect(groups[0]).toMatchObject({ fastest: 10, median: 20, slowest: 30 });
    expect(groups[2]).toMatchObject({ fastest: null, median: null, slowest: null, error: 'refused' });
  });

  it('takes no failure for the recorded answer', () => {
    const [one] = groupReplays({ status: undefined, size: 0 }, [flow('a', { error: 'refused', responseBytes: 0 })]);
    expect(one?.asRecorded).toBe(false);
    expect(groupReplays({ status: 200, size: 0 }, [])).toEqual([]);
  });
});
