import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BidiSocket } from './bidi-socket.ts';
import { BrowserProcess } from './browser-process.ts';
import type { FoundBrowser, LaunchedBrowser, LaunchOptions } from './browser-types.ts';
import { FirefoxJar } from './firefox-jar.ts';
import { FIREFOX_ENVIRONMENT, firefoxPreferences, trustInProfile, userJs } from './firefox-profile.ts';
import { noteOwner, removeProfile } from './profile-folder.ts';

/**
 * Starts Firefox on a profile folder that exists and is ours. The jar is reached by WebDriver BiDi on a loopback port
 * that Firefox chooses; the one session that it allows is ours.
 */
export async function launchFirefox(
  found: FoundBrowser,
  options: LaunchOptions,
  profile: string,
): Promise<LaunchedBrowser> {
  await writeFile(join(profile, 'user.js'), userJs(firefoxPreferences(options)));
  const trusted = await trustInProfile(profile, options.caPem);
  const browser = new BrowserProcess(
    found.path,
    [
      '--no-remote',
      '--new-instance',
      '--profile',
      profile,
      '--remote-debugging-port',
      '0',
      ...(options.headless === true ? ['--headless'] : []),
      ...(options.extraArgs ?? []),
      'about:blank',
    ],
    { pipes: 0, env: FIREFOX_ENVIRONMENT, cleanUp: () => removeProfile(profile) },
  );
  try {
    return await connected(found, options, profile, browser, trusted);
  } catch (error) {
    await browser.abandon();
    throw error;
  }
}

async function connected(
  found: FoundBrowser,
  options: LaunchOptions,
  profile: string,
  browser: BrowserProcess,
  trusted: boolean,
): Promise<LaunchedBrowser> {
  const pid = await browser.started();
  await noteOwner(profile, pid);
  const bidi = await BidiSocket.connect(
    await browser.inTime(browser.line(/WebDriver BiDi listening on (ws:\/\/[^\s]+)/)),
  );
  // Without a certificate database of ours, this instance takes what the proxy shows it; the proxy itself judges the
  // application's certificate, and it listens on loopback only.
  await bidi.send('session.new', { capabilities: { alwaysMatch: trusted ? {} : { acceptInsecureCerts: true } } });
  const jar = new FirefoxJar(bidi);
  const browserApi: LaunchedBrowser = {
    found,
    pid,
    profile,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    cookies: () => jar.list(),
    setCookie: (cookie) => jar.set(cookie),
    deleteCookie: (cookie) => jar.remove(cookie),
    async open(url) {
      const { context } = await bidi.send<{ context: string }>('browsingContext.create', { type: 'tab' });
      await bidi.send('browsingContext.navigate', { context, url, wait: 'none' });
    },
    // Firefox says nothing of single cookies.
    onCookieFact() {},
    onCookieUnsent() {},
    onExit(listener) {
      let wanted = true;
      void browser.exited.then((exit) => wanted && listener(exit));
      return () => {
        wanted = false;
      };
    },
    close: () => browser.end(() => bidi.send('browser.close')),
  };
  const { contexts } = await bidi.send<{ contexts: { context: string }[] }>('browsingContext.getTree');
  const first = contexts[0]?.context;
  if (first === undefined) await browserApi.open(options.startUrl);
  else await bidi.send('browsingContext.navigate', { context: first, url: options.startUrl, wait: 'none' });
  return browserApi;
}
