import { type Check, http1Checks } from './behaviour-http1.ts';
import { http2Checks } from './behaviour-http2.ts';
import { upgradeChecks } from './behaviour-upgrades.ts';
import type { Lab } from './lab.ts';

/** All 96 behaviour checks of the reference; the names are the reference's. */
export const behaviourChecks: readonly Check[] = [
  ...http1Checks('http'),
  ...http1Checks('https'),
  ...upgradeChecks,
  ...http2Checks,
];

/** Runs all checks, some at a time, and names the ones that failed with their reason. */
export async function runBehaviour(
  lab: Lab,
  checks: readonly Check[] = behaviourChecks,
): Promise<{ passed: number; failed: string[] }> {
  const failed: string[] = [];
  let passed = 0;
  const queue = [...checks];
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      try {
        await check.run(lab);
        passed++;
      } catch (error) {
        failed.push(`${check.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return { passed, failed };
}
