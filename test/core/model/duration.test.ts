import fc from 'fast-check';
import { expect, it } from 'vitest';
import { duration, durationText, parseDuration } from '../../../core/model/duration.ts';

it.each([
  ['0', 0],
  ['3600', 3_600],
  ['1.5', 1.5],
  ['25h', 90_000],
  ['30m', 1_800],
  ['30 min', 1_800],
  ['1h 30m', 5_400],
  ['1d12h', 129_600],
  ['2 w', 1_209_600],
  [' 90S ', 90],
  ['0.1s', 0.1],
])('%s is %d s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

it.each(['', ' ', '-1', '1h-', 'h', '1 year', '1e3', 'Infinity', '1:30', '5 5', '1h 30', `${'1h'.repeat(40)}`])(
  '%j is no time',
  (text) => expect(parseDuration(text)).toBeUndefined(),
);

it('reads back what a file or a sentence says of whole seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400_000_000 }), (seconds) => {
      expect(parseDuration(durationText(seconds))).toBe(seconds);
      // Sentences have two units at most: what is below them is cut off.
      const spoken = parseDuration(duration(seconds));
      expect(spoken).toBeDefined();
      expect(seconds - (spoken ?? 0)).toBeGreaterThanOrEqual(0);
      expect(seconds - (spoken ?? 0)).toBeLessThan(3_600);
    }),
  );
  expect(durationText(86_400)).toBe('1d');
  expect(durationText(5_400)).toBe('90m');
  expect(durationText(61)).toBe('61s');
});
