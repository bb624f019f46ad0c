/** One measured figure: the median of `n` interleaved runs, and what was measured beside it in the same run. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly beside?: Readonly<Record<string, number>>;
  readonly n: number;
}

export type Report = (figure: Figure) => void;

/** A benchmark: measures and reports; never judges. */
export type Bench = (report: Report, options: { readonly quick: boolean }) => Promise<void>;

/** The middle value; the mean of the two middle ones for an even count. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}
