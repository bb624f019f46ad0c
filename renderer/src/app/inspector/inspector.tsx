import { Tabs } from '@base-ui/react/tabs';
import type { ComponentType } from 'react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import { CookieTab } from '../../features/cookie/cookie-tab.tsx';
import { DataTab } from '../../features/data/data-tab.tsx';
import { SessionFlowsTab } from '../../features/flows/session-flows-tab.tsx';
import { LabTab } from '../../features/lab/lab-tab.tsx';
import { TimelineTab } from '../../features/timeline/timeline-tab.tsx';
import { useText } from '../../i18n/index.ts';
import { RawTab } from '../../parts/raw/raw-tab.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { type InspectorTab, inspectorTabs } from '../../state/app-state.ts';
import { Boundary } from '../../ui/boundary.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, ProblemBox } from '../../ui/parts.tsx';
import { InspectorHead } from './inspector-head.tsx';

const PANELS: Record<InspectorTab, ComponentType<{ detail: SessionDetail }>> = {
  data: DataTab,
  cookie: CookieTab,
  timeline: TimelineTab,
  flows: SessionFlowsTab,
  raw: RawTab,
  lab: LabTab,
};

/** One session from every side. */
export function Inspector() {
  const t = useText();
  const app = useApp();
  const { detail, status, problem, key } = useAppState((state) => state.detail);
  const tab = useAppState((state) => state.ui.tab);
  if (problem !== null && detail === null) {
    return (
      <div className="section">
        <ProblemBox problem={problem}>
          <div>
            <Button onClick={() => void app.refreshDetail()}>{t('common.retry')}</Button>
          </div>
        </ProblemBox>
      </div>
    );
  }
  if (status === 'missing') return <Empty title={t('inspector.gone')} />;
  if (detail === null) return <p className="empty muted">{t('common.loading')}</p>;
  const Panel = PANELS[tab];
  return (
    <section className="pane" aria-label={t('inspector.label')} data-testid="inspector" data-session={key}>
      <InspectorHead detail={detail} />
      <Tabs.Root className="tabs" value={tab} onValueChange={(next: InspectorTab) => app.ui({ tab: next })}>
        <Tabs.List className="tab-list" aria-label={t('inspector.tabs')} activateOnFocus>
          {inspectorTabs.map((one) => (
            <Tabs.Tab key={one} value={one} className="tab" data-testid={`tab-${one}`}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} className="tab-panel" key={tab} tabIndex={-1}>
          <Boundary key={`${key}-${tab}`}>
            <Panel detail={detail} />
          </Boundary>
        </Tabs.Panel>
      </Tabs.Root>
    </section>
  );
}
