import { isPythonDate } from '../../python/python-timedelta.ts';
import type { TimeForm } from '../layout.ts';
import { fromWallClock, parseWallClock, printWallClock, toWallClock } from './wall-clock.ts';

/** The moment (milliseconds since 1970) that the text of a clock's column states; null for what states none. */
export function readClock(text: string | null, form: TimeForm, zone: string | undefined): number | null {
  if (text === null || text === '') return null;
  if (form === 'seconds' || form === 'milliseconds') {
    const number = Number(text);
    return Number.isFinite(number) ? number * (form === 'seconds' ? 1000 : 1) : null;
  }
  if (form === 'iso') {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? null : ms;
  }
  const wall = parseWallClock(text);
  if (wall === undefined) return null;
  return form === 'naive' ? fromWallClock(wall, zone) : wall / 1000;
}

/**
 * The text that the application would have written for a moment, cut to the column's digits of a second. Undefined for a
 * moment that cannot be stated.
 */
export function writeClock(
  ms: number,
  form: TimeForm,
  { zone, precision = 6 }: { readonly zone?: string | undefined; readonly precision?: number | undefined },
): string | undefined {
  if (!Number.isFinite(ms)) return undefined;
  if (form === 'seconds') return String(Math.floor(ms / 1000));
  if (form === 'milliseconds') return String(Math.round(ms));
  if (form === 'iso') return Math.abs(ms) > 8.64e15 ? undefined : new Date(ms).toISOString();
  const wall = form === 'naive' ? toWallClock(ms, zone) : Math.round(ms * 1000);
  if (!isPythonDate(wall)) return undefined;
  const unit = 10 ** (6 - precision);
  return printWallClock(Math.floor(wall / unit) * unit);
}
