import { useApp, useAppState } from '../../state/app.ts';
import { KillDialog } from './kill-dialog.tsx';
import { NameDialog } from './name-dialog.tsx';

/** What is asked before sessions are killed or named, wherever that was called for. */
export function SessionDialogs() {
  const app = useApp();
  const ask = useAppState((state) => state.ui.ask);
  const close = () => app.ui({ ask: null });
  return (
    <>
      <KillDialog keys={ask?.what === 'kill' ? ask.keys : null} onClose={close} />
      <NameDialog sessionKey={ask?.what === 'name' ? (ask.keys[0] ?? null) : null} onClose={close} />
    </>
  );
}
