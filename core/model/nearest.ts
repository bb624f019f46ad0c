/** The known name that was most likely meant, for a remedy; undefined when none is near. Letter case does not count. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  // One slip in three letters: more would be another word.
  let least = Math.floor(Math.max(3, wanted.length) / 3) + 1;
  for (const candidate of known) {
    const steps = distance(wanted, plain(candidate), least);
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

/** Dashes, underscores and capitals are the usual slips: `ignoreExpiry`, `ignore-expiry`. */
function plain(name: string): string {
  return name
    .slice(0, 64)
    .toLowerCase()
    .replace(/[-_\s]/g, '');
}

/** Letters to add, remove, replace, or swap with a neighbour (optimal string alignment), or `limit` when it is not less. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps = Math.min(steps, (before[j - 2] ?? 0) + 1);
      row.push(steps);
    }
    [before, last] = [last, row];
  }
  return Math.min(limit, last[b.length] ?? limit);
}
