import { Terminal } from 'lucide-react';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { copyRequest, saveHar } from '../../state/flow-acts.ts';
import { Button } from '../../ui/button.tsx';

/** A flow for other programs: a curl command, a HAR. Secrets are masked unless asked for. */
export function FlowActs({ id }: { id: string }) {
  const t = useText();
  const app = useApp();
  const curl = (secrets: boolean) => copyRequest(app, id, 'curl', secrets);
  const har = (secrets: boolean) => saveHar(app, { ids: [id] }, secrets);
  return (
    <details className="more-acts" data-testid="flow-acts">
      <summary className="button small">
        <Terminal size={13} aria-hidden />
        {t('flows.more.acts')}
      </summary>
      <div className="row wrapping">
        <Button small data-testid="flow-curl" onClick={() => void curl(false)}>
          {t('flows.curl')}
        </Button>
        <Button small data-testid="flow-curl-secrets" onClick={() => void curl(true)}>
          {t('flows.curl.secrets')}
        </Button>
        <Button small data-testid="flow-har" onClick={() => void har(false)}>
          {t('flows.har.export')}
        </Button>
        <Button small data-testid="flow-har-secrets" onClick={() => void har(true)}>
          {t('flows.har.exportSecrets')}
        </Button>
      </div>
    </details>
  );
}
