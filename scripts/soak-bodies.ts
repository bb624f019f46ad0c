import { soakBodies } from '../test/support/soak-bodies.ts';

/**
 * `node scripts/soak-bodies.ts [MEGABYTES]`: bodies through the recording proxy at full speed (default 10,000 MB). Exit
 * code 1 when engine and writer took more than 600 MB, a client waited for longer than a second, a request failed, or a
 * flow is missing.
 */
const megabytes = Number(process.argv[2] ?? 10_000);
const result = await soakBodies({ bytes: megabytes * 1e6 });
const { requests, failed, flows, peakMB, longest, log } = result;
console.log(JSON.stringify({ ...result, megabytesPerSecond: Math.round(megabytes / result.seconds) }, null, 1));
const removed = /Removed/.test(log);
const good = failed === 0 && peakMB < 600 && longest < 1_000 && (flows === requests || removed);
process.exit(good ? 0 : 1);
