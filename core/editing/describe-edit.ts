import { summarise } from '../codec/typed.ts';
import type { Difference } from '../model/path.ts';
import type { TypedNode } from '../model/typed.ts';

/** `count: 3 → 41`, `user added, cart removed` … of at most three lines of a difference. */
export function describeDifferences(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'Nothing changed';
  const lines = differences.slice(0, 3).map(line);
  const rest = differences.length - lines.length;
  return rest > 0 ? `${lines.join(', ')} and ${rest} more` : lines.join(', ');
}

function line({ at, before, after }: Difference): string {
  const where = at === '' ? 'the whole value' : at;
  if (before === undefined && after !== undefined) return `${where}: ${short(after)} added`;
  if (after === undefined && before !== undefined) return `${where}: ${short(before)} removed`;
  return `${where}: ${before === undefined ? '' : short(before)} → ${after === undefined ? '' : short(after)}`;
}

function short(node: TypedNode): string {
  return summarise(node, 40);
}

/** Seconds as people say them: `25 h`, `90 s`, `2 d 3 h`. */
export function describeSeconds(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7_200) return `${Math.round(whole / 60)} min`;
  if (whole < 172_800) return `${Math.round(whole / 360) / 10} h`;
  return `${Math.round(whole / 8_640) / 10} d`;
}
