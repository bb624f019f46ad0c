import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILTER_FIELDS, filterBytes, filterDuration } from '../../../core/filter/fields.ts';
import { type FilterExpression, filterExpression, filterTerms, parseFilter } from '../../../core/filter/parse.ts';

/** The terms in the order of the text, each with whether it is negated. */
function read(text: string) {
  const { expression, problem } = parseFilter(text);
  return { terms: filterTerms(expression), expression, problem };
}

/** The expression as text with every group in brackets. */
function shape(expression: FilterExpression | undefined): string {
  if (expression === undefined) return '';
  if (expression.kind === 'not') return `!${shape(expression.part)}`;
  if (expression.kind === 'term') {
    const { key, op, value } = expression.term;
    return key === 'text' ? value : `${key}${op === 'has' ? ':' : op}${value}`;
  }
  return `(${expression.parts.map(shape).join(expression.kind === 'and' ? ' & ' : ' | ')})`;
}

describe('the filter language', () => {
  it('reads keys, paths, operators, free words and quotes', () => {
    const { terms, problem } = read('host:shop cookie:sid data.user=42 status:500 method:POST "two words" free');
    expect(problem).toBeUndefined();
    expect(terms.map(({ key, op, value, path }) => [key, op, value, path])).toEqual([
      ['host', 'has', 'shop', undefined],
      ['cookie', 'has', 'sid', undefined],
      ['data', '=', '42', 'user'],
      ['status', 'has', '500', undefined],
      ['method', 'has', 'POST', undefined],
      ['text', 'has', 'two words', undefined],
      ['text', 'has', 'free', undefined],
    ]);
    expect(terms.map(({ at }) => at)).toEqual([0, 10, 21, 34, 45, 57, 69]);
  });

  it.each([
    ['-status:500', { key: 'status', not: true }],
    ['!host:shop', { key: 'host', not: true }],
    ['status>=400', { key: 'status', op: '>=', value: '400' }],
    ['status:5xx', { key: 'status', value: '5xx' }],
    ['data.cart[0].n>3', { key: 'data', path: 'cart[0].n', op: '>', value: '3' }],
    ['data:alice', { key: 'data', value: 'alice' }],
    ['data.user=', { key: 'data', path: 'user', value: '' }],
    ['host:"a b"', { key: 'host', value: 'a b' }],
    ['"host:shop"', { key: 'text', value: 'host:shop' }],
    ['http://shop.test/a', { key: 'text', value: 'http://shop.test/a' }],
    ['size>10k', { key: 'size', op: '>', value: '10k' }],
    ['HOST:Shop', { key: 'host', value: 'Shop' }],
    ['-', { key: 'text', value: '-', not: false }],
    ['"say \\"hi\\""', { key: 'text', value: 'say "hi"' }],
  ])('%s', (text, expected) => {
    const { terms, expression, problem } = read(text);
    expect(problem).toBeUndefined();
    expect(terms).toHaveLength(1);
    const { not = false, ...term } = expected as { not?: boolean };
    expect(terms[0]).toMatchObject(term);
    expect(expression?.kind === 'not').toBe(not);
  });

  it.each([
    ['hots:shop', 'knows no "hots"', 0],
    ['a status:abc', 'no status', 2],
    ['host:', 'Nothing stands after host', 0],
    ['host>3', 'has no order', 0],
    ['x "never closed', 'never closed', 2],
    ['is:blue', 'is no property', 0],
    ['state:happy', 'is no state', 0],
    ['size>many', 'is no number', 0],
    ['host.x:1', 'Only data has a path', 0],
  ])('%s is wrong, and says where', (text, message, at) => {
    const { problem } = read(text);
    expect(problem?.message).toContain(message);
    expect(problem?.at).toBe(at);
    expect(problem?.remedy).toBeTruthy();
    expect(() => filterExpression(text)).toThrow(message);
  });

  it('keeps the terms that were understood beside the mistake', () => {
    const { terms, problem } = read('host:shop status:abc method:GET');
    expect(problem).toBeDefined();
    expect(terms.map(({ key }) => key)).toEqual(['host', 'method']);
  });

  it('never throws, gives offsets inside the text, and reads back what it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        const { terms, problem } = read(text);
        for (const { at } of terms) expect(at).toBeLessThan(text.length);
        if (problem?.at !== undefined) expect(problem.at).toBeLessThan(text.length);
      }),
      { numRuns: 2_000 },
    );
    const keys = Object.entries(FILTER_FIELDS)
      .filter(([, { type }]) => type === 'text' || type === 'data')
      .map(([key]) => key);
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string({ minLength: 1, maxLength: 30 }), (key, value) => {
        const { terms, problem } = read(`${key}:"${value.replace(/[\\"]/g, '\\$&')}"`);
        expect(problem).toBeUndefined();
        expect(terms).toMatchObject([{ key, value, op: 'has' }]);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['a b', '(a & b)'],
    ['a and b', '(a & b)'],
    ['a or b', '(a | b)'],
    ['a b or c d', '((a & b) | (c & d))'],
    ['a (b or c) d', '(a & (b | c) & d)'],
    ['not a', '!a'],
    ['not (a or b) c', '(!(a | b) & c)'],
    ['-(a b)', '!(a & b)'],
    ['!(host:shop or status:5xx)', '!(host:shop | status:5xx)'],
    ['-host:shop', '!host:shop'],
    ['not not a', '!!a'],
    ['((a))', 'a'],
    ['host:shop OR host:pay', '(host:shop | host:pay)'],
    ['"or" "and" "not" "("', '(or & and & not & ()'],
    ['path:/a(b) c', '(path:/a(b) & c)'],
    ['(path:/a(b))', 'path:/a(b)'],
    ['a)', 'a)'],
    ['sailor nothing android', '(sailor & nothing & android)'],
    ['expires<1h30min idle>=2d took>250ms', '(expires<1h30min & idle>=2d & took>250ms)'],
  ])('%s means %s', (text, expected) => {
    const { expression, problem } = read(text);
    expect(problem).toBeUndefined();
    expect(shape(expression)).toBe(expected);
  });

  it.each([
    ['(a', 'never closed', 0],
    ['a or', 'after "or"', 2],
    ['or a', 'before "or"', 0],
    ['a and', 'after "and"', 2],
    ['and a', 'before "and"', 0],
    ['not', 'after "not"', 0],
    ['a ()', 'between the brackets', 2],
    ['(not)', 'after "not"', 1],
    ['expires<soon', 'is no span of time', 0],
    ['expires:live', 'is no span of time', 0],
    ['hst:shop', 'knows no "hst"', 0],
  ])('%s is wrong as a whole, and says where', (text, message, at) => {
    const { problem } = read(text);
    expect(problem?.message).toContain(message);
    expect(problem?.at).toBe(at);
    expect(problem?.remedy).toBeTruthy();
  });

  it('names the field that was meant', () => {
    expect(read('hots:shop').problem?.remedy).toContain('Did you mean host?');
    expect(read('stat:live').problem?.remedy).toContain('Did you mean state?');
    expect(read('zzzz:1').problem?.remedy).not.toContain('Did you mean');
  });

  it('ends quickly on deep and long filters', () => {
    expect(read('('.repeat(5_000)).problem?.message).toContain('groups inside each other');
    expect(read('-('.repeat(5_000)).problem?.message).toContain('groups inside each other');
    expect(read('not '.repeat(5_000)).problem).toBeDefined();
    expect(read('a '.repeat(5_000)).problem?.message).toContain('terms');
  });

  it('sizes and spans of time', () => {
    expect(filterBytes('2.5M')).toBe(2_500_000);
    expect(filterBytes('x')).toBeUndefined();
    expect(filterDuration('1h30min')).toBe(5_400_000);
    expect(filterDuration('90')).toBe(90_000);
    expect(filterDuration('250ms')).toBe(250);
    expect(filterDuration('1h ago')).toBeUndefined();
  });
});
