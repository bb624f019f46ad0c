import {
  Database,
  FlaskConical,
  Globe,
  House,
  KeyRound,
  Layers,
  ListTree,
  Settings as SettingsIcon,
} from 'lucide-react';
import type { TextKey } from '../i18n/en.ts';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { isFirstVisit, type Screen } from '../state/app-state.ts';
import { BareButton } from '../ui/button.tsx';

export const screens: readonly { id: Screen; label: TextKey; Icon: typeof House }[] = [
  { id: 'home', label: 'nav.home', Icon: House },
  { id: 'sessions', label: 'nav.sessions', Icon: Layers },
  { id: 'flows', label: 'nav.flows', Icon: ListTree },
  { id: 'stores', label: 'nav.stores', Icon: Database },
  { id: 'lab', label: 'nav.lab', Icon: FlaskConical },
  { id: 'values', label: 'nav.values', Icon: KeyRound },
  { id: 'browsers', label: 'nav.browsers', Icon: Globe },
  { id: 'settings', label: 'nav.settings', Icon: SettingsIcon },
];

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
