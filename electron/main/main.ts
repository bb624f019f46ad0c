import path from 'node:path';
import { app, dialog, safeStorage } from 'electron';
import { COMMANDS, runCommand } from '../../cli/program.ts';
import { createEngine, type Engine } from '../../core/engine/engine.ts';
import type { KeyProtection } from '../../core/engine/host.ts';
import { installLastGuard } from '../../core/engine/last-guard.ts';
import { inBackground } from '../../core/model/failures.ts';
import { hostBridge } from './bridge-host.ts';
import { declareBundleScheme, serveBundle } from './bundle-protocol.ts';
import { actionOf, runAction } from './desktop-actions.ts';
import { showLosses } from './loss-notices.ts';
import { installMenu, menuLanguage } from './menu.ts';
import { createWindow } from './window.ts';

/*
 * The composition root of the desktop app. `sessionscope <command>` runs a command without a window; anything else
 * starts the engine in this process and opens the window on it.
 */
const PAGE = path.join(__dirname, '..', 'renderer', 'main_window');
const words = commandWords(process.argv);
const [command] = words;

const guard = installLastGuard((text) => process.stderr.write(`${text}\n`));

declareBundleScheme();
// enableSandbox() would take --no-sandbox away from child processes, which then cannot start (as root).
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();

if (command !== undefined && COMMANDS.includes(command)) {
  void app
    .whenReady()
    .then(async () => app.exit(await runCommand(words, { version: app.getVersion(), pageFolder: PAGE, guard })));
} else if (!app.requestSingleInstanceLock()) {
  // One engine per workspace: the second start shows the first one's window.
  app.quit();
} else {
  inBackground('start', app.whenReady().then(start));
}

/** The command line from its first word on: without the program, Chromium's switches and, in development, the folder. */
function commandWords(argv: readonly string[]): string[] {
  const fromWord = (list: readonly string[]) => list.slice(list.findIndex((word) => !word.startsWith('-')) >>> 0);
  const given = fromWord(argv.slice(1));
  return process.defaultApp ? fromWord(given.slice(1)) : given;
}

async function start(): Promise<void> {
  serveBundle(PAGE);
  installMenu();
  let engine: Engine;
  try {
    engine = await createEngine({
      mode: 'desktop',
      env: process.env,
      version: app.getVersion(),
      dataFolder: app.getPath('userData'),
      proxyPort: wantedPort(),
      workers: __dirname,
      agents: 'window',
      onFailure: guard.onFailure,
      browserArguments: (process.env['SESSIONSCOPE_BROWSER_ARGS'] ?? '').split(' ').filter((one) => one !== ''),
      pickFile: async ({ kind, title, name }) => {
        if (kind === 'save') {
          const chosen = await dialog.showSaveDialog({ title, ...(name === undefined ? {} : { defaultPath: name }) });
          return chosen.canceled ? null : chosen.filePath;
        }
        const chosen = await dialog.showOpenDialog({
          title,
          properties: [kind === 'directory' ? 'openDirectory' : 'openFile'],
        });
        return chosen.filePaths[0] ?? null;
      },
      ...protection(),
    });
  } catch (error) {
    dialog.showErrorBox('Sessionscope cannot start', error instanceof Error ? error.message : String(error));
    app.exit(1);
    return;
  }
  open(engine);
  app.on('activate', () => open(engine));
  const act = (argv: readonly string[]): void => {
    const action = actionOf(argv);
    if (action !== undefined) inBackground(`--${action}`, runAction(engine, action));
  };
  act(process.argv);
  app.on('second-instance', (_event, argv) => {
    act(argv);
    const [window] = windows;
    if (window?.isMinimized() === true) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    // Let the workspace finish its writes and the launched browsers close.
    event.preventDefault();
    const ended = engine.close().finally(() => {
      closed = true;
      app.quit();
    });
    inBackground('end of the engine', ended);
  });
}

const windows = new Set<Electron.BrowserWindow>();

function open(engine: Engine): void {
  if (windows.size > 0) return;
  const window = createWindow();
  windows.add(window);
  const followLanguage = () => inBackground('language of the menu', showMenu(engine));
  followLanguage();
  const stops = [hostBridge(engine, window, followLanguage), showLosses(engine, window)];
  window.on('closed', () => {
    for (const stop of stops) stop();
    windows.delete(window);
  });
}

let shownLanguage: string | undefined;

/** The menu speaks the language of the window. */
async function showMenu(engine: Engine): Promise<void> {
  const { values } = await engine.handlers['settings.get']({});
  const language = menuLanguage(values['window']);
  if (language === shownLanguage) return;
  shownLanguage = language;
  installMenu(language);
}

function wantedPort(): number {
  const given = app.commandLine.getSwitchValue('proxy-port');
  return given === '' ? 8640 : Number(given);
}

/** The operating system's keychain for the key of the certificate authority, where there is one. */
function protection(): { protectKey?: KeyProtection } {
  const basic = process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
  if (!safeStorage.isEncryptionAvailable() || basic) return {};
  return {
    protectKey: {
      encrypt: (text) => safeStorage.encryptString(text),
      decrypt: (bytes) => safeStorage.decryptString(Buffer.from(bytes)),
    },
  };
}
