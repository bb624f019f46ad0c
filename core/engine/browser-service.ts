import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BrowserExit, FoundBrowser, LaunchedBrowser } from '../browser/browser-types.ts';
import type { CookieFact, UnsentCookie } from '../browser/cookie-facts.ts';
import { findBrowsers } from '../browser/find-browsers.ts';
import { launchBrowser, removeStaleProfiles } from '../browser/launch-browser.ts';
import type { BrowserInfo, Notice, RunningBrowser } from '../model/app.ts';
import { inBackground } from '../model/failures.ts';
import { problem } from '../model/problem.ts';
import type { CertificateAuthority } from '../proxy/certificates/authority.ts';
import type { IdentityPorts } from './identity-ports.ts';

export interface BrowserServiceOptions {
  readonly folder: string;
  readonly clock: () => number;
  readonly authority: () => CertificateAuthority;
  /** A port of the proxy for each browser: by it its requests are known. */
  readonly ports: Pick<IdentityPorts, 'open'>;
  readonly changed: () => void;
  readonly moreArguments: readonly string[];
  readonly notify: (notice: Notice) => void;
  /** What a browser itself did with a Set-Cookie. */
  readonly onCookieFact: (fact: CookieFact) => void;
  /** A cookie that a browser left out of a request, by its own word. */
  readonly onCookieUnsent: (cookie: UnsentCookie) => void;
}

/** Colours that are told apart by most people with a colour vision deficiency (Okabe and Ito), one for each identity. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'];

/** The identities that the window offers, in the colours in which it shows them. */
const COLOUR_OF: Readonly<Record<string, string>> = {
  blue: '#0072b2',
  green: '#009e73',
  amber: '#e69f00',
  rose: '#cc79a7',
  violet: '#8b6fc9',
};

interface Running {
  readonly info: RunningBrowser;
  readonly browser: LaunchedBrowser;
}

/** Browsers that are installed, and those that were opened from here. */
export class BrowserService {
  readonly #options: BrowserServiceOptions;
  readonly #running = new Map<string, Running>();
  #found: FoundBrowser[] | undefined;
  #versions = new Map<string, string>();
  #count = 0;

  constructor(options: BrowserServiceOptions) {
    this.#options = options;
  }

  async list(): Promise<{ found: BrowserInfo[]; running: RunningBrowser[] }> {
    this.#found = findBrowsers();
    await Promise.all(this.#found.map((found) => this.#version(found)));
    return {
      found: this.#found.map(({ id, name, path: file }) => {
        const version = this.#versions.get(file);
        return { browserId: id, name, path: file, ...(version === undefined ? {} : { version }) };
      }),
      running: this.running(),
    };
  }

  running(): RunningBrowser[] {
    return [...this.#running.values()].map(({ info }) => info);
  }

  /** The browsers whose jars can be read and written. */
  jars(): LaunchedBrowser[] {
    return [...this.#running.values()].filter(({ info }) => info.jar).map(({ browser }) => browser);
  }

  /** @throws ProblemError `not-found` when it does not run any more, `no-jar` */
  jarOf(runId: string): LaunchedBrowser {
    const running = this.#running.get(runId);
    if (running === undefined) throw problem('not-found', 'That browser does not run any more');
    if (!running.info.jar) throw problem('no-jar', `The cookies of ${running.info.name} cannot be written`);
    return running.browser;
  }

  /** @throws ProblemError `not-found`, or why the browser did not start */
  async launch(ask: {
    browserId: string;
    identity?: string;
    startUrl: string;
    thirdPartyCookies?: 'as-chrome' | 'blocked';
  }): Promise<string> {
    const found = (this.#found ??= findBrowsers()).find(({ id }) => id === ask.browserId);
    if (found === undefined) {
      throw problem('not-found', `There is no browser ${ask.browserId} on this machine`, {
        remedy: 'Choose another one, or use your own browser with the address of the proxy.',
      });
    }
    const { thirdPartyCookies = 'as-chrome' } = ask;
    const number = ++this.#count;
    const identity = ask.identity ?? `Identity ${number}`;
    const authority = this.#options.authority();
    const color = COLOUR_OF[identity] ?? (COLOURS[(number - 1) % COLOURS.length] as string);
    const port = await this.#options.ports.open(identity);
    const launched = launchBrowser(found, {
      proxyHost: port.host,
      proxyPort: port.port,
      spki: authority.spkiHash,
      caPem: authority.pem,
      profileDir: path.join(this.#options.folder, 'profiles'),
      startUrl: ask.startUrl,
      extraArgs: this.#options.moreArguments,
      identity: { name: identity, color },
      thirdPartyCookies,
    });
    const browser = await launched.catch(async (error: unknown) => {
      await port.close();
      throw error;
    });
    const runId = `browser-${number}`;
    const info: RunningBrowser = {
      runId,
      browserId: found.id,
      name: found.name,
      identity,
      startedAt: this.#options.clock(),
      jar: true,
      ...(found.family === 'chromium' ? { thirdPartyCookies } : {}),
    };
    this.#running.set(runId, { info, browser });
    browser.onCookieFact((fact) => this.#options.onCookieFact(fact));
    browser.onCookieUnsent((cookie) => this.#options.onCookieUnsent(cookie));
    browser.onExit((exit) => {
      this.#running.delete(runId);
      const lost = noticeOfExit(info, exit);
      if (lost !== undefined) this.#options.notify(lost);
      inBackground('closing the port of a browser', port.close());
      this.#options.changed();
    });
    this.#options.changed();
    return runId;
  }

  async close(runId: string): Promise<void> {
    await this.#running.get(runId)?.browser.close();
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ browser }) => browser.close()));
  }

  /** Profiles that a crash left behind. */
  async removeLeftovers(): Promise<void> {
    await removeStaleProfiles(path.join(this.#options.folder, 'profiles'));
  }

  async #version({ path: file }: FoundBrowser): Promise<void> {
    // On Windows a browser opens a window when asked for its version.
    if (this.#versions.has(file) || process.platform === 'win32') return;
    try {
      const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 5_000 });
      const version = /\d+(?:\.\d+)+/.exec(stdout)?.[0];
      if (version !== undefined) this.#versions.set(file, version);
    } catch {
      // A browser without a version is still a browser.
    }
  }
}

/** What the window says of a browser that ended otherwise than by being closed; undefined for one that was closed. */
function noticeOfExit({ name, identity }: RunningBrowser, exit: BrowserExit): Notice | undefined {
  if (!exit.byItself || (exit.code === 0 && exit.signal === null)) return undefined;
  const how = exit.signal === null ? `ended with exit status ${exit.code}` : `was ended from outside (${exit.signal})`;
  return {
    level: 'warning',
    kind: 'browser-ended',
    message: `${name} “${identity}” ${how}. Its cookies are gone with its profile; what it sent is kept`,
    remedy: 'Open it again from here; if it ends again, start it by itself to see what it says',
  };
}
