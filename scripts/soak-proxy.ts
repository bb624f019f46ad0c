import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { soakProxy } from '../test/support/proxy/soak.ts';

/**
 * `node scripts/soak-proxy.ts [REQUESTS]`: many requests through the proxy (default 200,000), and what is held before,
 * in between and after. Exit code 1 when a request failed, or something is held for what is over.
 */
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const result = await soakProxy({ requests: Number(process.argv[2] ?? 200_000), parts: 4, gc });
console.table(result.held);
const [before, ...after] = result.held;
const last = after.at(-1);
const back =
  before !== undefined &&
  last !== undefined &&
  last.connections === 0 &&
  last.handles <= before.handles &&
  last.heapMB < before.heapMB + 8;
console.log(JSON.stringify({ requests: result.requests, failed: result.failed, unended: result.unended, back }));
process.exit(back && result.failed + result.unended === 0 ? 0 : 1);
