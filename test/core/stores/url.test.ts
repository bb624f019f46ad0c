import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkTableName,
  formatStoreUrl,
  maskStoreUrl,
  parseStoreUrl,
  type StoreAddress,
  withoutPassword,
} from '../../../core/stores/url.ts';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const secret = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const filePath = fc
  .array(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((part) => !/[/\\\0]|^\.{1,2}$/.test(part)),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `/${parts.join('/')}`)
  .filter((path) => path === path.trim());

const address: fc.Arbitrary<StoreAddress> = fc.oneof(
  fc.record({ kind: fc.constantFrom('disk' as const, 'shelf' as const), path: filePath }),
  fc.record({ kind: fc.constant('sqlite' as const), path: filePath, table: name }),
  fc.record(
    {
      kind: fc.constantFrom('postgres' as const, 'mysql' as const),
      host: fc.constantFrom('localhost', '127.0.0.1', '::1', 'db.example.test'),
      port: fc.integer({ min: 1, max: 65_535 }),
      user: secret,
      password: secret,
      database: secret.filter((text) => !text.includes('/')),
      table: name,
      zone: fc.constantFrom('UTC', 'Asia/Shanghai'),
      ssl: fc.constantFrom('require' as const, 'verify-ca' as const, 'verify' as const),
      as: fc.constantFrom('django', 'webpy'),
    },
    { requiredKeys: ['kind', 'host', 'port', 'user', 'database', 'table'] },
  ),
  fc.record(
    {
      kind: fc.constant('redis' as const),
      host: fc.constantFrom('localhost', '::1', 'cache.example.test'),
      port: fc.integer({ min: 1, max: 65_535 }),
      user: secret,
      password: secret,
      database: fc.nat(15),
      prefix: secret,
      ssl: fc.constantFrom('require' as const, 'verify' as const),
    },
    { requiredKeys: ['kind', 'host', 'port', 'database'] },
  ),
);

