/** Dates of `Expires`, as Chromium reads them (it differs from RFC 6265bis section 5.1.1 in a few odd ones). */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Every ASCII character between the fields but letters, digits and the colon of a time. */
const BETWEEN = /[\t !"#$%&'()*+,\-./;<=>?@[\\\]^_`{|}~]+/;
/** Years outside are clipped to the first or last moment that can be held. */
const FIRST_YEAR = 1601;
const LAST_YEAR = 30827;

/**
 * Milliseconds since 1970; undefined for what is no date. Years before 1601 are the distant past, not unreadable.
 * @param text Latin-1 text
 */
export function parseCookieDate(text: string): number | undefined {
  let day: number | undefined;
  let month: number | undefined;
  let year: number | undefined;
  let time: readonly [hour: number, minute: number, second: number] | undefined;
  for (const token of text.split(BETWEEN)) {
    if (!/^\d/.test(token)) {
      const found = MONTHS.indexOf(token.slice(0, 3).toLowerCase());
      if (found >= 0) month ??= found;
    } else if (token.includes(':')) {
      const parts = /^(\d+):(\d+):(\d+)$/.exec(token);
      if (parts !== null) time ??= [Number(parts[1]), Number(parts[2]), Number(parts[3])];
    } else if (/\D/.test(token)) {
      // `7th` is neither a day nor a year
    } else if (day === undefined && token.length <= 2) day = Number.parseInt(token, 10);
    else if (year === undefined && token.length <= 5) year = Number.parseInt(token, 10);
  }
  if (day === undefined || month === undefined || year === undefined || time === undefined) return undefined;
  if (year >= 70 && year <= 99) year += 1900;
  else if (year <= 69) year += 2000;
  if (year < FIRST_YEAR) return Number.MIN_SAFE_INTEGER;
  if (year > LAST_YEAR) return Number.MAX_SAFE_INTEGER;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(...time);
  const exact =
    date.getUTCMonth() === month && date.getUTCDate() === day && time[0] < 24 && time[1] < 60 && time[2] < 60;
  return exact ? date.getTime() : undefined;
}
