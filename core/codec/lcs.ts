/** One step of an alignment: both present = the same place, one missing = removed or added. */
export type Aligned = readonly [left: number | undefined, right: number | undefined];

/** Above this many cells the table is not built and places are compared one to one. */
const MAX_CELLS = 1_000_000;

/**
 * Aligns two sequences of fingerprints by their longest common subsequence. Between common members, those at the same
 * distance are taken as changed and the rest as removed or added.
 */
export function alignSequences(
  left: readonly number[],
  right: readonly number[],
  mostCells: number,
): { steps: Aligned[]; cells: number } {
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head++;
  let tail = 0;
  while (
    tail < left.length - head &&
    tail < right.length - head &&
    left[left.length - 1 - tail] === right[right.length - 1 - tail]
  ) {
    tail++;
  }
  const steps: Aligned[] = [];
  for (let i = 0; i < head; i++) steps.push([i, i]);
  const endLeft = left.length - tail;
  const endRight = right.length - tail;
  let i = head;
  let j = head;
  const cells = (endLeft - head) * (endRight - head);
  const small = cells <= Math.min(MAX_CELLS, mostCells);
  for (const [x, y] of small ? common(left, right, head, endLeft, endRight) : []) {
    gap(steps, i, x, j, y);
    steps.push([x, y]);
    i = x + 1;
    j = y + 1;
  }
  gap(steps, i, endLeft, j, endRight);
  for (let k = 0; k < tail; k++) steps.push([endLeft + k, endRight + k]);
  return { steps, cells: small ? cells : 0 };
}

function gap(steps: Aligned[], left: number, endLeft: number, right: number, endRight: number): void {
  const both = Math.min(endLeft - left, endRight - right);
  for (let k = 0; k < both; k++) steps.push([left + k, right + k]);
  for (let i = left + both; i < endLeft; i++) steps.push([i, undefined]);
  for (let j = right + both; j < endRight; j++) steps.push([undefined, j]);
}

/** Pairs of a longest common subsequence of the middle parts. */
function common(
  left: readonly number[],
  right: readonly number[],
  start: number,
  endLeft: number,
  endRight: number,
): [number, number][] {
  const n = endLeft - start;
  const m = endRight - start;
  if (n === 0 || m === 0) return [];
  const width = m + 1;
  const table = new Uint32Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      const here = i * width + j;
      table[here] =
        left[start + i] === right[start + j]
          ? (table[here + width + 1] as number) + 1
          : Math.max(table[here + width] as number, table[here + 1] as number);
    }
  }
  const pairs: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < n && j < m) {
    const here = i * width + j;
    if (left[start + i] === right[start + j]) {
      pairs.push([start + i, start + j]);
      i++;
      j++;
    } else if ((table[here + width] as number) >= (table[here + 1] as number)) i++;
    else j++;
  }
  return pairs;
}
