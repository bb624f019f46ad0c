/**
 * Prints a table of real applications and what the debugger does with each: `node scripts/stacks.ts [PART-OF-A-NAME]`. Needs
 * Debian's python3-flask, python3-flask-session, python3-flask-sqlalchemy, python3-django, python3-redis,
 * python3-psycopg2, php-cli, php-redis, php-sqlite3, php-laravel-framework, php-symfony-http-foundation, ruby-railties,
 * ruby-redis, puma, redis-server, postgresql and mariadb-server.
 */
import { startRedis } from '../test/support/redis-server.ts';
import { startMariadb, startPostgres } from '../test/support/servers.ts';
import { COLUMNS, runStack, stacks } from '../test/support/stacks/table.ts';

const wanted = process.argv[2] ?? '';
const [redis, postgres, mariadb] = await Promise.all([startRedis(), startPostgres(), startMariadb()]);
console.log(`| stack | ${COLUMNS.join(' | ')} |\n|${' --- |'.repeat(COLUMNS.length + 1)}`);
for (const stack of stacks({ redisPort: redis.port, postgres: postgres.url, mysql: mariadb.url })) {
  if (!stack.name.includes(wanted)) continue;
  const row = await runStack(stack);
  console.log(`| ${stack.name} | ${COLUMNS.map((column) => row[column] ?? '').join(' | ')} |`);
  if (row.failed !== undefined) console.log(`  ${stack.name}: ${row.failed}`);
}
await Promise.all([redis.stop(), postgres.stop(), mariadb.stop()]);
