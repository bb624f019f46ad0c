import { PythonError } from './python-error.ts';

const DAY_MICROS = 86_400_000_000;

/**
 * `now - timedelta(timeout / 86400.0)` in microseconds, as web.py's `DBStore.cleanup` computes it: the way over days as
 * a float is Python's, rounding included.
 * @throws PythonError `OverflowError`, `ValueError` as Python raises for what is no date
 */
export function limitOf(nowMicros: number, timeout: number): number {
  const days = timeout / 86_400;
  if (Number.isNaN(days)) throw new PythonError('ValueError', 'cannot convert float NaN to integer');
  if (!Number.isFinite(days)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  const whole = Math.trunc(days);
  const seconds = (days - whole) * 86_400;
  const wholeSeconds = Math.trunc(seconds);
  const micros = roundHalfEven((seconds - wholeSeconds) * 1e6);
  if (Math.abs(whole) > 999_999_999) {
    throw new PythonError('OverflowError', `days=${whole}; must have magnitude <= 999999999`);
  }
  const limit = nowMicros - (whole * DAY_MICROS + wholeSeconds * 1e6 + micros);
  if (!isPythonDate(limit)) throw new PythonError('OverflowError', 'date value out of range');
  return limit;
}

/** Python's dates, and those that all databases can write, go from year 1 to 9999. */
export function isPythonDate(micros: number): boolean {
  const first = new Date(0).setUTCFullYear(1, 0, 1) * 1000;
  return micros >= first && micros < new Date(0).setUTCFullYear(10_000, 0, 1) * 1000;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
