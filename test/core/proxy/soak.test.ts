import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { soakProxy } from '../../support/proxy/soak.ts';

// The long run is `node scripts/soak-proxy.ts`.
it('nothing is held for connections and requests that are over', { timeout: 120_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const result = await soakProxy({ requests: 6000, parts: 2, gc });
  expect(result).toMatchObject({ failed: 0, unended: 0 });
  const [before, , after] = result.held;
  expect(after?.connections).toBe(0);
  expect(after?.handles).toBeLessThanOrEqual(before?.handles ?? 0);
  expect((after?.heapMB ?? 0) - (before?.heapMB ?? 0)).toBeLessThan(8);
});
