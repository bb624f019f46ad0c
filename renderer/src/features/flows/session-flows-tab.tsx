import type { SessionDetail } from '../../../../core/model/app.ts';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { isOwnFlow } from '../../state/flows.ts';
import { Empty } from '../../ui/parts.tsx';
import { FlowDetailView } from './flow-detail.tsx';
import { FlowList } from './flow-list.tsx';

/** The flows that carried the session: the list above, the chosen one below. */
export function SessionFlowsTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const selected = useAppState((state) => state.ui.flowId);
  const own = selected !== null;
  const ownFlows = useAppState((state) => state.settings.ownFlows);
  const flows = ownFlows ? detail.flows : detail.flows.filter((flow) => !isOwnFlow(flow));
  if (flows.length === 0) return <Empty title={t('flows.empty.title')} text={t('flows.empty.text')} />;
  return (
    <>
      <div className={own ? 'flow-split' : 'flow-split whole'}>
        <FlowList flows={flows} selected={selected} onSelect={(id) => app.ui({ flowId: id })} showHost={false} />
      </div>
      {own && <FlowDetailView id={selected} key={selected} />}
    </>
  );
}
