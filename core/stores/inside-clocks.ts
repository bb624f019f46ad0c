import type { ClockName } from '../model/record.ts';
import type { InsideClock } from './layout.ts';

/** Most milliseconds before and after 1970 that a date can have. */
const FARTHEST = 8.64e15;

/** Whether a number of milliseconds is a date: what data says of a clock may be any number. */
export function isMoment(ms: number): boolean {
  return Math.abs(ms) <= FARTHEST;
}

/** What a record's data says of its own clocks; null where it says nothing. */
export function readInside(inside: readonly InsideClock[], name: ClockName, bytes: Uint8Array): number | null {
  for (const one of inside) {
    const ms = one.clock === name ? one.read(bytes) : null;
    if (ms !== null && isMoment(ms)) return ms;
  }
  return null;
}

/**
 * The same data with a clock set to `ms`, every copy of it, and the other clock moved by as much.
 * @param before the clock as it was; null when it is not known, so that the other one stays
 * @throws ProblemError where the data cannot be written
 */
export function moveInside(
  inside: readonly InsideClock[],
  bytes: Uint8Array,
  { name, ms, before }: { readonly name: ClockName; readonly ms: number; readonly before: number | null },
): Uint8Array {
  let made = bytes;
  for (const one of inside) {
    const now = one.read(made);
    if (now === null || !isMoment(now)) continue;
    if (one.clock === name) made = one.write(made, ms);
    else if (before !== null) made = one.write(made, now + ms - before);
  }
  return made;
}
