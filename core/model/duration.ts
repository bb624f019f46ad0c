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

const UNIT_SECONDS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, min: 60, s: 1 };

/**
 * Reads seconds from a number (`3600`) or from numbers with units (`25h`, `1 h 30 min`, `2d`, `90s`; m and min are both
 * minutes). Undefined for anything else; what `duration` writes of whole seconds is read back.
 */
export function parseDuration(text: string): number | undefined {
  const plain = text.trim();
  if (/^\d{1,15}(\.\d{1,9})?$/.test(plain)) return Number(plain);
  if (plain.length > 40 || !/^(\d{1,12}(\.\d{1,9})?\s*(w|d|h|min|m|s)\s*)+$/i.test(plain)) return undefined;
  const parts = plain.matchAll(/(\d+(?:\.\d+)?)\s*(w|d|h|min|m|s)/gi);
  const seconds = [...parts].reduce(
    (sum, [, n, unit = '']) => sum + Number(n) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0),
    0,
  );
  return Number(seconds.toFixed(9));
}

/** Seconds as a policy file has them: `25h`, `90m`, `3601s`. */
export function durationText(seconds: number): string {
  const [unit, size] = (['d', 'h', 'm'] as const)
    .map((name) => [name, UNIT_SECONDS[name] ?? 1] as const)
    .find(([, of]) => seconds >= of && seconds % of === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
