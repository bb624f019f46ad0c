import { fuzzProxy } from '../test/support/proxy/fuzz.ts';

/** `node scripts/fuzz-proxy.ts [SECONDS] [SEED]`: throws broken input at the proxy from both sides. Default 300 s. */
const seconds = Number(process.argv[2] ?? 300);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
// An exception that nobody catches ends the process: that is the finding.
console.log(`fuzzing for ${seconds} s, seed ${seed}`);
const settle = () => {
  (globalThis as { gc?: () => void }).gc?.();
  return Math.round(process.memoryUsage().rss / 1048576);
};
const before = settle();
const result = await fuzzProxy({ seconds, seed, ...(process.argv[4] === undefined ? {} : { only: process.argv[4] }) });
const total = Object.values(result.rounds).reduce((sum, count) => sum + count, 0);
console.log(JSON.stringify({ ...result, total, rssBeforeMB: before, rssAfterMB: settle() }, null, 1));
process.exit(result.left + result.failedProbes + result.unended === 0 ? 0 : 1);
