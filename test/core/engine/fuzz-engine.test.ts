import { expect, it } from 'vitest';
import { fuzzEngine } from '../../support/fuzz-engine.ts';

/* `scripts/fuzz-engine.ts` does the same for minutes with any seed. */
it('random input of every kind: process, other traffic and answers survive', async () => {
  const { wrong, failures, exit, healthy } = await fuzzEngine({ seed: 1, actions: 640 });
  expect({ wrong, failures, exit, healthy }).toEqual({ wrong: [], failures: [], exit: 0, healthy: 4 });
});
