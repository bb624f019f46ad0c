import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FILTER_FIELDS } from '../../../core/filter/fields.ts';
import { filterHelpRows } from '../../../core/filter/help.ts';
import { parseFilter } from '../../../core/filter/parse.ts';

test('docs/filter.md lists the fields as the table has them', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/filter.md'), 'utf8');
  expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(filterHelpRows());
});

test('every example can be read', () => {
  for (const { example } of Object.values(FILTER_FIELDS)) expect(parseFilter(example).problem).toBeUndefined();
});
