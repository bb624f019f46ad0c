import { type ChildProcess, spawn } from 'node:child_process';
import { problem } from '../model/problem.ts';
import type { BrowserExit } from './browser-types.ts';

/** Variables that would change how the browser or its helpers start, were they inherited from us. */
const NOT_INHERITED = [
  'ELECTRON_RUN_AS_NODE',
  'NODE_OPTIONS',
  'CHROME_DESKTOP',
  'http_proxy',
  'https_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
];

/** What browsers say when they cannot start, and what a user can do about it. */
const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [
    /no usable sandbox|namespace sandbox/i,
    'This system forbids the sandbox that the browser needs. Allow unprivileged user namespaces, or choose another browser.',
  ],
  [
    /missing x server|\$DISPLAY|cannot open display|no DISPLAY|no display/i,
    'There is no screen here to open a window on. Use your own browser with the address of the proxy.',
  ],
];
const OTHER_REMEDY = 'Close other windows of this browser and try again, or choose another browser.';

/** A browser's process: started, watched, asked to end, killed. Cleaning up is part of its end. */
export class BrowserProcess {
  readonly child: ChildProcess;
  /** Settles after the process ended and `cleanUp` ran. Never rejects. */
  readonly exited: Promise<BrowserExit>;
  #closing = false;
  #stderr = '';
  readonly #listeners = new Set<(line: string) => void>();

  constructor(
    program: string,
    args: readonly string[],
    options: { pipes: number; env?: Readonly<Record<string, string>>; cleanUp: () => Promise<void> },
  ) {
    const env = { ...process.env };
    for (const name of NOT_INHERITED) delete env[name];
    Object.assign(env, options.env);
    const child = spawn(program, args, {
      env,
      stdio: ['ignore', 'ignore', 'pipe', ...new Array<'pipe'>(options.pipes).fill('pipe')],
      // A process group of its own, so that its helpers can be ended with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#heard(text));
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once('error', () => resolve({ code: null, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.exited = ended.then(async ({ code, signal }) => {
      const exit = { code, signal, byItself: !this.#closing };
      this.#kill('SIGKILL');
      await options.cleanUp().catch(() => undefined);
      return exit;
    });
  }

  /** Resolves when the operating system has started it. @throws ProblemError `browser-failed` */
  async started(): Promise<number> {
    const { child } = this;
    if (child.pid === undefined) {
      const error = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw problem('browser-failed', `The browser could not be started: ${error.message}`, { where: child.spawnfile });
    }
    return child.pid;
  }

  /** Resolves with the first capture of a line on standard error that matches. Rejects when the browser ends first. */
  line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#stderr);
        if (match === null) return;
        this.#listeners.delete(look);
        resolve(match[1] ?? match[0]);
      };
      this.#listeners.add(look);
      look();
      void this.exited.then(() => reject(this.failure()));
    });
  }

  /** A step of the start that must not take forever. @throws ProblemError `browser-failed` */
  async inTime<T>(step: Promise<T>, patience = 60_000): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(problem('browser-failed', `The browser was not ready within ${patience / 1000} s`)),
        patience,
      );
    });
    try {
      return await Promise.race([step, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Why it ended at once, with its own last words. */
  failure(): Error {
    const words = this.#stderr.trim().split('\n').slice(-3).join(' ').slice(0, 400);
    return problem('browser-failed', `The browser ended before it was ready${words === '' ? '' : `: ${words}`}`, {
      where: this.child.spawnfile,
      remedy: REMEDIES.find(([pattern]) => pattern.test(this.#stderr))?.[1] ?? OTHER_REMEDY,
    });
  }

  /** Asks in the given way, then ends it by force after `patience` milliseconds. Resolves when all is cleaned up. */
  async end(ask: () => Promise<unknown>, patience = 4000): Promise<void> {
    this.#closing = true;
    let timer: NodeJS.Timeout | undefined;
    const force = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#kill('SIGKILL');
        resolve();
      }, patience);
    });
    // An answer never comes when the browser ends first, so the request is not waited for.
    ask().catch(() => this.#kill('SIGTERM'));
    await Promise.race([this.exited, force]);
    clearTimeout(timer);
    await this.exited;
  }

  /** Ends it by force, after a failed start. Resolves when all is cleaned up. */
  async abandon(): Promise<void> {
    this.#closing = true;
    this.#kill('SIGKILL');
    await this.exited;
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // It is gone already.
    }
  }

  #heard(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-8192);
    for (const listener of this.#listeners) listener(text);
  }
}
