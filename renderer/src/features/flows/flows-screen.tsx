import { useCallback, useMemo } from 'react';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Panes } from '../../ui/panes.tsx';
import { Empty, ProblemBox } from '../../ui/parts.tsx';
import { FlowDetailView } from './flow-detail.tsx';
import { FlowList } from './flow-list.tsx';
import { FlowViewMenu } from './flow-view-menu.tsx';
import { HarTools } from './har-tools.tsx';

export function FlowsScreen() {
  const t = useText();
  const app = useApp();
  const flows = useAppState((state) => state.flows);
  const selected = useAppState((state) => state.ui.flowId);
  const older = useCallback(() => void app.olderFlows().catch((error) => app.fail(error)), [app]);
  const filtered = flows.filter.trim() !== '';
  const cleared = useAppState((state) => state.settings.cleared);
  const rows = useMemo(() => flows.rows.filter(({ startedAt }) => startedAt > cleared), [flows.rows, cleared]);
  return (
    <Panes
      name="flows"
      initial={52}
      left={
        <section className="pane" aria-label={t('flows.title')}>
          <div className="pane-head">
            <h2 className="grow">{t('flows.title')}</h2>
            <span className="muted" {...(filtered ? { role: 'status' } : {})}>
              {t(flows.about ? 'flows.about' : 'flows.count', { count: flows.total })}
            </span>
            <HarTools />
            <FlowViewMenu />
          </div>
          {flows.problem?.kind === 'filter' ? (
            <Empty title={t('filter.unreadable')} text={t('filter.unreadable.text')}>
              <Button onClick={() => void app.filterFlows('')}>{t('top.filter.clear')}</Button>
            </Empty>
          ) : flows.problem !== null ? (
            <div className="section">
              <ProblemBox problem={flows.problem}>
                <div>
                  <Button onClick={() => void app.listFlows(flows.filter)}>{t('common.retry')}</Button>
                </div>
              </ProblemBox>
            </div>
          ) : flows.rows.length === 0 && flows.status === 'ready' ? (
            <Empty
              title={filtered ? t('flows.empty.filtered') : t('flows.empty.title')}
              {...(filtered ? {} : { text: t('flows.empty.text') })}
            >
              {filtered ? (
                <Button onClick={() => void app.filterFlows('')}>{t('top.filter.clear')}</Button>
              ) : (
                <Button onClick={() => app.go('home')}>{t('home.browser')}</Button>
              )}
            </Empty>
          ) : rows.length === 0 && flows.rows.length > 0 ? (
            <Empty title={t('lists.cleared')} text={t('lists.cleared.more')}>
              <Button data-testid="flows-uncleared" onClick={() => app.remember({ cleared: 0 })}>
                {t('lists.cleared.show')}
              </Button>
            </Empty>
          ) : (
            <FlowList
              flows={rows}
              selected={selected}
              onSelect={(id) => app.ui({ flowId: id })}
              {...(rows.length < flows.rows.length ? {} : { onNearEnd: older })}
              showHost
            />
          )}
        </section>
      }
      right={selected === null ? <Empty title={t('flows.select')} /> : <FlowDetailView id={selected} key={selected} />}
    />
  );
}