describe('store URLs', () => {
  it('parse(format(address)) is the address', () => {
    fc.assert(
      fc.property(address, (given) => {
        expect(parseStoreUrl(formatStoreUrl(given))).toEqual(given);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['disk:sessions', { kind: 'disk', path: '/base/sessions' }],
    ['disk:/var/lib/app/sessions', { kind: 'disk', path: '/var/lib/app/sessions' }],
    ['disk:///var/lib/app', { kind: 'disk', path: '/var/lib/app' }],
    ['disk:what?', { kind: 'disk', path: '/base/what' }],
    ['disk:why?not', { kind: 'disk', path: '/base/why?not' }],
    ['disk:100%/a%20b', { kind: 'disk', path: '/base/100%/a b' }],
    ['sqlite:app.db', { kind: 'sqlite', path: '/base/app.db', table: 'sessions' }],
    ['SQLite:app.db?table=app.Sessions', { kind: 'sqlite', path: '/base/app.db', table: 'app.Sessions' }],
    [
      'postgresql://web@db/shop',
      { kind: 'postgres', host: 'db', port: 5432, user: 'web', database: 'shop', table: 'sessions' },
    ],
    [
      'mariadb://web:p%40ss@[::1]:3307/shop?table=s&zone=Asia/Shanghai',
      {
        kind: 'mysql',
        host: '::1',
        port: 3307,
        user: 'web',
        password: 'p@ss',
        database: 'shop',
        table: 's',
        zone: 'Asia/Shanghai',
      },
    ],
    ['postgres://h:80/d', { kind: 'postgres', host: 'h', port: 80, database: 'd', table: 'sessions' }],
    ['shelf:session.shelf', { kind: 'shelf', path: '/base/session.shelf' }],
    ['memory:', { kind: 'memory', name: '' }],
    // As the databases' own tools and hosters write them.
    [
      'mysql://web@h/d?ssl-mode=REQUIRED',
      { kind: 'mysql', host: 'h', port: 3306, user: 'web', database: 'd', table: 'sessions', ssl: 'require' },
    ],
    [
      'mysql://h/d?sslMode=VERIFY_IDENTITY&useUnicode=true',
      { kind: 'mysql', host: 'h', port: 3306, database: 'd', table: 'sessions', ssl: 'verify' },
    ],
    [
      'postgres://h/d?sslmode=verify-ca&application_name=x',
      { kind: 'postgres', host: 'h', port: 5432, database: 'd', table: 'sessions', ssl: 'verify-ca' },
    ],
    [
      'postgresql://h/d?sslmode=require&channel_binding=require&schema=web',
      { kind: 'postgres', host: 'h', port: 5432, database: 'd', table: 'web.sessions', ssl: 'require' },
    ],
    [
      'postgres:///app?host=/var/run/postgresql',
      { kind: 'postgres', host: '/var/run/postgresql', port: 5432, database: 'app', table: 'sessions' },
    ],
    [
      'postgres://web@%2Frun%2Fpg/app?port=5433',
      { kind: 'postgres', host: '/run/pg', port: 5433, user: 'web', database: 'app', table: 'sessions' },
    ],
    [
      'mysql://web@localhost/app?socket=/run/mysqld/mysqld.sock',
      {
        kind: 'mysql',
        host: 'localhost',
        port: 3306,
        socket: '/run/mysqld/mysqld.sock',
        user: 'web',
        database: 'app',
        table: 'sessions',
      },
    ],
    [
      'sqlite:app.db?table=t&id=key&data=value&expires=until',
      { kind: 'sqlite', path: '/base/app.db', table: 't', columns: { id: 'key', data: 'value', expires: 'until' } },
    ],
    [
      'rediss://:p%40ss@cache/2?prefix=sess:',
      { kind: 'redis', host: 'cache', port: 6379, password: 'p@ss', database: 2, prefix: 'sess:', ssl: 'verify' },
    ],
    [
      'redis+unix:///run/redis/redis.sock?db=3',
      { kind: 'redis', host: 'localhost', port: 6379, socket: '/run/redis/redis.sock', database: 3 },
    ],
  ])('%s', (text, expected) => {
    expect(parseStoreUrl(text, '/base')).toEqual(expected);
  });

  it.each([
    'sessions',
    '/var/lib/sessions',
    'memcached://web:hunter2@localhost/0',
    'mongodb://web:hunter2@localhost/app',
    'cassandra://web:hunter2@localhost/app',
    'mysql://web:hunter2@host/db?ssl-mod=REQUIRED',
    'postgres://web:hunter2@host/db?tabel=x',
    'redis://web:hunter2@host/x',
    'disk:',
    'postgres://web:hunter2@host',
    'postgres://web:hunter2@host:port/db',
    'mysql://web:hunter2@host/db?table=a;drop table b',
    'mysql://web:hunter2@host/db?zone=Mars/Olympus',
    'postgres://web:hunter2@host/db?ssl=maybe',
    "sqlite:x.db?table=a'b",
    '',
  ])('refuses %j with a remedy and without the password', (text) => {
    const error = (() => {
      try {
        return parseStoreUrl(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ problem: { kind: expect.stringMatching(/^bad-/), remedy: expect.any(String) } });
    expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('hunter2');
  });

  it('names the parameter that is not known, and the one that is meant', () => {
    const refused = (url: string) => {
      try {
        parseStoreUrl(url);
      } catch (error) {
        return (error as { problem: { message: string; remedy: string } }).problem;
      }
      throw new Error(`${url} is taken`);
    };
    expect(refused('mysql://h/d?ssl-mod=REQUIRED')).toMatchObject({
      message: expect.stringContaining('ssl-mod'),
      remedy: expect.stringContaining('Perhaps ssl is meant'),
    });
    expect(refused('sqlite:a.db?tabel=x').remedy).toContain('Perhaps table is meant');
    expect(refused('mysql://web:p#ss/w@h/d').remedy).toContain('%23');
    expect(refused('memcached://h').message).toContain('cannot list');
  });

  it('masks every password, encoded well or not', () => {
    expect(maskStoreUrl('postgres://web:secret@host/db')).toBe('postgres://web:***@host/db');
    expect(maskStoreUrl('postgres://web:p@ss/w?rd#x@host/db')).toBe('postgres://web:***@host/db');
    expect(maskStoreUrl('mysql://host/db?password=secret&table=t')).toBe('mysql://host/db?password=***&table=t');
    expect(maskStoreUrl('postgres://web@host/db')).toBe('postgres://web@host/db');
    expect(maskStoreUrl('redis+unix:/run/redis.sock?auth=secret&db=1')).toBe(
      'redis+unix:/run/redis.sock?auth=***&db=1',
    );
    expect(maskStoreUrl('mysql://host/db?pwd=secret')).toBe('mysql://host/db?pwd=***');
    for (const [url, plain] of [
      ['postgres://web:p@ss/w?rd#x@host/db', 'postgres://web@host/db'],
      ['mysql://host/db?password=secret&table=t', 'mysql://host/db?table=t'],
      ['mysql://host/db?table=t&password=secret', 'mysql://host/db?table=t'],
      ['redis+unix:/run/redis.sock?auth=secret', 'redis+unix:/run/redis.sock'],
      ['redis://:secret@host:6379/0?prefix=sess:', 'redis://@host:6379/0?prefix=sess:'],
      ['disk:/srv/sessions', 'disk:/srv/sessions'],
    ] as const) {
      expect(withoutPassword(url)).toBe(plain);
    }
    expect(maskStoreUrl('disk:/a:b@c')).toBe('disk:/a:b@c');
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{6,12}$/), name, (password, user) => {
        const url = formatStoreUrl({
          kind: 'postgres',
          host: 'h',
          port: 1,
          user,
          password,
          database: 'd',
          table: 't',
        });
        expect(maskStoreUrl(url)).not.toContain(password);
      }),
    );
  });

  it('lets only names through as table names', () => {
    for (const good of ['sessions', 'app.sessions', '_x1', 'Сессии', 'a$b']) expect(checkTableName(good)).toBe(good);
    for (const bad of ['', '1a', 'a b', 'a;b', 'a"b', 'a`b', 'a.b.c.d', 'a.', '(select 1)', 'a--', 'a\0']) {
      expect(() => checkTableName(bad)).toThrow(/not a table name/);
    }
  });
});
