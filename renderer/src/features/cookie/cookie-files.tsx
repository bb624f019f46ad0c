import { useState } from 'react';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/controls.tsx';
import { FileButton } from '../../ui/file-button.tsx';

/** The cookies of a session's site as other programs keep them; and such a file read into a browser opened from here. */
export function CookieFiles({ sessionKey }: { sessionKey: string }) {
  const t = useText();
  const app = useApp();
  const running = useAppState((state) => state.browsers.running);
  const [secrets, setSecrets] = useState(false);
  const save = async (form: 'cookies.txt' | 'storageState') => {
    const made = await app.attempt(() => app.client.call('export.cookies', { key: sessionKey, form, secrets }));
    if (made === undefined) return;
    const told = [t('cookies.export.done', { count: made.count }), ...made.notes].join(' ');
    await app.saveFile(made.name, { text: made.text }, told);
  };
  const read = async (text: string, runId: string) => {
    const made = await app.attempt(() => app.client.call('import.cookies', { text, runId }));
    if (made === undefined) return;
    const told = t('cookies.import.done', { count: made.stored ?? 0 });
    app.notify({ level: 'info', message: [told, ...made.notes].join(' ') });
  };
  return (
    <div className="section" data-testid="cookie-files">
      <h3>{t('cookies.export')}</h3>
      <div className="row wrapping">
        <Button small data-testid="cookies-txt" onClick={() => void save('cookies.txt')}>
          {t('cookies.export.txt')}
        </Button>
        <Button small data-testid="cookies-state" onClick={() => void save('storageState')}>
          {t('cookies.export.state')}
        </Button>
        <label className="check">
          <Checkbox checked={secrets} onChange={(event) => setSecrets(event.target.checked)} />
          {t('cookies.export.secrets')}
        </label>
        {running
          .filter(({ jar }) => jar)
          .map(({ runId, name, identity }) => (
            <FileButton
              key={runId}
              accept=".txt,.json"
              testId={`cookies-import-${runId}`}
              onFile={(file) => void file.text().then((text) => read(text, runId))}
            >
              {t('cookies.import', { browser: `${name} (${identity})` })}
            </FileButton>
          ))}
      </div>
    </div>
  );
}
