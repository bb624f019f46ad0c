/**
 * Prints a table of real applications and what the debugger does with each: `node scripts/stacks.ts [PART-OF-A-NAME]`. Needs
 * Debian's python3-flask, python3-flask-session, python3-django, python3-redis, php-cli and redis-server.
 */
import { startRedis } from '../test/support/redis-server.ts';
import { COLUMNS, runStack, stacks } from '../test/support/stacks/table.ts';

const wanted = process.argv[2] ?? '';
const redis = await startRedis();
console.log(`| stack | ${COLUMNS.join(' | ')} |\n|${' --- |'.repeat(COLUMNS.length + 1)}`);
for (const stack of stacks(redis.port)) {
  if (!stack.name.includes(wanted)) continue;
  const row = await runStack(stack);
  console.log(`| ${stack.name} | ${COLUMNS.map((column) => row[column] ?? '').join(' | ')} |`);
  if (row.failed !== undefined) console.log(`  ${stack.name}: ${row.failed}`);
}
await redis.stop();
