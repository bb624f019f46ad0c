import type { KeyLayout, TableLayout } from '../../stores/layout.ts';
import type { Framework } from '../framework.ts';
import { findSymfonyStores } from './find-stores.ts';

const ID = /^[-,a-zA-Z0-9]{1,256}$/;

/** `PdoSessionHandler`: since 4.4 `sess_lifetime` is the moment of the end in seconds, before it was a duration. */
const symfonyTable: TableLayout = {
  kind: 'table',
  id: 'symfony',
  title: 'Symfony sessions',
  framework: 'symfony',
  table: 'sessions',
  columnId: { name: 'sess_id', is: ['text', 'bytes'] },
  data: { name: 'sess_data', is: ['bytes', 'text'] },
  expires: { name: 'sess_lifetime', is: ['integer'], form: 'seconds' },
  requires: [{ name: 'sess_time', is: ['integer'] }],
  recordNames: (id) => (ID.test(id) ? [id] : []),
  publicId: (name) => name,
  compares: 'expires',
};

/** PHP's own handler for Redis and Symfony's. */
const symfonyKeys: KeyLayout = {
  kind: 'key',
  id: 'symfony-redis',
  title: 'Symfony sessions on Redis',
  framework: 'symfony',
  prefixes: ['sf_s'],
  belongs: (rest) => ID.test(rest) && rest.length >= 22,
  recordNames: (id) => (ID.test(id) ? [`sf_s${id}`] : []),
  publicId: (name) => (name.startsWith('sf_s') ? name.slice(4) : undefined),
  compares: 'expires',
  type: 'string',
};

export const symfony: Framework = {
  id: 'symfony',
  title: 'Symfony',
  cookieNames: [],
  tables: [symfonyTable],
  keys: [symfonyKeys],
  payload: { own: ['_sf2_meta', '_symfony_flashes'], signs: [['_sf2_attributes', '_sf2_meta']] },
  findStores: findSymfonyStores,
};
