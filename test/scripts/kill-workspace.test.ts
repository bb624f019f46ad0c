import { expect, it } from 'vitest';
import { killRounds } from '../../scripts/kill-workspace.ts';

it('a workspace survives being killed at 20 random moments: nothing told as saved is missing, no record is torn', async () => {
  const seed = Date.now() % 1_000_000;
  const report = await killRounds(20, seed);
  expect(report.failures, `seed ${seed}`).toEqual([]);
  expect(report.saved).toBeGreaterThan(100);
  expect(report.records).toBe(160);
}, 240_000);
