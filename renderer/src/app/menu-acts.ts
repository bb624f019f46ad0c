import { useEffect } from 'react';
import { type App, useApp } from '../state/app.ts';
import { readHar } from '../state/dropped-file.ts';
import { saveHar } from '../state/flow-acts.ts';
import { clearLists } from '../state/session-acts.ts';
import { tryPractice } from '../state/try-practice.ts';
import { redo, undo } from '../state/undo.ts';
import { screens } from './screens.ts';

/** Carries out what is chosen in the application menu of the desktop. */
export function useApplicationMenu(): void {
  const app = useApp();
  useEffect(() => window.sessionscope?.onMenu?.((act) => ACTS[act]?.(app)), [app]);
}

const ACTS: Readonly<Record<string, (app: App) => void>> = {
  ...Object.fromEntries(screens.map(({ id }) => [id, (app: App) => app.go(id)])),
  'import-har': (app) => chooseHar(app),
  'export-har': (app) => void saveHar(app, {}),
  practice: (app) => void tryPractice(app, app.state.browsers.found?.[0]?.browserId, () => {}),
  undo: (app) => void undo(app),
  redo: (app) => void redo(app),
  filter: () => document.getElementById('filter')?.focus(),
  clear: (app) => clearLists(app),
  palette: (app) => app.ui({ dialog: 'palette' }),
  help: (app) => app.ui({ dialog: 'help' }),
};

/** Opens the file dialog of the browser or of Electron. */
export function chooseHar(app: App): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.har,.json,application/json';
  input.onchange = () => {
    const [file] = input.files ?? [];
    if (file !== undefined) void readHar(app, file);
  };
  input.click();
}
