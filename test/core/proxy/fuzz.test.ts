import { expect, it } from 'vitest';
import { fuzzProxy } from '../../support/proxy/fuzz.ts';

// The long run is `node scripts/fuzz-proxy.ts`. An exception that nobody catches fails the run by itself.
it('broken input from both sides harms nobody and leaves nothing behind', { timeout: 120_000 }, async () => {
  const seconds = Number(process.env['SESSIONSCOPE_FUZZ_SECONDS'] ?? 6);
  const result = await fuzzProxy({ seconds, seed: 20261123 });
  const total = Object.values(result.rounds).reduce((sum, count) => sum + count, 0);
  console.log(
    `fuzz: ${total} rounds ${JSON.stringify(result.rounds)}, ${result.probes} probes, ${result.logLines} log lines`,
  );
  expect(Object.keys(result.rounds)).toHaveLength(7);
  expect(result).toMatchObject({ left: 0, failedProbes: 0, unended: 0 });
});
