import { Columns3 } from 'lucide-react';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { clearLists } from '../../state/session-acts.ts';
import { FLOW_COLUMNS } from '../../state/settings.ts';
import { Menu } from '../../ui/menu.tsx';

/** Which columns the list of flows has, and whether requests of the debugger's own stand in it. */
export function FlowViewMenu() {
  const t = useText();
  const app = useApp();
  const columns = useAppState((state) => state.settings.flowColumns);
  const own = useAppState((state) => state.settings.ownFlows);
  const cleared = useAppState((state) => state.settings.cleared);
  return (
    <Menu
      className="icon-button"
      label={t('flows.columns')}
      testId="flow-columns"
      trigger={<Columns3 size={14} aria-hidden />}
      entries={[
        ...FLOW_COLUMNS.map((one) => ({
          id: `column-${one}`,
          label: t(`flows.col.${one}`),
          checked: columns.includes(one),
          run: () =>
            app.remember({
              flowColumns: FLOW_COLUMNS.filter((other) =>
                other === one ? !columns.includes(one) : columns.includes(other),
              ),
            }),
        })),
        null,
        { id: 'own', label: t('flows.own'), checked: own, testId: 'own-flows', run: () => void app.showOwnFlows(!own) },
        null,
        { id: 'clear', label: t('lists.clear'), run: () => clearLists(app) },
        ...(cleared > 0
          ? [{ id: 'uncleared', label: t('lists.cleared.show'), run: () => app.remember({ cleared: 0 }) }]
          : []),
      ]}
    />
  );
}
