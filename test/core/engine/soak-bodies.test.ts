import { expect, it } from 'vitest';
import { soakBodies } from '../../support/soak-bodies.ts';

/* `scripts/soak-bodies.ts` does the same with 10 GB. */
it('bodies at full speed stay within bounded memory; every flow is recorded, and bodies left out are counted', async () => {
  const { requests, failed, flows, leftOut, peakMB, log } = await soakBodies({ bytes: 300e6, connections: 12 });
  expect({ requests, failed, flows, log }).toEqual({ requests: 3_000, failed: 0, flows: 3_000, log: '' });
  expect(leftOut).toBeLessThan(requests);
  expect(peakMB).toBeLessThan(600);
});
