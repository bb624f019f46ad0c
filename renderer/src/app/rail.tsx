import { Bookmark } from 'lucide-react';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { isFirstVisit } from '../state/app-state.ts';
import { BareButton } from '../ui/button.tsx';
import { screens } from './screens.ts';

const SCREENS_ABOVE = screens.filter(({ id }) => id !== 'settings');
const SCREENS_BELOW = screens.filter(({ id }) => id === 'settings');

export function Rail() {
  const t = useText();
  const app = useApp();
  // Where the first screen stands in the place of an empty list, it is the first screen that is shown.
  const current = useAppState((state) =>
    state.ui.screen === 'sessions' && isFirstVisit(state) ? 'home' : state.ui.screen,
  );
  const entry = ({ id, label, Icon }: (typeof screens)[number]) => (
    <BareButton
      key={id}
      className={id === 'settings' ? 'push' : ''}
      aria-current={current === id ? 'page' : undefined}
      data-testid={`nav-${id}`}
      onClick={() => app.go(id)}
    >
      <Icon size={17} aria-hidden />
      {t(label)}
    </BareButton>
  );
  return (
    <nav className="rail" aria-label={t('nav.label')}>
      {SCREENS_ABOVE.map(entry)}
      <SavedViews />
      {SCREENS_BELOW.map(entry)}
    </nav>
  );
}

/** Views in the rail: more are in the menu of the filter. */
const MOST_VIEWS = 5;

/** The filters that the user keeps, one press away on every screen. */
function SavedViews() {
  const t = useText();
  const app = useApp();
  const views = useAppState((state) => state.settings.views);
  const current = useAppState((state) => state.sessions.filter.trim());
  if (views.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons, not a form section
    <div className="rail-views" role="group" aria-label={t('views.rail')} data-testid="rail-views">
      {views.slice(0, MOST_VIEWS).map((view) => (
        <BareButton
          key={view}
          title={view}
          aria-pressed={view === current}
          onClick={() => {
            app.go('sessions');
            void app.filterSessions(view === current ? '' : view);
          }}
        >
          <Bookmark size={14} aria-hidden />
          <span className="cut">{view}</span>
        </BareButton>
      ))}
    </div>
  );
}
