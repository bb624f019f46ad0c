import { describe, expect, it } from 'vitest';
import { type BrowserSystem, findBrowsers } from '../../../core/browser/find-browsers.ts';

interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env?: Record<string, string>;
  /** Programs; the value is what a link points to, or the start of a script that begins with `#!`. */
  readonly programs: Record<string, string | true>;
}

function machine({ platform, home, env = {}, programs }: Machine): BrowserSystem {
  return {
    platform,
    home,
    env,
    isProgram: (path) => programs[path] !== undefined,
    realPath: (path) => {
      const target = programs[path];
      return typeof target === 'string' && !target.startsWith('#!') ? target : path;
    },
    readStart: (path) => {
      const target = programs[path];
      return typeof target === 'string' && target.startsWith('#!') ? target : undefined;
    },
  };
}

const found = (m: Machine) => findBrowsers(machine(m)).map(({ id, path }) => `${id} ${path}`);

describe('findBrowsers on Linux', () => {
  const env = { PATH: '/usr/local/bin:/usr/bin' };

  it('finds what is on the PATH and in the usual places, each once', () => {
    expect(
      found({
        platform: 'linux',
        home: '/home/a',
        env,
        programs: {
          '/usr/bin/google-chrome-stable': '/opt/google/chrome/google-chrome',
          '/usr/bin/google-chrome': '/opt/google/chrome/google-chrome',
          '/usr/bin/chromium': true,
          '/opt/microsoft/msedge/msedge': true,
          '/usr/bin/brave-browser': true,
          '/usr/bin/firefox-esr': true,
          '/usr/bin/firefox': '/usr/bin/firefox-esr',
        },
      }),
    ).toEqual([
      'chrome /usr/bin/google-chrome-stable',
      'chromium /usr/bin/chromium',
      'edge /opt/microsoft/msedge/msedge',
      'brave /usr/bin/brave-browser',
      'firefox /usr/bin/firefox',
    ]);
  });

  it('sees through a script that only starts another browser', () => {
    const programs = {
      '/usr/bin/firefox': '#!/bin/sh\n\nFLAG=1\nexec firefox-esr "$@"\n',
      '/usr/bin/firefox-esr': '/usr/lib/firefox-esr/firefox-esr',
    };
    expect(found({ platform: 'linux', home: '/h', env, programs })).toEqual(['firefox /usr/bin/firefox']);
  });

  it('knows a snap by its command and by the scripts that start it, and where its profile must lie', () => {
    const browsers = findBrowsers(
      machine({
        platform: 'linux',
        home: '/home/a',
        env,
        programs: {
          '/usr/bin/chromium-browser': '#!/bin/sh\nexec /snap/bin/chromium "$@"\n',
          '/usr/bin/firefox': '#!/bin/sh\nif ! [ -x /snap/bin/firefox ]; then snap install firefox; fi\n',
          '/snap/bin/chromium': '/usr/bin/snap',
          '/snap/bin/firefox': '/usr/bin/snap',
        },
      }),
    );
    expect(browsers).toMatchObject([
      {
        id: 'chromium:snap',
        packaging: 'snap',
        path: '/snap/bin/chromium',
        profileRoot: '/home/a/snap/chromium/common/sessionscope',
      },
      { id: 'firefox:snap', packaging: 'snap', profileRoot: '/home/a/snap/firefox/common/sessionscope' },
    ]);
  });

  it('knows flatpaks of the system and of the person', () => {
    const browsers = findBrowsers(
      machine({
        platform: 'linux',
        home: '/home/a',
        env,
        programs: {
          '/var/lib/flatpak/exports/bin/com.google.Chrome': true,
          '/home/a/.local/share/flatpak/exports/bin/org.mozilla.firefox': true,
          '/usr/bin/chromium': true,
        },
      }),
    );
    expect(browsers.map(({ id, profileRoot }) => [id, profileRoot])).toEqual([
      ['chrome:flatpak', '/home/a/.var/app/com.google.Chrome/data/sessionscope'],
      ['chromium', undefined],
      ['firefox:flatpak', '/home/a/.var/app/org.mozilla.firefox/data/sessionscope'],
    ]);
  });

  it('finds nothing on an empty machine, and never looks in relative folders of the PATH', () => {
    expect(
      found({ platform: 'linux', home: '/h', env: { PATH: '.:bin' }, programs: { 'bin/chromium': true } }),
    ).toEqual([]);
    expect(found({ platform: 'linux', home: '/h', programs: {} })).toEqual([]);
  });
});

describe('findBrowsers elsewhere', () => {
  it('looks into application folders on macOS', () => {
    expect(
      found({
        platform: 'darwin',
        home: '/Users/a',
        programs: {
          '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome': true,
          '/Users/a/Applications/Brave Browser.app/Contents/MacOS/Brave Browser': true,
          '/Applications/Firefox Developer Edition.app/Contents/MacOS/firefox': true,
        },
      }),
    ).toEqual([
      'chrome /Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'brave /Users/a/Applications/Brave Browser.app/Contents/MacOS/Brave Browser',
      'firefox:developer /Applications/Firefox Developer Edition.app/Contents/MacOS/firefox',
    ]);
  });

  it('looks below Program Files and the person’s own folder on Windows, whatever the case of the variables', () => {
    expect(
      found({
        platform: 'win32',
        home: 'C:\\Users\\a',
        env: {
          PROGRAMFILES: 'C:\\Program Files',
          'ProgramFiles(x86)': 'C:\\Program Files (x86)',
          LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local',
        },
        programs: {
          'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe': true,
          'C:\\Users\\a\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe': true,
          'C:\\Program Files\\Mozilla Firefox\\firefox.exe': true,
        },
      }),
    ).toEqual([
      'chrome C:\\Users\\a\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe',
      'edge C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
      'firefox C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ]);
  });

  it('gives every browser an id of its own', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const everything: BrowserSystem = {
        platform,
        home: '/h',
        env: { PATH: '/usr/bin', ProgramFiles: 'C:\\P' },
        isProgram: () => true,
        realPath: (path) => path,
        readStart: () => undefined,
      };
      const ids = findBrowsers(everything).map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(5);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});
