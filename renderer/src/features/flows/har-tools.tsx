import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { readHar } from '../../state/dropped-file.ts';
import { saveHar } from '../../state/flow-acts.ts';

import { Button } from '../../ui/button.tsx';
import { FileButton } from '../../ui/file-button.tsx';

/** The flows that the filter lets through, saved as a HAR (masked); and a HAR read into the workspace. */
export function HarTools() {
  const t = useText();
  const app = useApp();
  const filter = useAppState((state) => state.flows.filter.trim());
  const total = useAppState((state) => state.flows.total);
  const save = () => saveHar(app, filter === '' ? {} : { filter });
  return (
    <>
      <Button small disabled={total === 0} data-testid="har-export" onClick={() => void save()}>
        {t('flows.har.export')}
      </Button>
      <FileButton accept=".har,.json,application/json" testId="har-import" onFile={(file) => void readHar(app, file)}>
        {t('flows.har.import')}
      </FileButton>
    </>
  );
}
