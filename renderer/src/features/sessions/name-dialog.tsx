import { useRef, useState } from 'react';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { markSessions } from '../../state/session-acts.ts';
import { LONGEST_NAME } from '../../state/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Input } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** Gives a session a name of the user's own. */
export function NameDialog({ sessionKey, onClose }: { sessionKey: string | null; onClose: () => void }) {
  const t = useText();
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog
      open={sessionKey !== null}
      onClose={onClose}
      title={t('sessions.name.title')}
      description={t('sessions.name.text')}
      testId="name-dialog"
      initialFocus={field}
    >
      {sessionKey !== null && <NameForm sessionKey={sessionKey} field={field} onClose={onClose} />}
    </Dialog>
  );
}

function NameForm({
  sessionKey,
  field,
  onClose,
}: {
  sessionKey: string;
  field: React.RefObject<HTMLInputElement | null>;
  onClose: () => void;
}) {
  const t = useText();
  const app = useApp();
  const [name, setName] = useState(app.state.settings.marks[sessionKey]?.name ?? '');
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        markSessions(app, [sessionKey], { name });
        onClose();
      }}
    >
      <label className="field">
        <span className="label">{t('sessions.name.label')}</span>
        <Input
          ref={field}
          value={name}
          maxLength={LONGEST_NAME}
          data-testid="name-input"
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <div className="row">
        <span className="grow" />
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="submit" variant="primary" data-testid="name-save">
          {t('sessions.name.save')}
        </Button>
      </div>
    </form>
  );
}
