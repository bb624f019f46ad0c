import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { isFirstVisit } from '../state/app-state.ts';
import { BareButton } from '../ui/button.tsx';
import { screens } from './screens.ts';

export function Rail() {
  const t = useText();
  const app = useApp();
  // Where the first screen stands in the place of an empty list, it is the first screen that is shown.
  const current = useAppState((state) =>
    state.ui.screen === 'sessions' && isFirstVisit(state) ? 'home' : state.ui.screen,
  );
  return (
    <nav className="rail" aria-label={t('nav.label')}>
      {screens.map(({ id, label, Icon }) => (
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
      ))}
    </nav>
  );
}
