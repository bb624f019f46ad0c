import type { SqliteAddress } from '../address.ts';
import { pathOf, shortPath } from '../disk/disk-kind.ts';
import { Parameters } from '../parameters.ts';
import type { StoreKind } from '../store-kind.ts';
import { badUrl, encodePath, splitQuery } from '../url-text.ts';
import { openTable } from './open-table.ts';
import { choiceQuery, TABLE_PARAMETERS, tableChoice } from './table-choice.ts';

/** How often the file is looked at for changes (ms). */
const POLL_MS = 400;
const FORM = 'sqlite:PATH?table=sessions';

export const sqliteKind: StoreKind<SqliteAddress> = {
  kinds: ['sqlite'],
  schemes: ['sqlite', 'sqlite3'],
  form: FORM,
  parse(url, _, base) {
    const { place, query } = splitQuery(url.slice(url.indexOf(':') + 1));
    if (place === '') throw badUrl(url, 'the path is missing', `Write ${FORM}`);
    return {
      kind: 'sqlite',
      path: pathOf(place, base),
      ...tableChoice(new Parameters(query, url, TABLE_PARAMETERS), url),
    };
  },
  format: (address) => `sqlite:${encodePath(address.path)}?${choiceQuery(address)}`,
  title: ({ path, table }, layout) => `${layout ?? 'SQLite'} ${shortPath(path)} · ${table}`,
  open: (address, context) => openTable(address, sqliteKind.format(address), context, POLL_MS),
};
