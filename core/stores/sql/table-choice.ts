import type { TableChoice } from '../address.ts';
import type { TableLayout } from '../layout.ts';
import type { Parameters } from '../parameters.ts';
import { badUrl, checkTableName } from '../url-text.ts';

const DEFAULT_TABLE = 'sessions';

/** The parameters that choose a table, with their other names. */
export const TABLE_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  table: [],
  zone: ['timezone', 'serverTimezone'],
  as: ['layout'],
  id: [],
  data: [],
  lastused: ['atime'],
  expires: ['expiry'],
  schema: ['currentSchema'],
};

/** @throws ProblemError `bad-store-url`, `bad-table-name` */
export function tableChoice(parameters: Parameters, url: string): TableChoice {
  const [id, data] = [parameters.get('id'), parameters.get('data')];
  const [lastUsed, expires] = [parameters.get('lastused'), parameters.get('expires')];
  if ((id === undefined) !== (data === undefined) || (id === undefined && (lastUsed ?? expires) !== undefined)) {
    throw badUrl(
      url,
      'a mapping of columns needs both id and data',
      'Write ?table=T&id=COLUMN&data=COLUMN&expires=COLUMN',
    );
  }
  const schema = parameters.get('schema');
  const table = parameters.get('table') ?? DEFAULT_TABLE;
  const as = parameters.get('as');
  return {
    table: checkTableName(schema === undefined || table.includes('.') ? table : `${schema}.${table}`),
    ...zoneOf(parameters.get('zone'), url),
    ...(as === undefined ? {} : { as }),
    ...(id === undefined || data === undefined
      ? {}
      : {
          columns: {
            id,
            data,
            ...(lastUsed === undefined ? {} : { lastUsed }),
            ...(expires === undefined ? {} : { expires }),
          },
        }),
  };
}

function zoneOf(zone: string | undefined, url: string): { zone?: string } {
  if (zone === undefined) return {};
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch (cause) {
    throw badUrl(url, `there is no time zone ${JSON.stringify(zone)}`, 'Write a name such as Europe/Berlin', cause);
  }
  return { zone };
}

/** The query that gives this choice again. */
export function choiceQuery({ table, zone, as, columns }: TableChoice, more: Readonly<Record<string, string>> = {}) {
  const query = new URLSearchParams({ table });
  if (zone !== undefined) query.set('zone', zone);
  if (as !== undefined) query.set('as', as);
  for (const [name, value] of Object.entries(columns ?? {})) query.set(name.toLowerCase(), value);
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return query.toString().replaceAll('%2F', '/');
}

/** The layouts that a table may have: the one that the user wrote as a mapping, else those that are known. */
export function layoutsFor({ columns, table }: TableChoice, known: readonly TableLayout[]): readonly TableLayout[] {
  if (columns === undefined) return known;
  const any = ['text', 'bytes', 'integer', 'number', 'time', 'json'] as const;
  const column = (name: string) => ({ name: name.toLowerCase(), is: any });
  const { lastUsed, expires } = columns;
  const compares = expires !== undefined ? 'expires' : lastUsed !== undefined ? 'lastUsed' : undefined;
  return [
    {
      kind: 'table',
      id: 'mapping',
      title: 'Table',
      framework: 'generic',
      table,
      columnId: column(columns.id),
      data: column(columns.data),
      ...(lastUsed === undefined ? {} : { lastUsed: { ...column(lastUsed), form: 'naive' as const } }),
      ...(expires === undefined ? {} : { expires: { ...column(expires), form: 'naive' as const } }),
      guessesForm: true,
      recordNames: (id) => [id],
      publicId: (name) => name,
      compares,
      ...(compares === undefined ? { comparesNothing: 'The URL names no column for a clock' } : {}),
    },
  ];
}
