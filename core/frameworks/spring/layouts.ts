import { randomUUID } from 'node:crypto';
import { applyEdits, decode } from '../../codec/codec.ts';
import { intNode, strNode } from '../../codec/nodes.ts';
import { getAt } from '../../codec/path.ts';
import { joinValues } from '../../model/named-values.ts';
import type { Path } from '../../model/path.ts';
import type { InsideClock, KeyLayout, TableLayout } from '../../stores/layout.ts';
import { springAttributes } from './attributes.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The cookie holds the id in base64 unless `useBase64Encoding` is off. */
function idOf(cookie: string): string | undefined {
  if (UUID.test(cookie)) return cookie;
  if (!/^[A-Za-z0-9+/]{48}$/.test(cookie)) return undefined;
  const text = Buffer.from(cookie, 'base64').toString('latin1');
  return UUID.test(text) ? text : undefined;
}

const names = (prefix: string) => (cookie: string) => {
  const id = idOf(cookie);
  return id === undefined ? [] : [prefix + id];
};

/**
 * `JdbcIndexedSessionRepository`: a row for each session and one for each attribute. A request compares the last use
 * with the row's own limit; `EXPIRY_TIME` repeats the end for the cleanup.
 */
export const springTable: TableLayout = {
  kind: 'table',
  id: 'spring',
  title: 'Spring Session (JDBC)',
  framework: 'spring',
  table: 'SPRING_SESSION',
  columnId: { name: 'session_id', is: ['text'] },
  data: { name: 'session_id', is: ['text'] },
  lastUsed: { name: 'last_access_time', is: ['integer'], form: 'milliseconds' },
  requires: [
    { name: 'primary_id', is: ['text'] },
    { name: 'max_inactive_interval', is: ['integer'] },
    { name: 'expiry_time', is: ['integer'] },
  ],
  copies: [{ name: 'expiry_time', is: ['integer'] }],
  attributes: {
    suffix: '_attributes',
    parent: 'primary_id',
    key: 'session_primary_id',
    name: 'attribute_name',
    value: 'attribute_bytes',
    fresh: (_, clock) => ({
      primary_id: randomUUID(),
      creation_time: String(Math.round(clock)),
      max_inactive_interval: String(IDLE_SECONDS),
      expiry_time: String(Math.round(clock) + IDLE_SECONDS * 1000),
    }),
  },
  recordNames: names(''),
  publicId: (name) => Buffer.from(name).toString('base64'),
  compares: 'lastUsed',
  layers: ['spring-attributes'],
  fresh: () => joinValues([]),
};

/** What Spring Session uses unless it is set. */
const IDLE_SECONDS = 1800;
const PREFIX = 'spring:session:sessions:';
const LAST_ACCESS: Path = [{ kind: 'key', key: strNode('lastAccessedTime') }];
const AS = { as: ['spring-attributes'], layers: [springAttributes] };

const lastAccess: InsideClock = {
  clock: 'lastUsed',
  where: 'field lastAccessedTime',
  read(bytes) {
    try {
      const root = decode(bytes, AS).value;
      const node = root === null ? undefined : getAt(root, LAST_ACCESS);
      return node?.t === 'int' ? Number(node.v) : null;
    } catch {
      return null;
    }
  },
  write: (bytes, ms) => applyEdits(bytes, [{ op: 'set', path: LAST_ACCESS, value: intNode(Math.round(ms)) }], AS),
};

/**
 * `RedisSessionRepository` and `RedisIndexedSessionRepository`: a hash for each session. Keys of the index
 * (`…:expires:…`, `spring:session:expirations:…`) are no sessions.
 */
export const springKeys: KeyLayout = {
  kind: 'key',
  id: 'spring-redis',
  title: 'Spring Session on Redis',
  framework: 'spring',
  prefixes: [PREFIX],
  belongs: (rest) => UUID.test(rest),
  recordNames: names(PREFIX),
  publicId: (name) => Buffer.from(name.slice(PREFIX.length)).toString('base64'),
  compares: 'lastUsed',
  inside: [lastAccess],
  layers: ['spring-attributes'],
  type: 'hash',
};
