import { APPLICATION_SITUATIONS } from './application.ts';
import { BETWEEN_SITUATIONS } from './between.ts';
import { BROWSER_SITUATIONS } from './browser.ts';
import { STORE_SITUATIONS } from './records.ts';
import type { Situation } from './situation.ts';

/** Every real situation; `scripts/why-situations.ts` runs them all, CI one for each cause. */
export const SITUATIONS: readonly Situation[] = [
  ...BROWSER_SITUATIONS,
  ...BETWEEN_SITUATIONS,
  ...APPLICATION_SITUATIONS,
  ...STORE_SITUATIONS,
];
