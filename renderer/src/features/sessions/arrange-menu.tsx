import { ArrowUpDown } from 'lucide-react';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { clearLists } from '../../state/session-acts.ts';
import { GROUPINGS, SORTINGS } from '../../state/settings.ts';
import { Menu } from '../../ui/menu.tsx';

/** How the list of sessions is sorted and grouped, and what is out of sight. */
export function ArrangeMenu({
  hidden,
  showHidden,
  onShowHidden,
}: {
  hidden: number;
  showHidden: boolean;
  onShowHidden: (show: boolean) => void;
}) {
  const t = useText();
  const app = useApp();
  const grouping = useAppState((state) => state.settings.grouping);
  const sorting = useAppState((state) => state.settings.sorting);
  return (
    <Menu
      className="icon-button"
      label={t('sessions.arrange')}
      testId="sessions-arrange"
      trigger={<ArrowUpDown size={14} aria-hidden />}
      entries={[
        ...SORTINGS.map((one) => ({
          id: `sort-${one}`,
          label: t(`sessions.sort.by.${one}`),
          checked: sorting === one,
          run: () => app.remember({ sorting: one }),
        })),
        null,
        ...GROUPINGS.map((one) => ({
          id: `group-${one}`,
          label: t(`sessions.group.by.${one}`),
          checked: grouping === one,
          run: () => app.remember({ grouping: one }),
        })),
        null,
        ...(hidden > 0 || showHidden
          ? [
              {
                id: 'show-hidden',
                label: t('sessions.showHidden'),
                checked: showHidden,
                run: () => onShowHidden(!showHidden),
              },
            ]
          : []),
        { id: 'clear', label: t('lists.clear'), run: () => clearLists(app) },
      ]}
    />
  );
}
