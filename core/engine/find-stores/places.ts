import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FRAMEWORKS } from '../../frameworks/catalog.ts';
import type { ProcessFacts, StoreCandidate } from '../../frameworks/framework.ts';
import { dotEnv } from '../../frameworks/settings-text.ts';
import { readQuietly } from '../../stores/quiet-files.ts';
import { kindOfUrl } from '../../stores/url.ts';
import type { RawProcess } from './process-source.ts';

/** Longer files are no settings. */
const MOST_TEXT = 1 << 20;
const MOST_NAMES = 2_000;
/** Most folders and databases that are looked at inside a folder that a process was started with. */
const MOST_INSIDE = 40;
const SQLITE = 'SQLite format 3\0';
/** Folders in which applications keep their databases and sessions, below the working directory. */
const USUAL = ['.', 'instance', 'data', 'db', 'var', 'storage', 'database', 'sessions', 'tmp/sessions'];

/** A process with its files, read without leaving a trace and never followed out of what the user may read. */
function readable(raw: RawProcess): ProcessFacts {
  const real = (name: string): string | undefined => {
    const file = path.resolve(raw.cwd, name);
    return raw.outside === undefined ? file : raw.outside(file);
  };
  return {
    ...raw,
    readText(name) {
      const file = real(name);
      try {
        if (file === undefined || !isFile(file) || fs.statSync(file).size > MOST_TEXT) return undefined;
        return Buffer.from(readQuietly(file)).toString('utf8');
      } catch {
        return undefined;
      }
    },
    list(name) {
      const folder = real(name);
      try {
        return folder === undefined ? undefined : fs.readdirSync(folder).slice(0, MOST_NAMES);
      } catch {
        return undefined;
      }
    },
  };
}

/** A place, and whether a setting names it, so that it counts while it is still empty. */
export interface Place extends StoreCandidate {
  readonly named: boolean;
}

/** The places to which a process points, likeliest first: its settings, its open files, its arguments, what lies beside it. */
export function placesOf(raw: RawProcess): Place[] {
  const process = readable(raw);
  const outside = (url: string): string | undefined =>
    raw.outside === undefined || kindOfUrl(url) !== undefined ? url : raw.outside(path.resolve(raw.cwd, url));
  const named = [...FRAMEWORKS.flatMap(({ findStores }) => findStores?.(process) ?? []), ...fromEnvironment(process)];
  const seen = [...fromOpenFiles(process), ...fromArguments(process), ...fromConnections(process), ...beside(process)];
  const expanded = (candidates: readonly StoreCandidate[], isNamed: boolean): Place[] =>
    candidates.flatMap(({ url, reason }) => {
      const there = outside(url);
      if (there === undefined) return [];
      return inside({ url: there, reason }).map((one, index) => ({ ...one, named: isNamed && index === 0 }));
    });
  return [...expanded(named, true), ...expanded(seen, false)];
}

function fromEnvironment(process: ProcessFacts): StoreCandidate[] {
  return Object.entries(dotEnv(process)).flatMap(([name, value]): StoreCandidate[] => {
    const url = storeUrl(value);
    if (url !== undefined) return [{ url, reason: `${name} in its environment or .env` }];
    if (!/SESSION|STORE|DATABASE|DB_/i.test(name) || !/[/\\]/.test(value)) return [];
    const place = path.resolve(process.cwd, value.replace(/^(sqlite|file):(\/\/)?/, ''));
    return [{ url: place, reason: `${name} in its environment or .env` }];
  });
}

function fromOpenFiles({ openFiles }: ProcessFacts): StoreCandidate[] {
  return openFiles.map((file) => ({ url: file, reason: 'the process has it open' }));
}

function fromArguments({ argv, cwd }: ProcessFacts): StoreCandidate[] {
  return argv.slice(1).flatMap((word): StoreCandidate[] => {
    const value = word.slice(word.indexOf('=') + 1);
    const url = storeUrl(value) ?? storeUrl(word);
    if (url !== undefined) return [{ url, reason: 'it stands in the command line' }];
    return value.startsWith('/') || /^\.{1,2}[/\\]|^[a-z]:\\/i.test(value)
      ? [{ url: path.resolve(cwd, value), reason: 'it stands in the command line' }]
      : [];
  });
}

/** Programs that speak Redis' protocol. */
const REDIS_SERVERS = /^(redis|valkey|keydb|dragonfly|kvrocks|garnet)/i;

/** Servers that are known by their program, or by their usual port where it cannot be seen. A database's login stands in no connection, so only Redis is one. */
function fromConnections({ connections, argv, servers = {} }: ProcessFacts): StoreCandidate[] {
  return connections.flatMap((end): StoreCandidate[] => {
    const port = end.slice(end.lastIndexOf(':') + 1);
    const server = servers[end] ?? '';
    if (REDIS_SERVERS.test(server)) {
      return [{ url: `redis://${end}/0`, reason: `the process is connected to ${server} at ${end}` }];
    }
    const meant = server === '' && (port === '6379' || argv.slice(1).includes(port));
    return meant ? [{ url: `redis://${end}/0`, reason: `the process is connected to ${end}` }] : [];
  });
}

function beside(process: ProcessFacts): StoreCandidate[] {
  // A service without a folder of its own stands in the root or in the system's folder for temporary files.
  if (path.dirname(process.cwd) === process.cwd || path.resolve(process.cwd) === path.resolve(tmpdir())) return [];
  return USUAL.flatMap((folder) =>
    (process.list(folder) ?? [])
      .filter((name) => folder !== '.' || /\.(db|sqlite3?|db3)$|^\.?sessions?$/.test(name))
      .slice(0, MOST_INSIDE)
      .map((name) => path.resolve(process.cwd, folder, name))
      .concat(folder === '.' ? [] : [path.resolve(process.cwd, folder)])
      .filter((place) => isFolder(place) || isDatabase(place))
      .map((url) => ({ url, reason: 'it lies in the working directory of the process' })),
  );
}

/** A folder, with the folders and databases inside; a file only if it is a database. Nothing where there is nothing. */
function inside(candidate: StoreCandidate): StoreCandidate[] {
  const { url, reason } = candidate;
  if (kindOfUrl(url) !== undefined) return [candidate];
  if (!isFolder(url)) return isDatabase(url) ? [candidate] : [];
  let names: readonly string[];
  try {
    names = fs.readdirSync(url).slice(0, MOST_NAMES);
  } catch {
    return [];
  }
  const more = names
    .map((name) => path.join(url, name))
    .filter((place) => /\.(db|sqlite3?|db3|dat)$/.test(place) || path.extname(place) === '')
    .filter((place) => isDatabase(place) || isFolder(place))
    .slice(0, MOST_INSIDE);
  return [candidate, ...more.map((place) => ({ url: place, reason }))];
}

/** A text that is the URL of a store: of a database or server, never of a web site. */
function storeUrl(text: string): string | undefined {
  return /^(postgres(ql)?|mysql|mariadb|rediss?|redis\+unix|valkeys?):\/\//i.test(text) && kindOfUrl(text) !== undefined
    ? text
    : undefined;
}

function isFolder(file: string): boolean {
  try {
    return fs.statSync(file).isDirectory();
  } catch {
    return false;
  }
}

function isFile(file: string): boolean {
  try {
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** SQLite's own files; a shelf is found by its folder's settings alone. */
function isDatabase(file: string): boolean {
  if (!isFile(file)) return false;
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOATIME ?? 0));
    const head = Buffer.alloc(SQLITE.length);
    return fs.readSync(descriptor, head, 0, head.length, 0) === head.length && head.toString('latin1') === SQLITE;
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
