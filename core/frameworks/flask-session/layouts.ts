import { createHash } from 'node:crypto';
import type { FileLayout, InsideClock, KeyLayout, TableLayout } from '../../stores/layout.ts';
import { countAdjusted } from './file-count.ts';

const PREFIX = 'session:';
/** Ids that Flask-Session makes are UUIDs or URL-safe random texts; a signed cookie has its signature after a dot. */
const ID = /^[\w-]{16,128}$/;
/** Longer than any cookie. */
const LONGEST = 8_192;
/** It takes any value of the cookie for an id, and makes a record under it. */
const named = (id: string): readonly string[] => {
  if (id === '' || id.length > LONGEST) return [];
  const plain = id.split('.', 1)[0] ?? '';
  return plain !== id && ID.test(plain) ? [PREFIX + plain, PREFIX + id] : [PREFIX + id];
};
const publicId = (name: string): string | undefined =>
  name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;

/** `SESSION_TYPE = 'sqlalchemy'`. */
export const flaskSessionTable: TableLayout = {
  kind: 'table',
  id: 'flask-session',
  title: 'Flask-Session table',
  framework: 'flask-session',
  table: 'sessions',
  columnId: { name: 'session_id', is: ['text'] },
  data: { name: 'data', is: ['bytes'] },
  expires: { name: 'expiry', is: ['time'], form: 'utc' },
  recordNames: named,
  publicId,
  compares: 'expires',
};

/** cachelib writes the end as 4 bytes, little-endian seconds, before the pickle; 0 stands for never. */
const FIRST_BYTES: InsideClock = {
  clock: 'expires',
  where: 'the first 4 bytes',
  read(bytes) {
    if (bytes.length < 4) return null;
    const seconds = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    return seconds === 0 ? null : seconds * 1000;
  },
  write(bytes, ms) {
    const made = Uint8Array.from(bytes);
    new DataView(made.buffer).setUint32(0, Math.max(1, Math.min(0xffffffff, Math.floor(ms / 1000))), true);
    return made;
  },
};

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
/** The file in which cachelib counts the others. */
const COUNTER = md5('__wz_cache_count');

/** `SESSION_TYPE = 'filesystem'`: files are named by the MD5 of the key, so an id cannot be told from its file. */
export const cachelibFiles: FileLayout = {
  kind: 'file',
  id: 'cachelib',
  title: 'Flask-Session files',
  framework: 'flask-session',
  belongs: (name) => /^[0-9a-f]{32}$/.test(name) && name !== COUNTER,
  looksLike: (name, head) => /^[0-9a-f]{32}$/.test(name) && name !== COUNTER && head[4] === 0x80 && (head[5] ?? 9) <= 5,
  recordNames: (id) => named(id).map(md5),
  lastUsedIn: undefined,
  compares: 'expires',
  inside: [FIRST_BYTES],
  counter: { name: COUNTER, adjusted: countAdjusted },
};

export const flaskSessionKeys: KeyLayout = {
  kind: 'key',
  id: 'flask-session-redis',
  title: 'Flask-Session on Redis',
  framework: 'flask-session',
  prefixes: [PREFIX],
  belongs: (rest) => ID.test(rest),
  recordNames: named,
  publicId,
  compares: 'expires',
  type: 'string',
};
