import { memo, useState } from 'react';
import type { FlowSummary } from '../../../../core/model/flow.ts';
import { visible } from '../../../../core/model/visible.ts';
import { bytes, clockTime, urlParts } from '../../format.ts';
import type { TextKey } from '../../i18n/en.ts';
import { useText } from '../../i18n/index.ts';
import { VirtualList } from '../../ui/virtual-list.tsx';
import { useFlowMenu } from './use-flow-menu.tsx';

const ROW = 28;

/** Flows as a table, newest first. */
export function FlowList({
  flows,
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
  const [selection, setSelection] = useState<ReadonlySet<string | number>>(new Set());
  const actedOn = (index: number): readonly FlowSummary[] => {
    const flow = flows[index];
    if (flow === undefined) return [];
    return selection.has(flow.id) ? flows.filter(({ id }) => selection.has(id)) : [flow];
  };
  return (
    <>
      <div className="flow-head" aria-hidden>
        <span>{t('flows.col.at')}</span>
        <span>{t('flows.col.status')}</span>
        <span>{t('flows.col.method')}</span>
        <span>{t('flows.col.url')}</span>
        <span className="num">{t('flows.col.size')}</span>
        <span className="num">{t('flows.col.time')}</span>
      </div>
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
          return flow === undefined ? null : <FlowRow flow={flow} showHost={showHost} />;
        }}
      />
    </>
  );
}

const FlowRow = memo(function FlowRow({ flow, showHost }: { flow: FlowSummary; showHost: boolean }) {
  const t = useText();
  const { host, rest } = urlParts(flow.url);
  return (
    <div className="flow-row">
      <span className="muted">{clockTime(flow.startedAt)}</span>
      <StatusCode flow={flow} />
      <span className="mono">{visible(flow.method)}</span>
      <span className="cut" title={visible(flow.url)}>
        {showHost && <span className="muted">{host}</span>}
        {rest}
        {flow.origin !== undefined && <span className="tag flow-tag">{t(originWord(flow.origin))}</span>}
        {flow.editedBy !== undefined && flow.editedBy.length > 0 && (
          <span className="tag flow-tag" title={t('flows.edited', { rules: flow.editedBy.join(', ') })}>
            <span aria-hidden>✎</span>
            <span className="sr">{t('flows.edited', { rules: flow.editedBy.join(', ') })}</span>
          </span>
        )}
      </span>
      <span className="num muted">{bytes(flow.responseBytes)}</span>
      <span className="num muted">
        {flow.endedAt === undefined ? '' : `${Math.round(flow.endedAt - flow.startedAt)} ms`}
      </span>
    </div>
  );
});

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
