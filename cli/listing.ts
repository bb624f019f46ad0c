import { type FilterFields, rowFilter } from '../core/filter/matches.ts';
import { nearest } from '../core/model/nearest.ts';
import { type Problem, problem, toProblem } from '../core/model/problem.ts';
import { visible } from '../core/model/visible.ts';
import { complain, print, printHead, printJson, printJsonPart } from './output.ts';
import { progressLine } from './progress.ts';
import { columnWidths, type TableColumn, tableLine } from './table.ts';

/** What every command that prints a list takes; `addListOptions` declares it. */
export interface ListOptions {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly csv?: boolean;
  readonly limit?: number;
  readonly sort?: string;
  readonly where?: string;
}

export interface ListColumn<Row> extends TableColumn {
  /** Its name for `--sort` and in the head of CSV. */
  readonly id: string;
  readonly cell: (row: Row) => string;
  /** What is sorted by, and written to CSV, where that is not the cell; null stands last. */
  readonly key?: (row: Row) => string | number | null;
}

export interface List<Row> {
  /** What the list is called in `--json`. */
  readonly name: string;
  readonly columns: readonly ListColumn<Row>[];
  readonly fields: FilterFields<Row>;
  /** A row as `--json` has it; values are typed. */
  readonly json: (row: Row) => object;
  /** The same in plain JSON; absent where there is no difference. */
  readonly plain?: (row: Row) => object;
  /** The line in place of a table of nothing. */
  readonly nothing: string;
}

/** So many rows are looked at for the widths of a table; those after them are fitted in. */
const MEASURED = 200;

/**
 * Prints a list as a table, CSV or JSON. Rows are written while they are read, unless they are to be sorted.
 * @returns the exit status: 0, or 2 when the rows ended in a failure
 */
export async function printList<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  list: List<Row>,
  options: ListOptions,
): Promise<0 | 2> {
  const chosen = chooseRows(rows, list, options);
  const writer = writerFor(list, options);
  try {
    for await (const row of chosen) writer.row(row);
    writer.end();
    return 0;
  } catch (error) {
    writer.end(toProblem(error));
    complain(error);
    return 2;
  }
}

/** The rows that `--where` lets through, as `--sort` orders them, at most `--limit`. @throws ProblemError `filter`, `bad-request` */
export function chooseRows<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  list: Pick<List<Row>, 'columns' | 'fields'>,
  { where, sort, limit = Number.POSITIVE_INFINITY }: ListOptions,
): AsyncIterable<Row> {
  const passes = rowFilter(where, list.fields);
  const order = sort === undefined ? undefined : orderOf(sort, list.columns);
  return (async function* () {
    const progress = progressLine();
    const kept: Row[] = [];
    let seen = 0;
    let given = 0;
    try {
      for await (const row of rows) {
        seen += 1;
        // Where rows appear by themselves, nothing need say that something happens.
        if (seen % 500 === 0 && (order !== undefined || process.stdout.isTTY !== true)) progress.show(`${seen} read`);
        if (passes !== undefined && !passes(row)) continue;
        if (order !== undefined) kept.push(row);
        else {
          yield row;
          given += 1;
          if (given >= limit) return;
        }
      }
    } finally {
      progress.clear();
    }
    if (order !== undefined) yield* kept.sort(order).slice(0, limit);
  })();
}

/** `bytes`, or `-bytes` for the greatest first. */
function orderOf<Row>(sort: string, columns: readonly ListColumn<Row>[]): (a: Row, b: Row) => number {
  const down = sort.startsWith('-');
  const name = sort.replace(/^[-+]/, '').toLowerCase();
  const column = columns.find(({ id }) => id === name);
  const names = columns.map(({ id }) => id);
  if (column === undefined) {
    const meant = nearest(name, names);
    throw problem('bad-request', `There is no column ${JSON.stringify(name)} to sort by`, {
      remedy: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are ${names.join(', ')}; a minus before it turns the order`,
    });
  }
  const keyOf = column.key ?? column.cell;
  return (a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const by = left < right ? -1 : left > right ? 1 : 0;
    return down ? -by : by;
  };
}

interface RowWriter<Row> {
  row(row: Row): void;
  end(failed?: Problem): void;
}

function writerFor<Row>(list: List<Row>, options: ListOptions): RowWriter<Row> {
  const asked = (['json', 'plain', 'csv'] as const).filter((form) => options[form] === true);
  if (asked.length > 1) {
    throw problem('bad-request', `--${asked.join(' and --')} cannot be had together`, { remedy: 'Give one of them' });
  }
  switch (asked[0]) {
    case 'json':
      return jsonWriter(list);
    case 'plain':
      return { row: (row) => printJson((list.plain ?? list.json)(row)), end: () => {} };
    case 'csv':
      return csvWriter(list);
    default:
      return tableWriter(list, options.where);
  }
}

/** One document on one line, which stays JSON when the rows end in a failure. */
function jsonWriter<Row>(list: List<Row>): RowWriter<Row> {
  let begun = false;
  const begin = () => {
    if (!begun) printJsonPart(`{${JSON.stringify(list.name)}:[`);
    begun = true;
  };
  return {
    row(row) {
      if (begun) printJsonPart(',');
      begin();
      printJsonPart(list.json(row));
    },
    end(failed) {
      if (failed !== undefined && !begun) return printJson({ error: failed });
      begin();
      printJsonPart(']');
      if (failed !== undefined) {
        printJsonPart(',"error":');
        printJsonPart(failed as object);
      }
      printJsonPart('}\n');
    },
  };
}

function csvWriter<Row>({ columns }: List<Row>): RowWriter<Row> {
  const quoted = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  print(columns.map(({ id }) => id).join(','));
  return {
    row(row) {
      const values = columns.map(({ key, cell: shown }) => (key === undefined ? shown(row) : (key(row) ?? '')));
      print(values.map((value) => quoted(visible(String(value)))).join(','));
    },
    end: () => {},
  };
}

function tableWriter<Row>(list: List<Row>, where: string | undefined): RowWriter<Row> {
  const width = process.stdout.isTTY === true ? process.stdout.columns : undefined;
  // In a pipe or a file nothing is cut.
  const columns = list.columns.map(({ shrinks, ...column }) =>
    shrinks === undefined || width === undefined ? column : { ...column, shrinks },
  );
  const first: string[][] = [];
  let widths: number[] | undefined;
  const begin = (): void => {
    widths = columnWidths(columns, first, width);
    const titles = columns.map(({ title }) => title);
    printHead(tableLine(columns, widths, titles));
    for (const cells of first) print(tableLine(columns, widths, cells));
  };
  return {
    row(row) {
      const cells = columns.map((column) => visible(column.cell(row)));
      if (widths !== undefined) print(tableLine(columns, widths, cells));
      else {
        first.push(cells);
        if (first.length === MEASURED) begin();
      }
    },
    end(failed) {
      if (widths !== undefined) return;
      if (first.length > 0) begin();
      else if (failed === undefined) print(where === undefined ? list.nothing : `Nothing passes --where ${where}`);
    },
  };
}
