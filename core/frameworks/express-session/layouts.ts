import type { FileLayout, KeyLayout, TableLayout } from '../../stores/layout.ts';
import { jsonClock } from '../json-clock.ts';

/*
 * The stores of express-session that npm has most. Each keeps the session as JSON, in which `cookie.expires` repeats the
 * end; express-session itself compares that copy when it has loaded a session.
 */

const COOKIE_EXPIRES = jsonClock('expires', ['cookie', 'expires'], 'iso');
const itself = (id: string): readonly string[] => [id];
const same = (name: string): string => name;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A session without data, whose cookie ends with it. */
function fresh(_: string, expires: number): Uint8Array {
  const cookie = { originalMaxAge: null, expires: new Date(expires).toISOString(), httpOnly: true, path: '/' };
  return encode(JSON.stringify({ cookie }));
}

const COMMON = {
  framework: 'express-session',
  recordNames: itself,
  publicId: same,
  compares: 'expires',
  inside: [COOKIE_EXPIRES],
  layers: ['json'],
  fresh,
} as const;

export const connectPgSimple: TableLayout = {
  ...COMMON,
  kind: 'table',
  id: 'connect-pg-simple',
  title: 'connect-pg-simple',
  table: 'session',
  columnId: { name: 'sid', is: ['text'] },
  data: { name: 'sess', is: ['json', 'text'] },
  expires: { name: 'expire', is: ['time'], form: 'server' },
};

export const connectSqlite3: TableLayout = {
  ...COMMON,
  kind: 'table',
  id: 'connect-sqlite3',
  title: 'connect-sqlite3',
  table: 'sessions',
  columnId: { name: 'sid', is: ['text'] },
  data: { name: 'sess', is: ['text', 'json'] },
  expires: { name: 'expired', is: ['integer', 'number', 'text'], form: 'milliseconds' },
};

export const betterSqlite3Session: TableLayout = {
  ...COMMON,
  kind: 'table',
  id: 'better-sqlite3-session-store',
  title: 'better-sqlite3-session-store',
  table: 'sessions',
  columnId: { name: 'sid', is: ['text'] },
  data: { name: 'sess', is: ['json', 'text'] },
  expires: { name: 'expire', is: ['text'], form: 'iso' },
};

export const expressMysqlSession: TableLayout = {
  ...COMMON,
  kind: 'table',
  id: 'express-mysql-session',
  title: 'express-mysql-session',
  table: 'sessions',
  columnId: { name: 'session_id', is: ['text'] },
  data: { name: 'data', is: ['text', 'json'] },
  expires: { name: 'expires', is: ['integer'], form: 'seconds' },
};

const FILE = '.json';

/** session-file-store: it compares `__lastAccess` with its own time to live. */
export const sessionFileStore: FileLayout = {
  kind: 'file',
  id: 'session-file-store',
  title: 'session-file-store',
  framework: 'express-session',
  belongs: (name) => name.endsWith(FILE) && name.length > FILE.length,
  looksLike: (name, head) =>
    name.endsWith(FILE) && /^\s*\{.*"(cookie|__lastAccess)"\s*:/s.test(Buffer.from(head).toString('utf8')),
  recordNames: (id) => (/^[\w-]{1,200}$/.test(id) ? [id + FILE] : []),
  publicId: (name) => (name.endsWith(FILE) ? name.slice(0, -FILE.length) : undefined),
  lastUsedIn: 'inside',
  compares: 'lastUsed',
  inside: [jsonClock('lastUsed', ['__lastAccess'], 'milliseconds'), COOKIE_EXPIRES],
  layers: ['json'],
  fresh: (_, lastUsed) =>
    encode(
      JSON.stringify({
        cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: '/' },
        __lastAccess: Math.round(lastUsed),
      }),
    ),
};

export const connectRedis: KeyLayout = {
  ...COMMON,
  kind: 'key',
  id: 'connect-redis',
  title: 'connect-redis',
  prefixes: ['sess:'],
  belongs: (rest) => /^[\w-]{8,256}$/.test(rest),
  recordNames: (id) => (/^[\w-]{1,256}$/.test(id) ? [`sess:${id}`] : []),
  publicId: (name) => (name.startsWith('sess:') ? name.slice(5) : undefined),
  type: 'string',
};
