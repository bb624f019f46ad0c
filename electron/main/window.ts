import path from 'node:path';
import { app, BrowserWindow, nativeTheme, screen, session, shell } from 'electron';
import { inBackground } from '../../core/model/failures.ts';
import { BUNDLE_ORIGIN } from './bundle-protocol.ts';
import { refusePermissions } from './permissions.ts';
import { readWindowState, saveWindowState } from './window-state.ts';

/** Of the page of one window after its process has crashed. */
const MOST_RELOADS = 3;

/** The one window: sandboxed, isolated, without Node, unable to leave its page or to ask for permissions. */
export function createWindow(): BrowserWindow {
  refusePermissions(session.defaultSession);
  const file = path.join(app.getPath('userData'), 'window-place.json');
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const before = readWindowState(file, screens);
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    ...before?.bounds,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Sessionscope',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14171c' : '#ffffff',
    webPreferences: {
      preload: path.join(__dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      spellcheck: false,
    },
  });
  if (before?.maximized === true) window.maximize();
  window.on('close', () =>
    saveWindowState(file, { bounds: window.getNormalBounds(), maximized: window.isMaximized() }),
  );
  let reloads = 0;
  window.webContents.setWindowOpenHandler(({ url }) => {
    // Links to the web open in the user's own browser, never in the debugger's window.
    if (/^https?:\/\//.test(url)) inBackground('link', shell.openExternal(url));
    return { action: 'deny' };
  });
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    // The engine goes on; a page that crashed again and again must not be loaded forever.
    if (reason === 'clean-exit' || reason === 'killed' || window.isDestroyed() || (reloads += 1) > MOST_RELOADS) return;
    window.webContents.reload();
  });
  inBackground('window', window.loadURL(`${BUNDLE_ORIGIN}/`));
  return window;
}
