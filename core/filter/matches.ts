import { nearest } from '../model/nearest.ts';
import { problem } from '../model/problem.ts';
import { type FilterKey, filterBytes, filterDuration, filterField } from './fields.ts';
import { type FilterExpression, type FilterTerm, filterExpression, filterTerms } from './parse.ts';

/*
 * The filter over rows in memory, for the lists of commands. A term means what core/workspace/filter-sql.ts makes of it.
 */

/** A value in the decoded data: its path and its text. */
export interface FilterFact {
  readonly path: string;
  readonly value: string;
}

/** What the rows of a list have for the fields. A field that is left out is refused, with those that there are. */
export interface FilterFields<Row> {
  /** What a word without a field is searched in. */
  readonly text: (row: Row) => readonly string[];
  /** Texts and words; several when the row has several. */
  readonly texts?: { readonly [key in FilterKey]?: (row: Row) => readonly string[] };
  /** Numbers, bytes, or milliseconds; null: not known, which no comparison lets through. */
  readonly numbers?: { readonly [key in FilterKey]?: (row: Row) => number | null };
  readonly data?: (row: Row) => readonly FilterFact[];
}

/**
 * Whether a row passes; undefined when every row does.
 * @throws ProblemError `filter` for what cannot be understood, or asks for what these rows do not have
 */
export function rowFilter<Row>(
  text: string | undefined,
  fields: FilterFields<Row>,
): ((row: Row) => boolean) | undefined {
  const expression = filterExpression(text);
  if (expression === undefined) return undefined;
  const known = [
    ...Object.keys(fields.texts ?? {}),
    ...Object.keys(fields.numbers ?? {}),
    ...(fields.data === undefined ? [] : ['data']),
  ];
  for (const { key, at } of filterTerms(expression)) {
    if (key === 'text' || known.includes(key)) continue;
    const meant = nearest(key, known);
    throw problem('filter', `Rows of this list have no ${key}`, {
      remedy: `${meant === undefined ? '' : `Did you mean ${meant}? `}They have ${known.join(', ')}, and words without a field are searched for`,
      at,
    });
  }
  return (row) => matches(expression, row, fields);
}

function matches<Row>(expression: FilterExpression, row: Row, fields: FilterFields<Row>): boolean {
  switch (expression.kind) {
    case 'term':
      return termMatches(expression.term, row, fields);
    case 'not':
      return !matches(expression.part, row, fields);
    case 'and':
      return expression.parts.every((part) => matches(part, row, fields));
    case 'or':
      return expression.parts.some((part) => matches(part, row, fields));
  }
}

function termMatches<Row>(term: FilterTerm, row: Row, fields: FilterFields<Row>): boolean {
  const { key, op, value } = term;
  const low = value.toLowerCase();
  if (key === 'text') {
    const facts = fields.data?.(row) ?? [];
    return [...fields.text(row), ...facts.map((fact) => fact.value)].some((one) => one.toLowerCase().includes(low));
  }
  if (key === 'data') return dataMatches(term, fields.data?.(row) ?? []);
  const number = fields.numbers?.[key];
  if (number !== undefined) return compared(number(row), op, numberOf(key, value));
  const texts = (fields.texts?.[key]?.(row) ?? []).map((one) => one.toLowerCase());
  const whole = op !== 'has' || filterField(key)?.type === 'word';
  const found = texts.some((one) => (whole ? one === low : one.includes(low)));
  return op === '!=' ? !found : found;
}

function numberOf(key: FilterKey, value: string): number {
  const type = filterField(key)?.type;
  if (type === 'duration') return filterDuration(value) ?? 0;
  return type === 'size' ? (filterBytes(value) ?? 0) : Number(value);
}

function compared(value: number | null, op: FilterTerm['op'], wanted: number): boolean {
  if (value === null) return false;
  switch (op) {
    case 'has':
    case '=':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '>':
      return value > wanted;
    case '>=':
      return value >= wanted;
  }
}

/** `data.user=42`, `data.cart[0].n>3`, `data.user` (has one), `data:alice` (anywhere). */
function dataMatches({ path, op, value }: FilterTerm, facts: readonly FilterFact[]): boolean {
  const low = value.toLowerCase();
  if (path === undefined || path === '') {
    const found = facts.some((fact) => fact.value.toLowerCase().includes(low));
    return op === '!=' ? !found : found;
  }
  const there = facts.filter((fact) => fact.path.toLowerCase() === path.toLowerCase()).map((fact) => fact.value);
  if (value === '') return there.length > 0;
  if (op === 'has') return there.some((text) => text.toLowerCase().includes(low));
  if (op === '=' || op === '!=') return there.includes(value) === (op === '=');
  // As SQLite's CAST: a text that begins with no number counts as 0.
  return there.some((text) => compared(Number.parseFloat(text) || 0, op, Number(value)));
}
