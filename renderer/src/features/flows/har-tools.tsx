import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { saveHar } from '../../state/flow-acts.ts';
import { importHar } from '../../state/import-har.ts';
import { Button } from '../../ui/button.tsx';
import { FileButton } from '../../ui/file-button.tsx';

/** The flows that the filter lets through, saved as a HAR (masked); and a HAR read into the workspace. */
export function HarTools() {
  const t = useText();
  const app = useApp();
  const filter = useAppState((state) => state.flows.filter.trim());
  const total = useAppState((state) => state.flows.total);
  const save = () => saveHar(app, filter === '' ? {} : { filter });
  const read = async (file: File) => {
    const made = await app.attempt(() => importHar(app.client, file));
    if (made === undefined) return;
    const told = t('flows.har.imported', { count: made.count });
    app.notify({ level: 'info', message: [told, ...made.notes].join(' ') });
  };
  return (
    <>
      <Button small disabled={total === 0} data-testid="har-export" onClick={() => void save()}>
        {t('flows.har.export')}
      </Button>
      <FileButton accept=".har,.json,application/json" testId="har-import" onFile={(file) => void read(file)}>
        {t('flows.har.import')}
      </FileButton>
    </>
  );
}
