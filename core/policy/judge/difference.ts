import type { Observation } from './observation.ts';
import { answerOf, cookieSign } from './signs.ts';

const MOST_LINES = 8;
const LONGEST = 160;

/**
 * What is different between two responses, as lines of a difference: `-` stands in the control only, `+` in the other
 * only. Status and target first, then the cookie, then the parts of the page. `noise` are parts that change anyway.
 */
export function differenceOf(
  control: Observation,
  other: Observation,
  noise: ReadonlySet<string> = new Set(),
): readonly string[] {
  const lines: string[] = [];
  const change = (before: string, after: string) => {
    if (before !== after) lines.push(`- ${before}`, `+ ${after}`);
  };
  change(answerOf(control), answerOf(other));
  change(cookieSign(control), cookieSign(other));
  const here = new Set(control.parts);
  const there = new Set(other.parts);
  const only = (parts: readonly string[], others: ReadonlySet<string>) =>
    parts.filter((part) => !others.has(part) && !noise.has(part));
  const lost = only(control.parts, there);
  const gained = only(other.parts, here);
  const shown = (sign: string, parts: readonly string[]) =>
    parts
      .slice(0, MOST_LINES)
      .map((part) => `${sign} ${part.length > LONGEST ? `${part.slice(0, LONGEST)}…` : part}`)
      .concat(parts.length > MOST_LINES ? [`${sign} … and ${parts.length - MOST_LINES} more`] : []);
  lines.push(...shown('-', lost), ...shown('+', gained));
  return lines;
}
