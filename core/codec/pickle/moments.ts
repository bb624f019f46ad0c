import type { TypedNode } from '../../model/typed.ts';

/** The states that Python's `datetime` module pickles, as typed nodes and back. */

const two = (value: number): string => String(value).padStart(2, '0');

/** `datetime`: ten bytes, `fold` in the highest bit of the month. Undefined when CPython would not take it for a state. */
export function datetimeOfState(s: Uint8Array, tz: TypedNode): TypedNode | undefined {
  const month = (s[2] as number) & 127;
  if (s.length !== 10 || month < 1 || month > 12) return undefined;
  const [a = 0, b = 0, , day = 0, hour = 0, minute = 0, second = 0, x = 0, y = 0, z = 0] = s;
  const text = dateText(a * 256 + b, month, day);
  const fold = (s[2] as number) >> 7;
  return { t: 'datetime', v: `${text}T${timeText(hour, minute, second, x * 65536 + y * 256 + z)}`, fold, tz };
}

/** `date`: four bytes. */
export function dateOfState(s: Uint8Array): TypedNode | undefined {
  const month = s[2] as number;
  if (s.length !== 4 || month < 1 || month > 12) return undefined;
  return { t: 'date', v: dateText((s[0] as number) * 256 + (s[1] as number), month, s[3] as number) };
}

/** `time`: six bytes, `fold` in the highest bit of the hour. */
export function timeOfState(s: Uint8Array, tz: TypedNode): TypedNode | undefined {
  const hour = (s[0] as number) & 127;
  if (s.length !== 6 || hour > 23) return undefined;
  const [, minute = 0, second = 0, x = 0, y = 0, z = 0] = s;
  return { t: 'time', v: timeText(hour, minute, second, x * 65536 + y * 256 + z), fold: (s[0] as number) >> 7, tz };
}

/** The fields as `datetime(…)`, `date(…)` and `time(…)` take them; undefined when one is out of range. */
export function momentOfFields(
  t: 'datetime' | 'date' | 'time',
  fields: readonly number[],
  tz: TypedNode,
): TypedNode | undefined {
  if (t === 'time') {
    const [hour = 0, minute = 0, second = 0, micro = 0] = fields;
    return goodTime(hour, minute, second, micro)
      ? { t, v: timeText(hour, minute, second, micro), fold: 0, tz }
      : undefined;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micro = 0] = fields;
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const date = dateText(year, month, day);
  if (t === 'date') return { t, v: date };
  if (!goodTime(hour, minute, second, micro)) return undefined;
  return { t, v: `${date}T${timeText(hour, minute, second, micro)}`, fold: 0, tz };
}

/** The state bytes of a `datetime`, `date` or `time` node; undefined when its text is not one. */
export function stateOfMoment(node: TypedNode, withFold: boolean): Uint8Array | undefined {
  if (node.t !== 'datetime' && node.t !== 'date' && node.t !== 'time') return undefined;
  const match = /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?)?$/.exec(node.v);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second, micro] = match.slice(1).map((part) => Number(part ?? 0)) as number[];
  const date = [(year as number) >> 8, (year as number) & 255, month as number, day as number];
  const m = micro as number;
  const time = [hour as number, minute as number, second as number, m >> 16, (m >> 8) & 255, m & 255];
  const good = goodTime(hour as number, minute as number, second as number, m);
  const goodDate =
    (year as number) >= 1 &&
    (month as number) >= 1 &&
    (month as number) <= 12 &&
    (day as number) >= 1 &&
    (day as number) <= daysIn(year as number, month as number);
  if (!good || (node.t !== 'time' && !goodDate)) return undefined;
  if (node.t === 'date') return Uint8Array.from(date);
  const fold = withFold && node.fold === 1 ? 128 : 0;
  if (node.t === 'time') return Uint8Array.from([(time[0] as number) | fold, ...time.slice(1)]);
  return Uint8Array.from([
    date[0] as number,
    date[1] as number,
    (date[2] as number) | fold,
    date[3] as number,
    ...time,
  ]);
}

function dateText(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

function timeText(hour: number, minute: number, second: number, micro: number): string {
  return `${two(hour)}:${two(minute)}:${two(second)}.${String(micro).padStart(6, '0')}`;
}

function goodTime(hour: number, minute: number, second: number, micro: number): boolean {
  return [hour, minute, second, micro].every((v) => v >= 0) && hour < 24 && minute < 60 && second < 60 && micro < 1e6;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
