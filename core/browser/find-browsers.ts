import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { BROWSER_PLACES, type BrowserPlace } from './browser-places.ts';
import type { FoundBrowser } from './browser-types.ts';

export type { FoundBrowser } from './browser-types.ts';

/** What the search may ask of the system. Given in, so that each system's rules are tested on any machine. */
export interface BrowserSystem {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** True for a file that can be run. */
  isProgram(path: string): boolean;
  /** The path with links resolved; the path itself when that fails. */
  realPath(path: string): string;
  /** The first bytes of a small file as text, or undefined: tells a snap's launcher script from a real program. */
  readStart(path: string): string | undefined;
}

/** The machine that we run on. */
function thisSystem(): BrowserSystem {
  const windows = process.platform === 'win32';
  return {
    platform: process.platform,
    env: process.env,
    home: homedir(),
    isProgram(path) {
      try {
        accessSync(path, windows ? constants.F_OK : constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    },
    realPath(path) {
      try {
        return realpathSync(path);
      } catch {
        return path;
      }
    },
    readStart(path) {
      try {
        return statSync(path).size > 65_536 ? undefined : readFileSync(path, 'latin1');
      } catch {
        return undefined;
      }
    },
  };
}

/** Every browser that can be opened, each once, in the order of `BROWSER_PLACES`. */
export function findBrowsers(system: BrowserSystem = thisSystem()): FoundBrowser[] {
  const found: FoundBrowser[] = [];
  const seen = new Set<string>();
  for (const place of BROWSER_PLACES) {
    for (const candidate of candidates(place, system)) {
      const real = system.realPath(launcherTarget(candidate.path, system) ?? candidate.path);
      // A snap's commands are all links to one program, so packaged browsers are told apart by their own path.
      const key = candidate.packaging === 'system' ? real : candidate.path;
      if (seen.has(key) || found.some((b) => b.id === candidate.id)) continue;
      seen.add(key);
      found.push(candidate);
    }
  }
  return found;
}

/** Debian's `firefox` is a script of one line that starts `firefox-esr`: both are the same browser. */
function launcherTarget(path: string, system: BrowserSystem): string | undefined {
  if (system.platform === 'win32') return undefined;
  const start = system.readStart(path);
  const command = start?.startsWith('#!') === true ? /^\s*exec\s+([\w./-]+)\s+"\$@"\s*$/m.exec(start)?.[1] : undefined;
  if (command === undefined) return undefined;
  const paths = command.startsWith('/') ? [command] : searchPath(system).map((folder) => posix.join(folder, command));
  return paths.find((file) => system.isProgram(file));
}

function searchPath({ env }: BrowserSystem): string[] {
  return (env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(':').filter((folder) => folder.startsWith('/'));
}

function candidates(place: BrowserPlace, system: BrowserSystem): FoundBrowser[] {
  switch (system.platform) {
    case 'win32':
      return onWindows(place, system);
    case 'darwin':
      return onMac(place, system);
    default:
      return onLinux(place, system);
  }
}

function browser(
  place: BrowserPlace,
  path: string,
  packaging: FoundBrowser['packaging'] = 'system',
  profileRoot?: string,
): FoundBrowser {
  const marks = [place.channel, packaging === 'system' ? undefined : packaging].filter((m) => m !== undefined);
  return {
    id: [place.kind, ...marks].join(':'),
    kind: place.kind,
    family: place.kind === 'firefox' ? 'firefox' : 'chromium',
    name: marks.length === 0 ? place.name : `${place.name} (${marks.join(', ')})`,
    path,
    packaging,
    ...(profileRoot === undefined ? {} : { profileRoot }),
  };
}

function onLinux(place: BrowserPlace, system: BrowserSystem): FoundBrowser[] {
  const { home } = system;
  const folders = searchPath(system);
  const paths = [...place.commands.flatMap((c) => folders.map((f) => posix.join(f, c))), ...(place.linux ?? [])];
  const found: FoundBrowser[] = [];
  const plain = paths.find((path) => system.isProgram(path) && !isSnapLauncher(path, system));
  if (plain !== undefined) found.push(browser(place, plain));
  if (place.snap !== undefined) {
    const path = `/snap/bin/${place.snap}`;
    if (system.isProgram(path)) {
      found.push(browser(place, path, 'snap', posix.join(home, 'snap', place.snap, 'common', 'sessionscope')));
    }
  }
  if (place.flatpak !== undefined) {
    const exports = ['/var/lib/flatpak/exports/bin', posix.join(home, '.local/share/flatpak/exports/bin')];
    const path = exports.map((folder) => posix.join(folder, place.flatpak ?? '')).find((p) => system.isProgram(p));
    if (path !== undefined) {
      found.push(browser(place, path, 'flatpak', posix.join(home, '.var/app', place.flatpak, 'data/sessionscope')));
    }
  }
  return found;
}

/** Ubuntu's `/usr/bin/chromium-browser` and `/usr/bin/firefox` are scripts that start the snap (or ask to install it). */
function isSnapLauncher(path: string, system: BrowserSystem): boolean {
  if (path.startsWith('/snap/') || /\/snap(\/|$)/.test(system.realPath(path))) return true;
  const start = system.readStart(path);
  return start?.startsWith('#!') === true && /\/snap\/bin\/|snap (run|install) /.test(start);
}

function onMac(place: BrowserPlace, system: BrowserSystem): FoundBrowser[] {
  if (place.mac === undefined) return [];
  const [bundle, program] = place.mac;
  const path = ['/Applications', posix.join(system.home, 'Applications')]
    .map((folder) => posix.join(folder, bundle, 'Contents/MacOS', program))
    .find((p) => system.isProgram(p));
  return path === undefined ? [] : [browser(place, path)];
}

function onWindows(place: BrowserPlace, system: BrowserSystem): FoundBrowser[] {
  const { windows } = place;
  if (windows === undefined) return [];
  const roots = ['ProgramFiles', 'ProgramW6432', 'ProgramFiles(x86)', 'LocalAppData'].map((n) => envOf(system, n));
  const path = roots
    .filter((root) => root !== undefined)
    .map((root) => win32.join(root, windows))
    .find((p) => system.isProgram(p));
  return path === undefined ? [] : [browser(place, path)];
}

/** Windows' variable names ignore letter case; a plain object with them does not. */
function envOf(system: BrowserSystem, name: string): string | undefined {
  const key = Object.keys(system.env).find((k) => k.toLowerCase() === name.toLowerCase());
  const value = key === undefined ? undefined : system.env[key];
  return value === '' ? undefined : value;
}
