import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { presentElectron } from '../../scripts/electron-binary.ts';

export interface Desktop {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly userData: string;
  /** Everything that went wrong so far, in any process: errors, warnings, refused requests, standard error of main. */
  problems(): string[];
  /** Quits as a user would and gives the exit code. */
  close(): Promise<number | null>;
}

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Electron is there and there is a display to show a window on. */
export function canShowWindows(): boolean {
  return presentElectron() !== undefined && (process.platform !== 'linux' || process.env['DISPLAY'] !== undefined);
}

/** Starts the built desktop app in the real window, with a data folder of its own (kept for a restart when given). */
export async function startDesktop(
  options: { userData?: string; args?: string[]; env?: Record<string, string> } = {},
): Promise<Desktop> {
  const executablePath = presentElectron();
  if (executablePath === undefined) throw new Error('no Electron binary: run `npm test`, which prepares one');
  const own = options.userData === undefined;
  const userData = options.userData ?? mkdtempSync(path.join(os.tmpdir(), 'sessionscope-app-'));
  const mainErrors = path.join(userData, 'main-errors');
  const seen: string[] = [];
  const problems = () => [
    ...(existsSync(mainErrors) ? readFileSync(mainErrors, 'utf8').split('\0').filter(Boolean) : []),
    ...seen,
  ];
  const app = await _electron.launch({
    executablePath,
    cwd: ROOT,
    // What precedes `.` is for Electron, what follows it for the app.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '-r',
      path.join(ROOT, 'test/support/report-main-errors.cjs'),
      '--disable-gpu',
      '--log-level=3',
      '.',
      `--user-data-dir=${userData}`,
      '--proxy-port=0',
      ...(options.args ?? []),
    ],
    env: { ...(process.env as Record<string, string>), MAIN_ERRORS: mainErrors, LANG: 'en_US.UTF-8', ...options.env },
  });
  const child = app.process();
  child.stderr?.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n'))
      if (line.trim() !== '' && !HARMLESS.test(line)) seen.push(`stderr: ${line}`);
  });
  const watch = (page: Page) => {
    page.on('pageerror', (error) => seen.push(`page: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        seen.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on('crash', () => seen.push('page crashed'));
    page.on('requestfailed', (request) =>
      seen.push(`request failed: ${request.url()} ${request.failure()?.errorText}`),
    );
  };
  app.on('window', watch);
  app.windows().forEach(watch);
  let closed: Promise<number | null> | undefined;
  const close = () => {
    closed ??= (async () => {
      const exit = new Promise<number | null>((done) => {
        if (child.exitCode !== null) done(child.exitCode);
        else child.once('exit', (code) => done(code));
      });
      await app.close().catch(() => {});
      const code = await exit;
      if (own) rmSync(userData, { recursive: true, force: true });
      return code;
    })();
    return closed;
  };
  try {
    const page = await app.firstWindow({ timeout: 60_000 });
    page.setDefaultTimeout(20_000);
    return { app, page, userData, problems, close };
  } catch (error) {
    await close();
    throw new Error(`the window did not open: ${problems().join('\n')}`, { cause: error });
  }
}

/** What Chromium prints about the machine (no D-Bus, no GPU under Xvfb) and Playwright's own debugger lines. */
const HARMLESS =
  /dbus|D-Bus|DevTools listening|Debugger (listening|attached)|For help, see|Waiting for the debugger|vaInitialize|gpu|GPU|libva|ozone|X connection error/;
