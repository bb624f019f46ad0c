import type { FileLayout, KeyLayout, TableLayout } from '../../stores/layout.ts';

/** Ids are 40 letters and digits. */
const ID = /^[A-Za-z0-9]{40}$/;
const itself = (id: string): readonly string[] => (ID.test(id) ? [id] : []);

/** `SESSION_DRIVER=database`. */
export const laravelTable: TableLayout = {
  kind: 'table',
  id: 'laravel',
  title: 'Laravel sessions',
  framework: 'laravel',
  table: 'sessions',
  columnId: { name: 'id', is: ['text'] },
  data: { name: 'payload', is: ['text'] },
  lastUsed: { name: 'last_activity', is: ['integer'], form: 'seconds' },
  recordNames: itself,
  publicId: (name) => name,
  compares: 'lastUsed',
};

/** `SESSION_DRIVER=file`: `storage/framework/sessions`. */
export const laravelFiles: FileLayout = {
  kind: 'file',
  id: 'laravel-files',
  title: 'Laravel session files',
  framework: 'laravel',
  belongs: (name) => ID.test(name),
  looksLike: (name, head) => ID.test(name) && /^(a:\d+:\{|eyJpdiI6|\{")/.test(Buffer.from(head).toString('latin1')),
  recordNames: itself,
  publicId: (name) => name,
  lastUsedIn: 'mtime',
  compares: 'lastUsed',
};

/** `SESSION_DRIVER=redis`: the prefix of the cache and of the connection stand before the id. */
export const laravelKeys: KeyLayout = {
  kind: 'key',
  id: 'laravel-redis',
  title: 'Laravel sessions on Redis',
  framework: 'laravel',
  prefixes: [
    'laravel_database_laravel_cache_:',
    'laravel_database_laravel_cache:',
    'laravel_cache_:',
    'laravel_cache:',
  ],
  belongs: (rest) => ID.test(rest),
  recordNames: (id) => (ID.test(id) ? laravelKeys.prefixes.map((prefix) => prefix + id) : []),
  publicId: (name) => (ID.test(name.slice(-40)) ? name.slice(-40) : undefined),
  compares: 'expires',
  type: 'string',
};
