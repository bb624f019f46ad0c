import { findStores } from '../../core/engine/find-stores/find-stores.ts';
import { systemProcesses } from '../../core/engine/find-stores/system.ts';
import type { FoundStore, StoreSearch } from '../../core/model/found-store.ts';
import { visible } from '../../core/model/visible.ts';
import { chooseRows, type List, type ListOptions, printList } from '../listing.ts';
import { answered, note, print, printJson } from '../output.ts';

export interface StoresOptions extends ListOptions {
  readonly cookie?: { readonly name: string; readonly id: string; readonly raw: string };
}

/** Exit status: 0 a store can be opened, 1 none, 2 it cannot be looked for. */
export function storesFind(url: string, options: StoresOptions): Promise<number> {
  return answered(options, async () => {
    const { search } = await findStores(url, systemProcesses(), options.cookie);
    const chosen: FoundStore[] = [];
    for await (const one of chooseRows(search.stores, listOf(options), options)) chosen.push(one);
    if (options.json) printJson({ ...search, stores: chosen });
    else await show({ ...search, stores: chosen }, options);
    return chosen.some(({ problem }) => problem === null) ? 0 : 1;
  });
}

async function show({ processes, stores, notes }: StoreSearch, options: StoresOptions): Promise<void> {
  const { plain, csv } = options;
  const forPrograms = plain === true || csv === true;
  // What is not the list itself stays out of what another program reads.
  const aside = forPrograms ? note : print;
  for (const { pid, command, cwd } of processes) aside(`process    ${pid} ${visible(command)}, in ${visible(cwd)}`);
  if (stores.length > 0 || forPrograms || processes.length > 0) {
    await printList(stores, listOf(options), { ...(plain && { plain }), ...(csv && { csv }) });
  }
  for (const text of notes) note(text);
}

function listOf({ cookie }: StoresOptions): List<FoundStore> {
  return {
    name: 'stores',
    columns: [
      { id: 'store', title: 'STORE', shrinks: 40, cell: ({ url }) => url },
      { id: 'layout', title: 'LAYOUT', shrinks: 12, cell: ({ layout }) => layout ?? 'not known' },
      {
        id: 'records',
        title: 'RECORDS',
        right: true,
        cell: ({ records }) => (records === null ? '-' : String(records)),
        key: ({ records }) => records,
      },
      ...(cookie === undefined ? [] : [{ id: 'session', title: 'HAS SESSION', cell: hasSession }]),
      {
        id: 'why',
        title: 'WHY',
        shrinks: 16,
        cell: ({ reasons, problem }) =>
          [...(problem === null ? [] : [`cannot be opened: ${problem.message}`]), ...reasons].join('; '),
      },
    ],
    fields: {
      text: ({ url, layout, reasons }) => [url, layout ?? '', ...reasons],
      texts: { store: ({ url }) => [url] },
    },
    json: (one) => one,
    nothing: 'No store was found to which these processes point.',
  };
}

function hasSession({ contains }: FoundStore): string {
  if (contains === null) return '-';
  return contains ? 'yes' : 'no';
}
