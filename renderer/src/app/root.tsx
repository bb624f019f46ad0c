import { CSPProvider } from '@base-ui/react/csp-provider';
import type { ReactNode } from 'react';
import { useText } from '../i18n/index.ts';
import { type App, AppContext, useAppState } from '../state/app.ts';
import { Boundary } from '../ui/boundary.tsx';
import { Button } from '../ui/button.tsx';
import { Shell } from './shell.tsx';

/** Everything around the shell: context, style policy, the screens for a window without an engine. */
export function Root({ app, retry }: { app: App; retry: () => void }) {
  return (
    <AppContext value={app}>
      <CSPProvider disableStyleElements>
        <Boundary>
          <Gate retry={retry} />
        </Boundary>
      </CSPProvider>
    </AppContext>
  );
}

function Gate({ retry }: { retry: () => void }) {
  const t = useText();
  const connection = useAppState((state) => state.connection);
  const known = useAppState((state) => state.info !== null);
  if (connection === 'no-token') return <Plain kind="noToken" />;
  if (connection === 'refused') return <Plain kind="refused" />;
  if (connection === 'lost' && !known) {
    return (
      <Plain kind="lost">
        <Button onClick={retry}>{t('connect.retry')}</Button>
      </Plain>
    );
  }
  return <Shell retry={retry} />;
}

function Plain({ kind, children }: { kind: 'noToken' | 'refused' | 'lost'; children?: ReactNode }) {
  const t = useText();
  return (
    <main className="full">
      <div className="empty" data-testid={`connect-${kind}`} role="alert">
        <h1>{t(`connect.${kind}.title`)}</h1>
        <p>{t(`connect.${kind}.text`)}</p>
        <div>{t(`connect.${kind}.remedy`)}</div>
        {children}
      </div>
    </main>
  );
}
