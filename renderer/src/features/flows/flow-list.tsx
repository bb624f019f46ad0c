import { memo, useMemo, useState } from 'react';
import type { FlowSummary } from '../../../../core/model/flow.ts';
import { visible } from '../../../../core/model/visible.ts';
import { bytes, clockTime, urlParts } from '../../format.ts';
import type { TextKey } from '../../i18n/en.ts';
import { useText } from '../../i18n/index.ts';
import { useAppState } from '../../state/app.ts';
import { gridOf, sortedFlows, withAddress } from '../../state/flow-columns.ts';
import type { FlowColumn, FlowSort } from '../../state/settings.ts';
import { MiddleCut } from '../../ui/parts.tsx';
import { VirtualList } from '../../ui/virtual-list.tsx';
import { FlowHead } from './flow-head.tsx';
import { useFlowMenu } from './use-flow-menu.tsx';

const ROW = 28;

/** Flows as a table, newest first. */
export function FlowList({
  flows: newest,
  selected,
  onSelect,
  onNearEnd,
  showHost,
}: {
  flows: readonly FlowSummary[];
  selected: string | null;
  onSelect: (id: string) => void;
  onNearEnd?: () => void;
  showHost: boolean;
}) {
  const t = useText();
  const menuOf = useFlowMenu();
  const columns = useAppState((state) => state.settings.flowColumns);
  const [sort, setSort] = useState<FlowSort | null>(null);
  const flows = useMemo(() => sortedFlows(newest, sort), [newest, sort]);
  const [selection, setSelection] = useState<ReadonlySet<string | number>>(new Set());
  const actedOn = (index: number): readonly FlowSummary[] => {
    const flow = flows[index];
    if (flow === undefined) return [];
    return selection.has(flow.id) ? flows.filter(({ id }) => selection.has(id)) : [flow];
  };
  return (
    <>
      <FlowHead columns={columns} sort={sort} onSort={setSort} />
      <VirtualList
        role="listbox"
        label={t('flows.list')}
        testId="flows"
        count={flows.length}
        rowHeight={ROW}
        active={flows.findIndex((flow) => flow.id === selected)}
        onActive={(index) => {
          const flow = flows[index];
          if (flow !== undefined) onSelect(flow.id);
        }}
        {...(onNearEnd === undefined ? {} : { onNearEnd })}
        selection={selection}
        onSelection={setSelection}
        menu={(index) => menuOf(actedOn(index), onSelect)}
        rowKey={(index) => flows[index]?.id ?? index}
        rowProps={(index) => ({ 'data-testid': 'flow-row', 'data-flow': flows[index]?.id })}
        row={(index) => {
          const flow = flows[index];
          return flow === undefined ? null : <FlowRow flow={flow} showHost={showHost} columns={columns} />;
        }}
      />
    </>
  );
}

const FlowRow = memo(function FlowRow({
  flow,
  showHost,
  columns,
}: {
  flow: FlowSummary;
  showHost: boolean;
  columns: readonly FlowColumn[];
}) {
  const t = useText();
  const { host, rest } = urlParts(flow.url);
  return (
    <div className="flow-row" style={{ gridTemplateColumns: gridOf(columns) }}>
      {withAddress(columns).map((column) =>
        column === 'url' ? (
          <span key={column} className="address" title={visible(flow.url)}>
            {showHost && <MiddleCut text={host} className="muted" />}
            <span className="cut">{rest}</span>
            {flow.origin !== undefined && <span className="tag flow-tag">{t(originWord(flow.origin))}</span>}
            {flow.editedBy !== undefined && flow.editedBy.length > 0 && (
              <span className="tag flow-tag" title={t('flows.edited', { rules: flow.editedBy.join(', ') })}>
                <span aria-hidden>✎</span>
                <span className="sr">{t('flows.edited', { rules: flow.editedBy.join(', ') })}</span>
              </span>
            )}
          </span>
        ) : (
          <FlowCell key={column} flow={flow} column={column} />
        ),
      )}
    </div>
  );
});

function FlowCell({ flow, column }: { flow: FlowSummary; column: FlowColumn }) {
  const t = useText();
  switch (column) {
    case 'at':
      return <span className="muted">{clockTime(flow.startedAt)}</span>;
    case 'status':
      return <StatusCode flow={flow} />;
    case 'method':
      return <span className="mono cut">{visible(flow.method)}</span>;
    case 'type':
      return <span className="muted cut">{visible(flow.contentType?.split(';')[0] ?? '')}</span>;
    case 'size':
      return <span className="num muted">{bytes(flow.responseBytes)}</span>;
    case 'time':
      return (
        <span className="num muted">
          {flow.endedAt === undefined ? '' : t('time.ms', { n: Math.round(flow.endedAt - flow.startedAt) })}
        </span>
      );
  }
}

/** Where a flow came from that no browser sent. */
function originWord({ experiment, imported }: NonNullable<FlowSummary['origin']>): TextKey {
  if (experiment !== undefined) return 'flows.experiment';
  return imported === undefined ? 'flows.replayOf' : 'flows.imported';
}

export function StatusCode({ flow }: { flow: Pick<FlowSummary, 'status' | 'error'> }) {
  const { status, error } = flow;
  const tone = error !== undefined || (status ?? 0) >= 500 ? 'bad' : (status ?? 0) >= 400 ? 'warn' : '';
  return (
    <span className={`status-code ${tone}`} title={error === undefined ? undefined : visible(error)}>
      {status ?? (error === undefined ? '…' : '✕')}
    </span>
  );
}
