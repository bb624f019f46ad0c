import { createHash } from 'node:crypto';
import { adler32 } from '../../codec/layers/checksums.ts';
import type { FileLayout, KeyLayout, TableLayout } from '../../stores/layout.ts';
import { railsCacheEnd } from './cache-entry.ts';

/** An id as Rack makes it; the cookie has it in the open. */
const PUBLIC = /^[0-9a-f]{16,128}$/;
const PRIVATE = /^2::[0-9a-f]{64}$/;

/** What stands in the store is `2::` and the SHA-256 of the id; sessions from before 2020 stand under the id itself. */
function storedIds(id: string): string[] {
  return PUBLIC.test(id) ? [`2::${createHash('sha256').update(id).digest('hex')}`, id] : [];
}

/** The activerecord-session_store gem: the row of any age is read; a task that is run now and then removes old ones. */
export const activeRecordTable: TableLayout = {
  kind: 'table',
  id: 'activerecord',
  title: 'Rails sessions (Active Record)',
  framework: 'rails',
  table: 'sessions',
  columnId: { name: 'session_id', is: ['text'] },
  data: { name: 'data', is: ['text'] },
  requires: [
    { name: 'created_at', is: ['time', 'text'] },
    { name: 'updated_at', is: ['time', 'text'] },
  ],
  lastUsed: { name: 'updated_at', is: ['time', 'text'], form: 'utc' },
  recordNames: storedIds,
  compares: undefined,
  comparesNothing: 'Rails reads a session of any age here: only the task db:sessions:trim removes rows, by updated_at',
};

const KEY = '_session_id:';
const fileName = (id: string): string => encodeURIComponent(KEY + id);

/** `session_store :cache_store` with a FileStore. What else the cache holds is no session. */
export const railsCacheFiles: FileLayout = {
  kind: 'file',
  id: 'rails-cache-files',
  title: 'Rails sessions in cache files',
  framework: 'rails',
  belongs: isCacheFile,
  looksLike: isCacheFile,
  folders(name) {
    // The checksum of the name in two parts of three hex digits: the low one outside.
    const sum = adler32(Buffer.from(name)).reduce((whole, byte) => whole * 256 + byte, 0);
    return [sum % 0x1000, Math.floor(sum / 0x1000) % 0x1000].map((part) =>
      part.toString(16).toUpperCase().padStart(3, '0'),
    );
  },
  folderNames: /^[0-9A-F]{3}$/,
  recordNames: (id) => storedIds(id).map(fileName),
  lastUsedIn: 'inside',
  compares: 'expires',
  inside: [railsCacheEnd],
  layers: ['rails-cache'],
};

function isCacheFile(name: string): boolean {
  if (!name.startsWith(encodeURIComponent(KEY))) return false;
  try {
    const id = decodeURIComponent(name).slice(KEY.length);
    return PRIVATE.test(id) || PUBLIC.test(id);
  } catch {
    return false;
  }
}

/** `session_store :cache_store` with a RedisCacheStore; a `namespace` stands before it and is given as the prefix. */
export const railsCacheKeys: KeyLayout = {
  kind: 'key',
  id: 'rails-cache-redis',
  title: 'Rails sessions in the cache on Redis',
  framework: 'rails',
  prefixes: [KEY],
  belongs: (rest) => PRIVATE.test(rest) || PUBLIC.test(rest),
  recordNames: (id) => storedIds(id).map((stored) => KEY + stored),
  compares: 'expires',
  inside: [railsCacheEnd],
  layers: ['rails-cache'],
  type: 'string',
};
