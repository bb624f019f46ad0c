import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILTER_KEYS, filterTerms, parseFilter } from '../../../core/workspace/filter.ts';

describe('the filter language', () => {
  it('reads keys, paths, operators, free words and quotes', () => {
    const { terms, problem } = parseFilter('host:shop cookie:sid data.user=42 status:500 method:POST "two words" free');
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
    const { terms, problem } = parseFilter(text);
    expect(problem).toBeUndefined();
    expect(terms).toHaveLength(1);
    expect(terms[0]).toMatchObject(expected);
  });

  it.each([
    ['hots:shop', 'knows no "hots"', 0],
    ['a status:abc', 'no status', 2],
    ['host:', 'Nothing stands after host', 0],
    ['host>3', 'has no order', 0],
    ['x "never closed', 'never closed', 2],
    ['is:blue', 'not known', 0],
    ['state:happy', 'no state', 0],
    ['size>many', 'no number', 0],
    ['host.x:1', 'Only data has a path', 0],
  ])('%s is wrong, and says where', (text, message, at) => {
    const { problem } = parseFilter(text);
    expect(problem?.message).toContain(message);
    expect(problem?.at).toBe(at);
    expect(problem?.remedy).toBeTruthy();
    expect(() => filterTerms(text)).toThrow(message);
  });

  it('keeps the terms that were understood beside the mistake', () => {
    const { terms, problem } = parseFilter('host:shop status:abc method:GET');
    expect(problem).toBeDefined();
    expect(terms.map(({ key }) => key)).toEqual(['host', 'method']);
  });

  it('never throws, gives offsets inside the text, and reads back what it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        const { terms, problem } = parseFilter(text);
        for (const { at } of terms) expect(at).toBeLessThan(text.length);
        if (problem?.at !== undefined) expect(problem.at).toBeLessThan(text.length);
      }),
      { numRuns: 2_000 },
    );
    const keys = Object.keys(FILTER_KEYS).filter((key) => !['status', 'score', 'size', 'is', 'state'].includes(key));
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string({ minLength: 1, maxLength: 30 }), (key, value) => {
        const { terms, problem } = parseFilter(`${key}:"${value.replace(/[\\"]/g, '\\$&')}"`);
        expect(problem).toBeUndefined();
        expect(terms).toMatchObject([{ key, value, op: 'has' }]);
      }),
      { numRuns: 1_000 },
    );
  });
});
