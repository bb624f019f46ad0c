import { afterAll, beforeAll, expect, it } from 'vitest';
import { needs } from '../../support/needs.ts';
import { type RedisTestServer, startRedis } from '../../support/redis-server.ts';
import { startMariadb, startPostgres, type TestServer } from '../../support/servers.ts';
import { COLUMNS, runStack, type StackServers, stacks } from '../../support/stacks/table.ts';

/*
 * Real applications, each found, joined, edited, aged and undone by its own answers; `scripts/stacks.ts` prints the table.
 */

needs(
  'python',
  'django',
  'flask',
  'php',
  'laravel',
  'rails',
  'redis',
  'postgres',
  'mariadb',
)('stacks', () => {
  let redis: RedisTestServer;
  let postgres: TestServer;
  let mariadb: TestServer;
  let servers: StackServers;
  beforeAll(async () => {
    [redis, postgres, mariadb] = await Promise.all([startRedis(), startPostgres(), startMariadb()]);
    servers = { redisPort: redis.port, postgres: postgres.url, mysql: mariadb.url };
  }, 240_000);
  afterAll(() => Promise.all([redis?.stop(), postgres?.stop(), mariadb?.stop()]));

  const names = stacks({ redisPort: 1, postgres: 'postgres://a/b', mysql: 'mysql://a/b' }).map(({ name }) => name);
  it.each(names)(
    '%s passes every column of the table',
    async (name) => {
      const stack = stacks(servers).find((one) => one.name === name);
      if (stack === undefined) throw new Error(`there is no stack ${name}`);
      const row = await runStack(stack);
      expect(row.failed).toBeUndefined();
      expect(Object.keys(row).sort()).toEqual([...COLUMNS].sort());
    },
    120_000,
  );
});
