import { FILTER_FIELDS, FILTER_KEYS, type FilterField } from './fields.ts';

/** The rows of the table in docs/filter.md: field, what it finds, an example. */
export function filterHelpRows(): string[] {
  return FILTER_KEYS.map((key) => {
    const { about, example, words }: FilterField = FILTER_FIELDS[key];
    const known = words === undefined ? '' : ` One of ${words.map((word) => `\`${word}\``).join(', ')}.`;
    return `| \`${key}\` | ${about}${known} | \`${example}\` |`;
  });
}
