import { expect, it } from 'vitest';
import { remembered } from '../../../core/model/recent.ts';

it('works out the answer for a text once, up to the longest text that it keeps', () => {
  const asked: number[] = [];
  const lengthOf = remembered(
    (text) => {
      asked.push(text.length);
      return { length: text.length };
    },
    8,
    2_000,
  );
  for (const length of [3, 2_000, 2_001]) {
    for (let i = 0; i < 3; i++) expect(lengthOf('x'.repeat(length))).toEqual({ length });
  }
  expect(asked).toEqual([3, 2_000, 2_001, 2_001, 2_001]);
});

it('forgets what was not used for long', () => {
  const asked: string[] = [];
  const same = remembered((text) => {
    asked.push(text);
    return text;
  }, 4);
  for (const text of ['a', 'b', 'c', 'a', 'd', 'a', 'e', 'b']) same(text);
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'b']);
});
