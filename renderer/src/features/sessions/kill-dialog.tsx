import { useRef } from 'react';
import { visible } from '../../../../core/model/visible.ts';
import { shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { killSessions } from '../../state/session-acts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

const MOST_NAMED = 8;

/** Asks before the records of sessions are removed, and names them. */
export function KillDialog({ keys, onClose }: { keys: readonly string[] | null; onClose: () => void }) {
  const t = useText();
  const app = useApp();
  const confirm = useRef<HTMLButtonElement>(null);
  const count = keys?.length ?? 0;
  return (
    <Dialog
      open={keys !== null}
      onClose={onClose}
      title={t('sessions.kill.title', { count })}
      description={t('sessions.kill.text')}
      testId="kill-dialog"
      initialFocus={confirm}
      foot={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            ref={confirm}
            variant="danger"
            data-testid="kill-dialog-confirm"
            onClick={() => {
              onClose();
              void killSessions(app, keys ?? []);
            }}
          >
            {t('sessions.menu.kill', { count })}
          </Button>
        </>
      }
    >
      <ul className="stack">
        {(keys ?? []).slice(0, MOST_NAMED).map((key) => {
          const session = app.state.sessions.rows.get(key);
          return (
            <li key={key}>
              {visible(session?.host ?? '')} · <span className="mono">{shortId(session?.id ?? '')}</span>{' '}
              {visible(session?.label ?? '')}
            </li>
          );
        })}
        {count > MOST_NAMED && <li className="muted">{t('sessions.kill.more', { count: count - MOST_NAMED })}</li>}
      </ul>
    </Dialog>
  );
}
