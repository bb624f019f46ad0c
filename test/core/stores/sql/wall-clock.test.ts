import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timestampError } from '../../../../core/frameworks/webpy/stores/atime-problem.ts';
import { limitOf } from '../../../../core/python/python-timedelta.ts';
import { fromWallClock, parseWallClock, printWallClock, toWallClock } from '../../../../core/stores/sql/wall-clock.ts';

const zones = fc.constantFrom(undefined, 'UTC', 'Asia/Shanghai', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia');

describe('wall clock', () => {
  it('prints as Python prints to SQLite, the fraction only when there is one', () => {
    const at = Date.UTC(2024, 2, 10, 15, 4, 5);
    expect(printWallClock(toWallClock(at, 'UTC'))).toBe('2024-03-10 15:04:05');
    expect(printWallClock(toWallClock(at + 250, 'UTC'))).toBe('2024-03-10 15:04:05.250000');
    expect(printWallClock(toWallClock(at - 0.001, 'UTC'))).toBe('2024-03-10 15:04:04.999999');
    expect(printWallClock(toWallClock(-1, 'UTC'))).toBe('1969-12-31 23:59:59.999000');
    expect(printWallClock(toWallClock(at, 'Asia/Shanghai'))).toBe('2024-03-10 23:04:05');
  });

  it('reads the texts of all databases as the wall clock they show', () => {
    const expected = Date.UTC(2024, 2, 10, 15, 4, 5, 250) * 1000;
    for (const text of [
      '2024-03-10 15:04:05.25',
      '2024-03-10 15:04:05.250000',
      '2024-03-10T15:04:05.25Z',
      '2024-03-10 15:04:05.25-04',
      '2024-03-10 15:04:05.25+05:45',
      '2024-03-10 15:04:05.2500009',
    ]) {
      expect(parseWallClock(text), text).toBe(expected);
    }
    for (const text of [
      '',
      'infinity',
      '-infinity',
      '1710054245',
      '2024-02-30 00:00:00',
      '2024-13-01',
      'now',
      '0000-00-00 00:00:00',
    ]) {
      expect(parseWallClock(text), text).toBeUndefined();
    }
  });

  it('there and back is the same moment, in every zone', () => {
    // Not in the hour that occurs twice: there the first is meant.
    const moments = fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => ms + 0.25);
    fc.assert(
      fc.property(moments, zones, (ms, zone) => {
        const wall = toWallClock(ms, zone);
        const back = fromWallClock(wall, zone);
        expect(toWallClock(back, zone)).toBe(wall);
        if (toWallClock(ms - 3_600_000, zone) !== wall) expect(Math.abs(back - ms) % 3_600_000).toBeLessThan(0.01);
        expect(parseWallClock(printWallClock(wall))).toBe(wall);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the first of the two in the hour that occurs twice, and goes on where an hour is missing', () => {
    const zone = 'America/New_York';
    const twice = parseWallClock('2024-11-03 01:30:00') ?? 0;
    expect(fromWallClock(twice, zone)).toBe(Date.UTC(2024, 10, 3, 5, 30));
    const missing = parseWallClock('2024-03-10 02:30:00') ?? 0;
    expect(Number.isFinite(fromWallClock(missing, zone))).toBe(true);
    // web.py compares wall clocks: over the change in spring an hour less has passed than they show.
    const before = fromWallClock(parseWallClock('2024-03-10 01:00:00') ?? 0, zone);
    const after = fromWallClock(parseWallClock('2024-03-10 04:00:00') ?? 0, zone);
    expect((after - before) / 3_600_000).toBe(2);
  });
});

describe("the limit of DBStore's cleanup", () => {
  const now = Date.UTC(2024, 2, 10, 15, 4, 5, 250) * 1000;

  it('is now less the timeout, to the microsecond', () => {
    expect(now - limitOf(now, 86_400)).toBe(86_400_000_000);
    expect(now - limitOf(now, 3600)).toBe(3_600_000_000);
    expect(now - limitOf(now, 0.000001)).toBe(1);
    expect(now - limitOf(now, -5.5)).toBe(-5_500_000);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (timeout) => {
        expect(Math.abs(now - limitOf(now, timeout) - timeout * 1e6)).toBeLessThan(200);
      }),
    );
  });

  it("raises Python's errors for what is no date", () => {
    expect(() => limitOf(now, Number.POSITIVE_INFINITY)).toThrow('cannot convert float infinity to integer');
    expect(() => limitOf(now, Number.NaN)).toThrow('cannot convert float NaN to integer');
    expect(() => limitOf(now, 6.5e10)).toThrow('date value out of range');
    expect(() => limitOf(now, 1e14)).toThrow(/must have magnitude/);
  });
});

describe("the timestamp reader of Python's sqlite3", () => {
  it.each([
    ['2024-03-10 15:04:05', undefined],
    ['2024-03-10 15:04:05.25', undefined],
    ['2024-03-10 15:04:05.1234567', undefined],
    ['2024-03-10T15:04:05', 'not enough values to unpack (expected 2, got 1)'],
    ['2024-03-10 15:04:05+08:00', "invalid literal for int() with base 10: b'05+08'"],
    ['2024-03-10', 'not enough values to unpack (expected 2, got 1)'],
    ['', 'not enough values to unpack (expected 2, got 1)'],
    ['1710054245', 'not enough values to unpack (expected 2, got 1)'],
    ['a b c', 'too many values to unpack (expected 2)'],
    ['2024-13-10 15:04:05', 'month must be in 1..12'],
    ['2024-02-30 15:04:05', 'day is out of range for month'],
    ['2024-03-10 24:00:00', 'hour must be in 0..23'],
  ])('%j', (text, message) => {
    expect(timestampError(text)?.message).toBe(message);
  });
});
