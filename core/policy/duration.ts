const UNITS: readonly [name: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** Seconds in words with at most two units: `1 d 1 h`, `24 min`, `0.5 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return `${seconds} s`;
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  if (size < 60) return `${sign}${Number(size.toFixed(3))} s`;
  const first = UNITS.findIndex(([, unit]) => size >= unit);
  const [name, unit] = UNITS[first] as [string, number];
  const whole = Math.floor(size / unit);
  const next = UNITS[first + 1];
  const rest = next === undefined ? 0 : Math.floor((size - whole * unit) / next[1]);
  return `${sign}${whole} ${name}${rest === 0 || next === undefined ? '' : ` ${rest} ${next[0]}`}`;
}
