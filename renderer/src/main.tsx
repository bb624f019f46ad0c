import './styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from '../../core/bridge/wire.ts';
import { Root } from './app/root.tsx';
import { connect } from './bridge/connect.ts';
import { startTexts } from './i18n/index.ts';
import { App } from './state/app.ts';
import { localSettings, showFontSize, showTheme } from './state/settings.ts';
import { synchronise } from './state/sync.ts';

async function start(): Promise<void> {
  const settings = localSettings();
  showTheme(settings.theme);
  showFontSize(settings.fontSize);
  const [connection] = await Promise.all([connect(), startTexts(settings.language)]);
  const app = new App(createClient(connection.transport));
  app.set({ connection: connection.state() });
  connection.onState((state) => app.set({ connection: state }));
  synchronise(app);
  const host = document.getElementById('root');
  if (host === null) throw new Error('index.html has no #root');
  createRoot(host).render(
    <StrictMode>
      <Root app={app} retry={connection.retry} />
    </StrictMode>,
  );
}

void start();
