import { summarise } from '../codec/typed.ts';
import type { Difference } from '../model/path.ts';
import type { TypedNode } from '../model/typed.ts';

/** Characters of one value that the timeline keeps; the whole value is in the snapshot. */
const MOST_CHARS = 4_000;

/** A difference as the timeline keeps it: long values are cut to a summary, so that a big session cannot fill the file. */
export function keptDifferences(differences: readonly Difference[]): Difference[] {
  return differences.map((line) => ({
    ...line,
    ...(line.before === undefined ? {} : { before: short(line.before) }),
    ...(line.after === undefined ? {} : { after: short(line.after) }),
  }));
}

function short(node: TypedNode): TypedNode {
  if (weigh(node, MOST_CHARS) >= 0) return node;
  return { t: 'limit', what: 'size', note: summarise(node, 200) };
}

/** What is left of a budget of characters after a value; negative as soon as it is spent. */
function weigh(value: unknown, budget: number): number {
  if (typeof value === 'string') return budget - value.length;
  if (typeof value !== 'object' || value === null) return budget - 4;
  let left = budget - 8;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    if (left < 0) return left;
    left = weigh(part, left);
  }
  return left;
}
