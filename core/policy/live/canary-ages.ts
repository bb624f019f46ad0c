const DAY = 86_400;
const TEN_YEARS = 3_653 * DAY;
/** A canary that no cleanup by age may take: last used in the future. */
const NEVER_OLD = -3_600;
/** Limits that applications have most often: found to the second. */
const USUAL = [1_800, 3_600, DAY];
/** Bounds for the others. */
const LADDER = [60, 300, 600, 5_400, 7_200, 14_400, 28_800, 43_200, 7 * DAY, 14 * DAY, 30 * DAY, 365 * DAY];

/**
 * Ages (seconds) that canaries are to have when the next request comes, oldest first. A limit of T seconds shows itself
 * between the canaries T−1 and T, since the request comes a little later than that: so both are there for every limit
 * that must be told from a longer one, and for the most usual ones. For what lies between, two bounds are found.
 * @param wanted limits (seconds) that are to be found for certain
 */
export function canaryAges(wanted: readonly number[]): number[] {
  const ages = new Set([0, NEVER_OLD, TEN_YEARS]);
  for (const limit of [...wanted.map(Math.floor), ...USUAL]) {
    if (limit > 0 && limit < TEN_YEARS) {
      for (const age of [limit - 1, limit, limit + 1]) ages.add(age);
    }
  }
  // A machine under load takes seconds for a request: then the nearest ones say nothing.
  for (const limit of wanted)
    for (const off of [-30, -5, 5, 30]) if (limit + off > 0) ages.add(Math.floor(limit) + off);
  for (const age of LADDER) ages.add(age);
  return [...ages].sort((a, b) => b - a);
}
