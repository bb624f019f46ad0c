import type { Problem } from '../../../model/problem.ts';

/** What web.py itself writes, but for the last days of a month: nothing to find fault with. */
const USUAL = /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/;

/**
 * Python's sqlite3 reads a column declared `timestamp` with a parser of its own (`webpy-sessions.md` 8.4). What it
 * raises for a text, as name and message of the exception; undefined for what it reads.
 */
export function timestampError(text: string): { name: 'ValueError'; message: string } | undefined {
  if (USUAL.test(text)) return undefined;
  const fail = (message: string) => ({ name: 'ValueError' as const, message });
  const halves = text.split(' ');
  const unpack = wrongCount(halves.length, 2);
  if (unpack !== undefined) return fail(unpack);
  const [datePart = '', timePart = ''] = halves;
  const pieces = timePart.split('.');
  const numbers: number[] = [];
  for (const [part, separator] of [
    [datePart, '-'],
    [pieces[0] ?? '', ':'],
  ] as const) {
    const words = part.split(separator);
    for (const [at, word] of words.entries()) {
      // `map(int, …)` is lazy: unpacking asks for one value more than it wants.
      if (at > 3) break;
      if (!/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(word)) return fail(`invalid literal for int() with base 10: b'${word}'`);
      numbers.push(Number(word.replaceAll('_', '')));
    }
    const count = wrongCount(words.length, 3);
    if (count !== undefined) return fail(count);
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers;
  if (pieces.length === 2 && !/^\d+$/.test((pieces[1] ?? '').slice(0, 6).padEnd(6, '0'))) {
    return fail(`invalid literal for int() with base 10: '${(pieces[1] ?? '').slice(0, 6).padEnd(6, '0')}'`);
  }
  if (year < 1 || year > 9999) return fail(`year ${year} is out of range`);
  if (month < 1 || month > 12) return fail('month must be in 1..12');
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (day < 1 || date.getUTCMonth() !== month - 1) return fail('day is out of range for month');
  if (hour < 0 || hour > 23) return fail('hour must be in 0..23');
  if (minute < 0 || minute > 59) return fail('minute must be in 0..59');
  if (second < 0 || second > 59) return fail('second must be in 0..59');
  return undefined;
}

/** Whether Python's sqlite3 parses a column of this declared type: its first word is `timestamp`. */
export function isParsedTimestamp(declared: string | null | undefined): boolean {
  return /^timestamp(?:[ (]|$)/i.test(declared ?? '');
}

/** Why web.py cannot read a row of SQLite with this `atime`; undefined when it can. */
export function atimeProblem(text: string | null, declared: string | undefined): Problem | undefined {
  if (text === null || !isParsedTimestamp(declared)) return undefined;
  const error = timestampError(text);
  if (error === undefined) return undefined;
  return {
    kind: 'bad-atime',
    message: `web.py cannot read this row: its atime is ${JSON.stringify(text)} (${error.name}: ${error.message})`,
    remedy: 'Set the last use anew: YYYY-MM-DD HH:MM:SS[.ffffff] is the only form it reads',
  };
}

function wrongCount(got: number, expected: number): string | undefined {
  if (got < expected) return `not enough values to unpack (expected ${expected}, got ${got})`;
  return got > expected ? `too many values to unpack (expected ${expected})` : undefined;
}
