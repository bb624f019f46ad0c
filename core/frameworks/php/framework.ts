import type { FileLayout, KeyLayout } from '../../stores/layout.ts';
import type { Framework } from '../framework.ts';
import { causeAdvice } from './cause-advice.ts';
import { findPhpStores } from './find-stores.ts';

/** What PHP takes as an id in a cookie or URL, and so in a file's name. */
const ID = /^[-,a-zA-Z0-9]{1,256}$/;
const PREFIX = 'sess_';

/** Whether a file begins as one of PHP's serialisation handlers writes it; an empty session is an empty file. */
function looksSerialised(head: Uint8Array): boolean {
  if (head.length === 0) return true;
  const text = Buffer.from(head.subarray(0, 256)).toString('latin1');
  // `php_serialize`, `php` (name|value), `php_binary` (a length, a name, a value), igbinary.
  return (
    /^a:\d+:\{/.test(text) ||
    /^[^|]{1,200}\|(?:N;|[bidsaOCE]:|[rR]:)/s.test(text) ||
    /^[\x01-\x7f][^\0]{1,127}(?:N;|[bidsaOCE]:|[rR]:)/s.test(text) ||
    text.startsWith('\0\0\0\x02')
  );
}

/** `session.save_handler = files`: `sess_<id>`, with `session.save_path = "N;/path"` in N folders of one letter each. */
const phpFiles: FileLayout = {
  kind: 'file',
  id: 'php-files',
  title: 'PHP session files',
  framework: 'php',
  belongs: (name) => name.startsWith(PREFIX) && ID.test(name.slice(PREFIX.length)),
  looksLike: (name, head) => name.startsWith(PREFIX) && ID.test(name.slice(PREFIX.length)) && looksSerialised(head),
  folders: (name, depth) => [...name.slice(PREFIX.length, PREFIX.length + depth)],
  recordNames: (id) => (ID.test(id) ? [PREFIX + id] : []),
  publicId: (name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined),
  lastUsedIn: 'mtime',
  compares: 'lastUsed',
  fresh: () => new Uint8Array(),
};

/** `session.save_handler = redis` of phpredis. */
const phpKeys: KeyLayout = {
  kind: 'key',
  id: 'php-redis',
  title: 'PHP sessions on Redis',
  framework: 'php',
  prefixes: ['PHPREDIS_SESSION:'],
  belongs: (rest) => ID.test(rest),
  recordNames: (id) => (ID.test(id) ? [`PHPREDIS_SESSION:${id}`] : []),
  publicId: (name) => name.replace(/^PHPREDIS_SESSION:/, ''),
  compares: 'expires',
  type: 'string',
};

export const php: Framework = {
  id: 'php',
  title: 'PHP',
  cookieNames: [{ pattern: /^phpsessid/, text: 'PHPSESSID' }],
  isId: (id) => ID.test(id),
  files: [phpFiles],
  keys: [phpKeys],
  ends: [
    {
      by: 'cleanup',
      clock: 'lastUsed',
      setting: { name: 'session.gc_maxlifetime', defaultSeconds: 1440 },
      runs: 'by a request, with the probability session.gc_probability / session.gc_divisor',
    },
  ],
  advice: causeAdvice,
  findStores: findPhpStores,
};
