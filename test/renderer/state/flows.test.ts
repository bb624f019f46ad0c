import { describe, expect, it } from 'vitest';
import { flow } from '../../../renderer/src/fake/fake-data.ts';
import { MAX_FLOW_ROWS, noFlows, withFlowChanges, withFlowPage } from '../../../renderer/src/state/flows.ts';

const NOW = 1_000_000_000_000;
const flows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => flow(from + i, NOW));
const first = withFlowPage(noFlows, { flows: flows(0, 3), total: 7, filter: '', limit: 3 });

describe('the list of flows', () => {
  it('takes pages in order and knows when it has all', () => {
    expect(first.complete).toBe(false);
    const second = withFlowPage(first, { flows: flows(3, 6), total: 7, filter: '', limit: 3, before: 'f2' });
    const third = withFlowPage(second, { flows: flows(6, 7), total: 7, filter: '', limit: 3, before: 'f5' });
    expect(third.rows.map((one) => one.id)).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6']);
    expect(third.complete).toBe(true);
  });

  it('drops a page that was asked for under another filter or end', () => {
    expect(withFlowPage(first, { flows: flows(3, 6), total: 7, filter: 'x', limit: 3, before: 'f2' })).toBe(first);
    expect(withFlowPage(first, { flows: flows(3, 6), total: 7, filter: '', limit: 3, before: 'f1' })).toBe(first);
  });

  it('puts new flows on top and replaces known ones in place', () => {
    const fresh = flow(1, NOW, { id: 'new', startedAt: NOW + 5 });
    const next = withFlowChanges(first, [flow(1, NOW, { status: 204 }), fresh]);
    expect(next.rows.map((one) => one.id)).toEqual(['new', 'f0', 'f1', 'f2']);
    expect(next.rows[2]?.status).toBe(204);
    expect(next.total).toBe(8);
  });

  it('does not take an old flow below the loaded part for a new one', () => {
    expect(withFlowChanges(first, [flow(6, NOW)]).rows).toHaveLength(3);
  });

  it(`holds ${MAX_FLOW_ROWS} rows at most`, () => {
    const many = Array.from({ length: MAX_FLOW_ROWS + 10 }, (_, i) =>
      flow(i, NOW, { id: `n${i}`, startedAt: NOW + i + 1 }),
    );
    const next = withFlowChanges({ ...first, complete: true }, many);
    expect(next.rows).toHaveLength(MAX_FLOW_ROWS);
    expect(next.complete).toBe(false);
    expect(next.rows[0]?.id).toBe(`n${MAX_FLOW_ROWS + 9}`);
  });
});
