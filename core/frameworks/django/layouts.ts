import { createHash } from 'node:crypto';
import type { FileLayout, KeyLayout, TableLayout } from '../../stores/layout.ts';
import { djangoCacheEnd } from './cache-file.ts';

/** A session key: 32 letters and digits; older versions took up to 40. */
const KEY = /^[a-z0-9]{8,40}$/;
const CACHE = ':1:django.contrib.sessions.cache';
const FILE = 'sessionid';

/** `django.contrib.sessions.backends.db`: times are in UTC with `USE_TZ`, which is the default since 5.0. */
export const djangoTable: TableLayout = {
  kind: 'table',
  id: 'django',
  title: 'Django sessions',
  framework: 'django',
  table: 'django_session',
  columnId: { name: 'session_key', is: ['text'] },
  data: { name: 'session_data', is: ['text'] },
  expires: { name: 'expire_date', is: ['time'], form: 'utc' },
  recordNames: (id) => (KEY.test(id) ? [id] : []),
  publicId: (name) => name,
  compares: 'expires',
};

/** The database cache, when sessions are kept in it. */
export const djangoCacheTable: TableLayout = {
  kind: 'table',
  id: 'django-cache',
  title: 'Django cache table',
  framework: 'django',
  table: 'django_cache',
  columnId: { name: 'cache_key', is: ['text'] },
  data: { name: 'value', is: ['text'] },
  expires: { name: 'expires', is: ['time'], form: 'utc' },
  recordNames: (id) => (KEY.test(id) ? [CACHE + id] : []),
  publicId: (name) => (name.startsWith(CACHE) ? name.slice(CACHE.length) : undefined),
  compares: 'expires',
};

/** `backends.file`: a session ends `SESSION_COOKIE_AGE` after the file was written, or at the end that its data states. */
export const djangoFiles: FileLayout = {
  kind: 'file',
  id: 'django-files',
  title: 'Django session files',
  framework: 'django',
  belongs: (name) => name.startsWith(FILE) && KEY.test(name.slice(FILE.length)),
  looksLike: (name, head) =>
    name.startsWith(FILE) &&
    KEY.test(name.slice(FILE.length)) &&
    (head.length === 0 || /^[\w.:=+/-]+$/.test(Buffer.from(head).toString('latin1'))),
  recordNames: (id) => (KEY.test(id) ? [FILE + id] : []),
  publicId: (name) => (name.startsWith(FILE) ? name.slice(FILE.length) : undefined),
  lastUsedIn: 'mtime',
  compares: 'lastUsed',
};

const CACHE_FILE = /^[0-9a-f]{32}\.djcache$/;

/** `backends.cache` in files: named by a digest, so that what else the cache holds looks alike until it is read. */
export const djangoCacheFiles: FileLayout = {
  kind: 'file',
  id: 'django-cache-files',
  title: 'Django cache in files',
  framework: 'django',
  belongs: (name) => CACHE_FILE.test(name),
  looksLike: (name, head) => CACHE_FILE.test(name) && head[0] === 0x80,
  recordNames: (id) =>
    KEY.test(id)
      ? [
          `${createHash('md5')
            .update(CACHE + id)
            .digest('hex')}.djcache`,
        ]
      : [],
  lastUsedIn: 'inside',
  compares: 'expires',
  inside: [djangoCacheEnd],
  layers: ['django-cache'],
};

/** `backends.cache` on Redis. */
export const djangoKeys: KeyLayout = {
  kind: 'key',
  id: 'django-redis',
  title: 'Django cache on Redis',
  framework: 'django',
  prefixes: [CACHE],
  belongs: (rest) => KEY.test(rest),
  recordNames: (id) => (KEY.test(id) ? [CACHE + id] : []),
  publicId: (name) => (name.startsWith(CACHE) ? name.slice(CACHE.length) : undefined),
  compares: 'expires',
  type: 'string',
};
