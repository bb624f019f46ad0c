import { BrowsersScreen } from '../features/browsers/browsers-screen.tsx';
import { FlowsScreen } from '../features/flows/flows-screen.tsx';
import { HomeScreen } from '../features/home/home-screen.tsx';
import { HeldMessages } from '../features/proxy/held-messages.tsx';
import { SessionDialogs } from '../features/sessions/session-dialogs.tsx';
import { StoresScreen } from '../features/stores/stores-screen.tsx';
import { ValuesScreen } from '../features/values/values-screen.tsx';
import { useText } from '../i18n/index.ts';
import { useAppState } from '../state/app.ts';
import { Boundary } from '../ui/boundary.tsx';
import { Button } from '../ui/button.tsx';
import { AgentsDialog } from './agents.tsx';
import { DropTarget } from './drop-target.tsx';
import { Help } from './help.tsx';
import { useApplicationMenu } from './menu-acts.ts';
import { Notices } from './notices.tsx';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { LabScreen } from './screens/lab-screen.tsx';
import { SessionsScreen } from './screens/sessions-screen.tsx';
import { SettingsScreen } from './screens/settings-screen.tsx';
import { useShortcuts } from './shortcuts.ts';
import { TopBar } from './top-bar.tsx';

const SCREENS = {
  home: HomeScreen,
  sessions: SessionsScreen,
  flows: FlowsScreen,
  stores: StoresScreen,
  lab: LabScreen,
  values: ValuesScreen,
  browsers: BrowsersScreen,
  settings: SettingsScreen,
};

export function Shell({ retry }: { retry: () => void }) {
  const t = useText();
  const screen = useAppState((state) => state.ui.screen);
  const lost = useAppState((state) => state.connection === 'lost');
  useShortcuts();
  useApplicationMenu();
  const Screen = SCREENS[screen];
  return (
    <>
      <a className="skip button" href="#main">
        {t('app.skip')}
      </a>
      <div className="shell">
        <TopBar />
        <Rail />
        <main className="main" id="main" tabIndex={-1}>
          {lost && (
            <div className="bar-notice" role="alert" data-testid="engine-lost">
              <span className="grow">{t('connect.lost.bar')}</span>
              <Button small onClick={retry}>
                {t('connect.retry')}
              </Button>
            </div>
          )}
          <HeldMessages />
          <Boundary key={screen}>
            <Screen />
          </Boundary>
        </main>
      </div>
      <DropTarget />
      <Notices />
      <SessionDialogs />
      <Palette />
      <Help />
      <AgentsDialog />
    </>
  );
}
