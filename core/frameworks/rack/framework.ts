import { createHash } from 'node:crypto';
import type { KeyLayout } from '../../stores/layout.ts';
import type { Framework } from '../framework.ts';

/** The id in the cookie is public; what stands in the store is `2::` and its SHA-256. */
const PRIVATE = '2::';

const rackKeys: KeyLayout = {
  kind: 'key',
  id: 'rack-redis',
  title: 'Rack sessions on Redis',
  framework: 'rack',
  prefixes: [PRIVATE],
  belongs: (rest) => /^[0-9a-f]{64}$/.test(rest),
  recordNames: (id) => (/^[0-9a-f]{16,128}$/.test(id) ? [PRIVATE + createHash('sha256').update(id).digest('hex')] : []),
  compares: 'expires',
  type: 'string',
};

export const rack: Framework = {
  id: 'rack',
  title: 'Rack',
  cookieNames: [{ pattern: /^rack\.session$/, text: 'rack.session' }],
  keys: [rackKeys],
};
