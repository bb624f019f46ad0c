import { HomeScreen } from '../../features/home/home-screen.tsx';
import { SessionsList } from '../../features/sessions/sessions-list.tsx';
import { useText } from '../../i18n/index.ts';
import { useAppState } from '../../state/app.ts';
import { Panes } from '../../ui/panes.tsx';
import { Empty } from '../../ui/parts.tsx';
import { Inspector } from '../inspector/inspector.tsx';

/** The list on the left, the selected session on the right. With nothing seen yet it is the first screen. */
export function SessionsScreen() {
  const t = useText();
  const nothing = useAppState(
    ({ sessions, detail }) =>
      sessions.status === 'ready' && sessions.total === 0 && sessions.filter.trim() === '' && detail.key === null,
  );
  const fresh = useAppState((state) => state.browsers.running.length === 0 && state.practice === null);
  const selected = useAppState((state) => state.detail.key !== null);
  const quiet = useAppState((state) => state.flows.total === 0 && state.stores.length === 0);
  if (nothing && fresh && quiet) return <HomeScreen />;
  return (
    <Panes
      name="sessions"
      initial={42}
      left={<SessionsList />}
      right={selected ? <Inspector /> : <Empty title={t('sessions.select')} text={t('sessions.select.keys')} />}
    />
  );
}
