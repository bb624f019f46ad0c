import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { BrowserProcess } from './browser-process.ts';
import type { FoundBrowser, LaunchedBrowser, LaunchOptions } from './browser-types.ts';
import { CdpPipe } from './cdp-pipe.ts';
import { chromiumArguments, chromiumPreferences } from './chromium-arguments.ts';
import { ChromiumJar } from './chromium-jar.ts';
import { type CookieFact, type UnsentCookie, watchCookies } from './cookie-facts.ts';
import { noteOwner, removeProfile } from './profile-folder.ts';

/** Starts a browser of Chromium's family on a profile folder that exists and is ours. */
export async function launchChromium(
  found: FoundBrowser,
  options: LaunchOptions,
  profile: string,
): Promise<LaunchedBrowser> {
  await mkdir(join(profile, 'Default'), { recursive: true });
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(chromiumPreferences(options)));
  // An existing file of this name keeps Chromium from its first-run tour.
  await writeFile(join(profile, 'First Run'), '');
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const browser = new BrowserProcess(found.path, chromiumArguments(options, profile, { asRoot }), {
    pipes: 2,
    cleanUp: () => removeProfile(profile),
  });
  const pid = await browser.started();
  const [, , , toBrowser, fromBrowser] = browser.child.stdio as unknown as (Duplex & Readable & Writable)[];
  if (toBrowser === undefined || fromBrowser === undefined) throw browser.failure();
  const cdp = new CdpPipe(toBrowser, fromBrowser);
  try {
    await browser.inTime(cdp.send('Browser.getVersion'));
    await noteOwner(profile, pid);
  } catch {
    await browser.abandon();
    throw browser.failure();
  }
  const stored = new Set<(fact: CookieFact) => void>();
  const unsent = new Set<(cookie: UnsentCookie) => void>();
  // Without it the rules still say what a browser does.
  const watching = watchCookies(cdp, Date.now, {
    stored: (fact) => stored.forEach((listener) => void listener(fact)),
    unsent: (cookie) => unsent.forEach((listener) => void listener(cookie)),
  });
  // It fails only when the browser has ended.
  watching.catch(() => undefined);
  const jar = new ChromiumJar(cdp);
  return {
    found,
    pid,
    profile,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    cookies: () => jar.list(),
    setCookie: (cookie) => jar.set(cookie),
    deleteCookie: (cookie) => jar.remove(cookie),
    open: async (url) => {
      // An empty tab first: it is watched before it asks for anything.
      const { targetId } = await cdp.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
      const attached = { targetId, flatten: true };
      const { sessionId } = await cdp.send<{ sessionId: string }>('Target.attachToTarget', attached);
      await cdp.send('Page.navigate', { url }, sessionId);
      await cdp.send('Target.detachFromTarget', { sessionId });
    },
    onCookieFact: (listener) => void stored.add(listener),
    onCookieUnsent: (listener) => void unsent.add(listener),
    onExit(listener) {
      let wanted = true;
      void browser.exited.then((exit) => wanted && listener(exit));
      return () => {
        wanted = false;
      };
    },
    close: () => browser.end(() => cdp.send('Browser.close')),
  };
}
