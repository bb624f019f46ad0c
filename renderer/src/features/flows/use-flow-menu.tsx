import type { FlowSummary } from '../../../../core/model/flow.ts';
import { urlParts } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { COPY_FORMS, copyRequest, saveHar } from '../../state/flow-acts.ts';
import type { MenuEntry } from '../../ui/menu.tsx';

/** The menu of a flow's row, and of several that are selected. */
export function useFlowMenu() {
  const t = useText();
  const app = useApp();
  return (flows: readonly FlowSummary[], onSelect: (id: string) => void): readonly (MenuEntry | null)[] => {
    const [first] = flows;
    if (first === undefined) return [];
    const har: MenuEntry = {
      id: 'har',
      label: t('flows.menu.har', { count: flows.length }),
      run: () => void saveHar(app, { ids: flows.map(({ id }) => id) }),
    };
    if (flows.length > 1) return [har];
    const { host } = urlParts(first.url);
    const [session] = first.sessions;
    return [
      { id: 'open', label: t('flows.menu.open'), keys: 'Enter', run: () => onSelect(first.id) },
      ...(session === undefined
        ? []
        : [{ id: 'session', label: t('flows.menu.session'), run: () => app.select(session, 'timeline') }]),
      {
        id: 'host',
        label: t('sessions.menu.host', { host }),
        run: () => {
          app.go('flows');
          void app.filterFlows(`host=${host}`);
        },
      },
      null,
      { id: 'copy-url', label: t('flows.menu.url'), run: () => void app.copy(first.url) },
      ...COPY_FORMS.map((form) => ({
        id: `copy-${form}`,
        label: t(`flows.menu.copy.${form}`),
        run: () => void copyRequest(app, first.id, form),
      })),
      null,
      har,
    ];
  };
}
