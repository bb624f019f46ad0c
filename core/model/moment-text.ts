/**
 * A moment in milliseconds since 1970 as ISO 8601. What foreign bytes state may be any number: one that no calendar has
 * is given as it is, with its unit.
 */
export function momentText(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms since 1970`;
}
