import path from 'node:path';
import { BrowserWindow, nativeTheme, session, shell } from 'electron';
import { BUNDLE_ORIGIN } from './bundle-protocol.ts';

/** The one window: sandboxed, isolated, without Node, unable to leave its page or to ask for permissions. */
export function createWindow(): BrowserWindow {
  session.defaultSession.setPermissionRequestHandler((_contents, permission, allow) =>
    allow(permission === 'clipboard-sanitized-write'),
  );
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
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
  window.webContents.setWindowOpenHandler(({ url }) => {
    // Links to the web open in the person's own browser, never in the debugger's window.
    if (/^https?:\/\//.test(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
  window.webContents.on('will-navigate', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${BUNDLE_ORIGIN}/`);
  return window;
}
