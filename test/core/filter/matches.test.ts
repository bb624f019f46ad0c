import { describe, expect, it } from 'vitest';
import { type FilterFields, rowFilter } from '../../../core/filter/matches.ts';

/* The filter over rows in memory: what a term means is what docs/filter.md says. */

interface Row {
  readonly id: string;
  readonly bytes: number;
  readonly idle: number | null;
  readonly data: Readonly<Record<string, string>>;
}

const ROWS: readonly Row[] = [
  { id: 'Alpha1', bytes: 100, idle: 1_000, data: { user: 'alice', 'cart[0].n': '3' } },
  { id: 'beta2', bytes: 20_000, idle: 3_600_000, data: { user: 'bob', note: 'Hello World' } },
  { id: 'gamma3', bytes: 5, idle: null, data: {} },
];
const FIELDS: FilterFields<Row> = {
  text: ({ id }) => [id],
  texts: { id: ({ id }) => [id], state: () => ['live'] },
  numbers: { size: ({ bytes }) => bytes, idle: ({ idle }) => idle },
  data: ({ data }) => Object.entries(data).map(([path, value]) => ({ path, value })),
};
const found = (filter: string) => ROWS.filter(rowFilter(filter, FIELDS) ?? (() => true)).map(({ id }) => id.slice(-1));

describe('a filter over rows', () => {
  it.each([
    ['', '123'],
    ['id:ALPHA', '1'],
    ['id=alpha', ''],
    ['id=ALPHA1', '1'],
    ['id!=alpha1', '23'],
    ['-id:a', ''],
    ['not id:beta', '13'],
    ['size>=100', '12'],
    ['size<20k', '13'],
    ['size=5', '3'],
    ['size!=5', '12'],
    // What is not known is neither more nor less, and "not" lets it through, as in the window.
    ['idle>30min', '2'],
    ['idle<30min', '1'],
    ['-idle>30min', '13'],
    ['data.user=alice', '1'],
    ['data.USER:ali', '1'],
    ['data.user:', '12'],
    ['data.user!=alice', '23'],
    ['data:hello', '2'],
    ['data.cart[0].n>2', '1'],
    ['hello', '2'],
    ['"hello world" or data.user=alice', '12'],
    ['(id:beta or id:gamma) size>1k', '2'],
    ['state:live', '123'],
    ['state:ended', ''],
  ])('%s', (filter, ids) => expect(found(filter).join('')).toBe(ids));

  it('says which fields there are, and what was meant', () => {
    expect(() => rowFilter('host:shop', FIELDS)).toThrow(/Rows of this list have no host/);
    const kind = (text: string) => {
      try {
        rowFilter(text, FIELDS);
        return undefined;
      } catch (error) {
        return (error as { problem: { kind: string; remedy?: string } }).problem;
      }
    };
    expect(kind('host:shop')?.remedy).toContain('They have id, state, size, idle, data');
    expect(kind('(id:a')).toMatchObject({ kind: 'filter' });
    expect(kind('nosuch:a')).toMatchObject({ kind: 'filter' });
  });
});
