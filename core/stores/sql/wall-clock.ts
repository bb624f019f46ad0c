/**
 * web.py's `DBStore` writes `datetime.now()`: the local wall-clock time of its process, without zone
 * (`webpy-sessions.md` 8.4). Here such times are counted as "naive microseconds": the microseconds that would have
 * passed since 1970 if the wall clock were UTC. That is what Python's naive arithmetic works on.
 */

/** Naive microseconds of a moment. `zone` is the web.py process's, where it is not this program's own. */
export function toWallClock(ms: number, zone?: string): number {
  return Math.round(ms * 1000) + offsetAt(ms, zone) * 60_000_000;
}

/** The moment (milliseconds since 1970 UTC) of a wall-clock time; of the two in an hour that occurs twice, the first. */
export function fromWallClock(micros: number, zone?: string): number {
  const naive = micros / 1000;
  // The offset depends on the moment that is sought: try the offsets on both sides of a possible change.
  const before = offsetAt(naive - 86_400_000, zone);
  const after = offsetAt(naive + 86_400_000, zone);
  for (const offset of before >= after ? [before, after] : [after, before]) {
    const ms = naive - offset * 60_000;
    if (offsetAt(ms, zone) === offset) return ms;
  }
  return naive - before * 60_000;
}

/** `YYYY-MM-DD HH:MM:SS[.ffffff]`, the fraction left out when it is zero: exactly what Python's sqlite3 writes. */
export function printWallClock(micros: number): string {
  const date = new Date(Math.floor(micros / 1000));
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${String(date.getUTCFullYear()).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return fraction === 0 ? `${day} ${time}` : `${day} ${time}.${String(fraction).padStart(6, '0')}`;
}

const WALL_CLOCK =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*(?:Z|[+-]\d\d(?::?\d\d){0,2})?$/;

/**
 * Reads the text of an `atime` column. An offset (PostgreSQL prints one for `timestamptz`) is left aside: web.py
 * compares wall-clock times. Undefined for what is not a date (`infinity`, a number, an empty text).
 */
export function parseWallClock(text: string): number | undefined {
  const match = WALL_CLOCK.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const whole = date.getTime() * 1000;
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6));
  // Microseconds of the far future are more than a number holds: they must not be rounded up into the next year.
  return Number.isSafeInteger(whole + micros) ? whole + micros : whole + Math.floor(micros / 1000) * 1000;
}

/** Minutes that the zone is ahead of UTC at a moment. Seconds of historic offsets count as fractions. */
function offsetAt(ms: number, zone: string | undefined): number {
  if (!Number.isFinite(ms)) return 0;
  if (zone === undefined) return -new Date(ms).getTimezoneOffset();
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatter(zone).formatToParts(ms)) parts[type] = value;
  const wall = new Date(0);
  wall.setUTCFullYear(Number(parts.year), Number(parts.month) - 1, Number(parts.day));
  wall.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
  return (wall.getTime() - Math.floor(ms / 1000) * 1000) / 60_000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let known = formatters.get(zone);
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, known);
  }
  return known;
}
