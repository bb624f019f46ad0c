import type { BrowserKind } from './browser-types.ts';

/** Where each browser lies on each system. Data only; `find-browsers.ts` does the looking. */
export interface BrowserPlace {
  readonly kind: BrowserKind;
  /** Added to the id and name for channels other than the stable one. */
  readonly channel?: string;
  readonly name: string;
  /** Commands on the PATH (Linux). */
  readonly commands: readonly string[];
  /** Fixed paths beside the PATH (Linux). */
  readonly linux?: readonly string[];
  readonly snap?: string;
  readonly flatpak?: string;
  /** Application bundle and the program inside (macOS). */
  readonly mac?: readonly [bundle: string, program: string];
  /** Path below Program Files or the user's own Local AppData (Windows). */
  readonly windows?: string;
}

export const BROWSER_PLACES: readonly BrowserPlace[] = [
  {
    kind: 'chrome',
    name: 'Google Chrome',
    commands: ['google-chrome-stable', 'google-chrome'],
    linux: ['/opt/google/chrome/chrome'],
    flatpak: 'com.google.Chrome',
    mac: ['Google Chrome.app', 'Google Chrome'],
    windows: 'Google\\Chrome\\Application\\chrome.exe',
  },
  {
    kind: 'chrome',
    channel: 'beta',
    name: 'Google Chrome',
    commands: ['google-chrome-beta'],
    linux: ['/opt/google/chrome-beta/chrome'],
    mac: ['Google Chrome Beta.app', 'Google Chrome Beta'],
    windows: 'Google\\Chrome Beta\\Application\\chrome.exe',
  },
  {
    kind: 'chromium',
    name: 'Chromium',
    commands: ['chromium', 'chromium-browser'],
    linux: ['/usr/lib/chromium/chromium', '/usr/lib/chromium-browser/chromium-browser'],
    snap: 'chromium',
    flatpak: 'org.chromium.Chromium',
    mac: ['Chromium.app', 'Chromium'],
    windows: 'Chromium\\Application\\chrome.exe',
  },
  {
    kind: 'edge',
    name: 'Microsoft Edge',
    commands: ['microsoft-edge-stable', 'microsoft-edge'],
    linux: ['/opt/microsoft/msedge/msedge'],
    flatpak: 'com.microsoft.Edge',
    mac: ['Microsoft Edge.app', 'Microsoft Edge'],
    windows: 'Microsoft\\Edge\\Application\\msedge.exe',
  },
  {
    kind: 'brave',
    name: 'Brave',
    commands: ['brave-browser-stable', 'brave-browser', 'brave'],
    linux: ['/opt/brave.com/brave/brave'],
    snap: 'brave',
    flatpak: 'com.brave.Browser',
    mac: ['Brave Browser.app', 'Brave Browser'],
    windows: 'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
  },
  {
    kind: 'firefox',
    name: 'Firefox',
    commands: ['firefox'],
    linux: ['/usr/lib/firefox/firefox', '/opt/firefox/firefox'],
    snap: 'firefox',
    flatpak: 'org.mozilla.firefox',
    mac: ['Firefox.app', 'firefox'],
    windows: 'Mozilla Firefox\\firefox.exe',
  },
  {
    kind: 'firefox',
    channel: 'esr',
    name: 'Firefox',
    commands: ['firefox-esr'],
    linux: ['/usr/lib/firefox-esr/firefox-esr'],
    windows: 'Mozilla Firefox ESR\\firefox.exe',
  },
  {
    kind: 'firefox',
    channel: 'developer',
    name: 'Firefox',
    commands: ['firefox-developer-edition'],
    mac: ['Firefox Developer Edition.app', 'firefox'],
    windows: 'Firefox Developer Edition\\firefox.exe',
  },
];
