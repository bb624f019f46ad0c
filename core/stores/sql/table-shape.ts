import { problem } from '../../model/problem.ts';
import type { ClockName } from '../../model/record.ts';
import type { ClockColumn, ColumnPattern, TableLayout } from '../layout.ts';
import type { FoundTable, ListedTable, TableColumn } from './dialect.ts';
import { DIALECTS } from './dialects/dialects.ts';
import type { SqlDriver } from './sql-driver.ts';

export type { TableColumn } from './dialect.ts';

/** What has to be known of a table of sessions before its rows are read. */
export interface TableShape extends Omit<FoundTable, 'columns'> {
  readonly layout: TableLayout;
  readonly id: TableColumn;
  readonly data: TableColumn;
  /** The column of the clock that the application compares; absent where it is optional and missing. */
  readonly clock?: TableColumn & { readonly name: string; readonly form: ClockColumn['form'] };
  readonly clockName: ClockName;
  readonly extras: readonly TableColumn[];
  /** The database gives ids padded with spaces. */
  readonly paddedIds: boolean;
  readonly foldsCase: boolean;
}

/**
 * Looks up a table's columns and finds the layout that they follow.
 * @param as id of the layout, where the user names it
 * @throws ProblemError `table-missing`, `table-shape`
 */
export async function tableShape(
  driver: SqlDriver,
  table: string,
  layouts: readonly TableLayout[],
  as?: string,
): Promise<TableShape> {
  const found = await DIALECTS[driver.dialect].table(driver, table);
  if (found === undefined) throw await missing(driver, table, layouts);
  const wanted = as === undefined ? layouts : layouts.filter(({ id }) => id === as);
  if (wanted.length === 0) {
    throw problem('table-shape', `There is no layout "${as}"`, {
      remedy: `Use one of ${layouts.map(({ id }) => id).join(', ')}`,
      where: driver.where,
    });
  }
  const layout = layoutOf(found.columns, wanted);
  if (layout === undefined) throw unlike(driver, table, found, wanted);
  return shapeOf(found, layout);
}

/** The name of a table quoted for a statement, so that any table can be named. */
export function quoteName(dialect: SqlDriver['dialect'], name: string): string {
  return DIALECTS[dialect].quote(name);
}

function shapeOf(found: FoundTable, layout: TableLayout): TableShape {
  const column = (pattern: ColumnPattern | undefined) =>
    pattern && found.columns.find(({ name }) => name.toLowerCase() === pattern.name);
  const id = column(layout.columnId) as TableColumn;
  const data = column(layout.data) as TableColumn;
  const clockName: ClockName = layout.compares ?? 'lastUsed';
  const pattern = layout[clockName];
  const clock = column(pattern);
  const { columns, ...facts } = found;
  return {
    ...facts,
    layout,
    id,
    data,
    clockName,
    extras: columns.filter((one) => one !== id && one !== data && one !== clock),
    paddedIds: id.padded,
    foldsCase: id.foldsCase,
    ...(clock === undefined || pattern === undefined ? {} : { clock: { ...clock, form: pattern.form } }),
  };
}

/** The layout whose columns are all there, the most telling one first; undefined when none fits. */
function layoutOf(
  columns: readonly Pick<TableColumn, 'name' | 'is'>[],
  layouts: readonly TableLayout[],
): TableLayout | undefined {
  let best: { layout: TableLayout; weight: number } | undefined;
  for (const layout of layouts) {
    const weight = weightOf(columns, layout);
    if (weight > (best?.weight ?? 0)) best = { layout, weight };
  }
  return best?.layout;
}

/** How many columns of a layout are there; 0 when it is not this layout. */
function weightOf(columns: readonly Pick<TableColumn, 'name' | 'is'>[], layout: TableLayout): number {
  const has = ({ name, is }: ColumnPattern) =>
    columns.some((one) => one.name.toLowerCase() === name && (one.is === undefined || is.includes(one.is)));
  const { columnId, data, lastUsed, expires, lifetime, requires = [], excludes = [], clockOptional } = layout;
  const clocks = [lastUsed, expires, lifetime].filter((one) => one !== undefined);
  const needed = [columnId, data, ...requires, ...(clockOptional ? [] : clocks)];
  if (!needed.every(has)) return 0;
  if (columns.some(({ name }) => excludes.includes(name.toLowerCase()))) return 0;
  return needed.length + (clockOptional ? clocks.filter(has).length : 0);
}

async function missing(driver: SqlDriver, table: string, layouts: readonly TableLayout[]) {
  const others = await detectTables(driver, layouts).catch(() => []);
  const names = others.map((one) => one.table);
  const hint = names.length === 0 ? '' : `. Tables here that look like sessions: ${names.join(', ')}`;
  return problem('table-missing', `There is no table ${table} in ${driver.where}${hint}`, {
    remedy:
      names.length > 0 ? `Name the table in the URL: ?table=${names[0]}` : 'Name the table in the URL with ?table=NAME',
    where: driver.where,
  });
}

function unlike(driver: SqlDriver, table: string, found: FoundTable, layouts: readonly TableLayout[]) {
  const there = found.columns.map(({ name }) => name).join(', ');
  const one = layouts.length === 1 ? layouts[0] : undefined;
  const lacks = one && [one.columnId, one.data].find((pattern) => !found.columns.some((c) => c.name === pattern.name));
  const message =
    lacks === undefined
      ? `The table ${table} in ${driver.where} is laid out like no table of sessions that is known here`
      : `The table ${table} in ${driver.where} has no column ${lacks.name}`;
  return problem('table-shape', message, {
    remedy: `It has the columns ${there}. Name them in the URL: ?table=${table}&id=COLUMN&data=COLUMN&expires=COLUMN`,
    where: driver.where,
  });
}

/** Tables that look like tables of sessions, those with a layout's usual name first. */
export async function detectTables(
  driver: SqlDriver,
  layouts: readonly TableLayout[],
): Promise<{ readonly table: string; readonly layout: TableLayout }[]> {
  const tables: readonly ListedTable[] = await DIALECTS[driver.dialect].tables(driver);
  return tables
    .flatMap(({ table, columns }) => {
      const layout = layoutOf(columns, layouts);
      return layout === undefined ? [] : [{ table, layout }];
    })
    .sort((a, b) => Number(b.table === b.layout.table) - Number(a.table === a.layout.table));
}
