import { problem } from '../../model/problem.ts';
import type { DataExpressions, TableColumn } from './dialect.ts';
import { DIALECTS } from './dialects/dialects.ts';
import type { SqlDialectName, SqlValue } from './sql-driver.ts';
import type { TableShape } from './table-shape.ts';

/** How one database spells what the record store needs of a table. */
export interface Expressions extends DataExpressions {
  readonly id: string;
  /** Condition: the row has one of so many ids; its parameters are `idValue`s. */
  readonly hasId: (count: number) => string;
  /** Text of the clock; NULL when there is none. */
  readonly clock: string;
  /** The parameter for a clock that is written. */
  readonly clockParameter: string;
  readonly extras: readonly { readonly name: string; readonly sql: string }[];
  /** `col = col` for each column that MySQL would otherwise set again, preceded by a comma. */
  readonly keep: (except?: string) => string;
}

export function expressions(dialectName: SqlDialectName, shape: TableShape): Expressions {
  const dialect = DIALECTS[dialectName];
  const name = (column: TableColumn) => dialect.quote(column.name);
  const columns = [...shape.extras, ...(shape.clock === undefined ? [] : [shape.clock])];
  const keep = (except?: string) =>
    columns
      .filter((column) => column.onUpdate && column.name !== except)
      .map((column) => `, ${name(column)} = ${name(column)}`)
      .join('');
  const { clock } = shape;
  const spelled = clock === undefined ? undefined : dialect.clock(clock, name(clock), clock.form);
  return {
    id: name(shape.id),
    hasId: (count) => dialect.isOneOf(shape.id, name(shape.id), count),
    clock: spelled?.read ?? 'NULL',
    clockParameter: spelled?.write ?? '?',
    extras: shape.extras.map((column) => ({ name: column.name, sql: dialect.text(column, name(column)) })),
    keep,
    ...dialect.data(shape.data, name(shape.data), { ...shape, columns: [] }),
  };
}

/**
 * Session bytes as a value for a column: text for text columns.
 * @throws ProblemError `not-text` for bytes that a text column cannot hold
 */
export function dataValue(bytes: Uint8Array, asBytes: boolean, where: string): SqlValue {
  if (asBytes) return bytes;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below.
  }
  throw problem('not-text', 'These bytes are not text, and the column holds text', {
    remedy: "Keep the record's outermost layer: base64, for example",
    where,
  });
}
