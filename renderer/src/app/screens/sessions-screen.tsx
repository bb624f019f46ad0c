import { HomeScreen } from '../../features/home/home-screen.tsx';
import { SessionsList } from '../../features/sessions/sessions-list.tsx';
import { useText } from '../../i18n/index.ts';
import { useAppState } from '../../state/app.ts';
import { isFirstVisit } from '../../state/app-state.ts';
import { Panes } from '../../ui/panes.tsx';
import { Empty } from '../../ui/parts.tsx';
import { Inspector } from '../inspector/inspector.tsx';

/** The list on the left, the selected session on the right. With nothing seen yet it is the first screen. */
export function SessionsScreen() {
  const t = useText();
  const first = useAppState(isFirstVisit);
  const selected = useAppState((state) => state.detail.key !== null);
  if (first) return <HomeScreen />;
  return (
    <Panes
      name="sessions"
      initial={42}
      left={<SessionsList />}
      right={selected ? <Inspector /> : <Empty title={t('sessions.select')} text={t('sessions.select.keys')} />}
    />
  );
}
