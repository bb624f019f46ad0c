import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

/** The long run is `node scripts/fuzz-pickle.ts` (5 minutes by default). */
const MS = Number(process.env['SESSIONSCOPE_FUZZ_MS'] ?? 8000);

it('mutated streams neither crash nor hang nor grow', { timeout: MS + 60_000 }, () => {
  const end = performance.now() + MS;
  const report = fuzz(20_261_123, (streams) => streams >= 400_000 || performance.now() > end);
  console.log(
    `fuzz: ${report.streams} mutated streams, ${report.readable} readable, ${report.refused} refused, ${report.edited} edited; ` +
      `slowest ${report.slowestMs.toFixed(0)} ms, most typed JSON ${report.growth.toFixed(1)} characters for a byte, ` +
      `${report.failures.length} failures`,
  );
  expect(report.failures).toEqual([]);
  expect(report.streams).toBeGreaterThan(500);
});
