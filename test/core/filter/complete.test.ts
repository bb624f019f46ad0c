import fc from 'fast-check';
import { expect, test } from 'vitest';
import { complete, quoted } from '../../../core/filter/complete.ts';
import { filterTerms, parseFilter } from '../../../core/filter/parse.ts';

const values = (field: string) => (field === 'host' ? ['shop.test', 'pay.test', 'a "b" (c)'] : []);

/** The filter after the first completion at its end is taken. */
function taken(text: string, cursor = text.length): string | undefined {
  const { from, to, options } = complete(text, cursor, values);
  const first = options[0];
  return first === undefined ? undefined : text.slice(0, from) + first.insert + text.slice(to);
}

test.each([
  ['ho', 'host:'],
  ['host:sh', 'host:shop.test'],
  ['a -ho', 'a -host:'],
  ['(ho', '(host:'],
  ['-host:pa', '-host:pay.test'],
  ['state:ano', 'state:anonymous'],
  ['host:"a', 'host:"a \\"b\\" (c)"'],
  ['exp', 'expires>'],
  ['da', 'data.'],
])('%s is completed to %s', (text, expected) => {
  expect(taken(text)).toBe(expected);
});

test('nothing is offered for free text, for quoted text and for a value that is complete', () => {
  expect(complete('zzz', 3, values).options).toEqual([]);
  expect(complete('"ho', 3, values).options).toEqual([]);
  expect(complete('host:shop.test', 14, values).options).toEqual([]);
});

test('an empty word offers every field with its sentence', () => {
  const { options } = complete('host:a ', 7, values);
  expect(options.length).toBeGreaterThan(15);
  expect(options.every(({ about }) => about !== undefined && about.length > 10)).toBe(true);
});

test('in the middle of a filter only the word before the cursor is replaced', () => {
  const text = 'sta method=GET';
  const { from, to, options } = complete(text, 3, values);
  expect([from, to, options.map(({ title }) => title)]).toEqual([0, 3, ['state', 'status']]);
});

test('a value that is taken is read back as that value', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), (value) => {
      const { expression, problem } = parseFilter(`host:${quoted(value)}`);
      expect(problem).toBeUndefined();
      expect(filterTerms(expression)).toMatchObject([{ key: 'host', value }]);
    }),
  );
});
