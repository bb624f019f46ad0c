import type { FlowSummary } from '../../../core/model/flow.ts';
import type { FlowColumn, FlowSort } from './settings.ts';

const WIDTH: Readonly<Record<FlowColumn | 'url', string>> = {
  at: '68px',
  status: '46px',
  method: '58px',
  url: 'minmax(96px, 1fr)',
  type: 'minmax(0, 120px)',
  size: '64px',
  time: '70px',
};

/** The columns in view from left to right: the address stands behind the method. */
export function withAddress(columns: readonly FlowColumn[]): readonly (FlowColumn | 'url')[] {
  const behind = columns.findIndex((one) => one === 'type' || one === 'size' || one === 'time');
  const at = behind < 0 ? columns.length : behind;
  return [...columns.slice(0, at), 'url', ...columns.slice(at)];
}

/** The widths of the columns, the same for head and rows. */
export function gridOf(columns: readonly FlowColumn[]): string {
  return withAddress(columns)
    .map((one) => WIDTH[one])
    .join(' ');
}

const VALUE: Readonly<Record<FlowColumn | 'url', (flow: FlowSummary) => number | string>> = {
  at: ({ startedAt }) => startedAt,
  status: ({ status, error }) => status ?? (error === undefined ? 0 : 1_000),
  method: ({ method }) => method,
  url: ({ url }) => url,
  type: ({ contentType }) => contentType ?? '',
  size: ({ responseBytes }) => responseBytes,
  time: ({ startedAt, endedAt }) => (endedAt === undefined ? -1 : endedAt - startedAt),
};

/** The flows by one column; equal ones keep their order, which is the newest first. */
export function sortedFlows(flows: readonly FlowSummary[], sort: FlowSort | null): readonly FlowSummary[] {
  if (sort === null) return flows;
  const value = VALUE[sort.by];
  const way = sort.down ? -1 : 1;
  return flows.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    return x === y ? 0 : (x < y ? -1 : 1) * way;
  });
}
