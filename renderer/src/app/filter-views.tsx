import { Bookmark, BookmarkCheck } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { Menu, type MenuEntry } from '../ui/menu.tsx';

/** Filters in the menu that were used and are not kept. */
const MOST_USED = 8;

/** The filters that the user keeps, and those used last. `onTake` puts one into the field. */
export function FilterViews({ filter, onTake }: { filter: string; onTake: (filter: string) => void }) {
  const t = useText();
  const app = useApp();
  const views = useAppState((state) => state.settings.views);
  const used = useAppState((state) => state.settings.usedFilters);
  const wanted = filter.trim();
  const isKept = views.includes(wanted);
  const entry = (kind: string, text: string, index: number): MenuEntry => ({
    id: `${kind}-${index}`,
    label: text,
    run: () => onTake(text),
  });
  const recent = used.filter((one) => !views.includes(one)).slice(0, MOST_USED);
  const entries: (MenuEntry | null)[] = [
    {
      id: 'view-keep',
      label: isKept ? t('views.remove') : t('views.keep'),
      disabled: wanted === '',
      run: () => app.remember({ views: isKept ? views.filter((one) => one !== wanted) : [...views, wanted] }),
    },
    ...(views.length === 0 ? [] : [null, ...views.map((one, i) => entry('view', one, i))]),
    ...(recent.length === 0 ? [] : [null, ...recent.map((one, i) => entry('used', one, i))]),
  ];
  return (
    <Menu
      className="icon-button"
      label={t('views.title')}
      testId="filter-views"
      trigger={isKept ? <BookmarkCheck size={14} aria-hidden /> : <Bookmark size={14} aria-hidden />}
      entries={entries}
    />
  );
}
