import { findStores } from '../../core/engine/find-stores/find-stores.ts';
import { systemProcesses } from '../../core/engine/find-stores/system.ts';
import type { FoundStore, StoreSearch } from '../../core/model/found-store.ts';
import { visible } from '../../core/model/visible.ts';
import { answered, note, print, printJson } from '../output.ts';

export interface StoresOptions {
  readonly cookie?: { readonly name: string; readonly id: string; readonly raw: string };
  readonly json?: true;
}

/** Exit status: 0 a store can be opened, 1 none, 2 it cannot be looked for. */
export function storesFind(url: string, options: StoresOptions): Promise<number> {
  return answered(options, async () => {
    const { search } = await findStores(url, systemProcesses(), options.cookie);
    if (options.json) printJson(search);
    else show(search);
    return search.stores.some(({ problem }) => problem === null) ? 0 : 1;
  });
}

function show({ processes, stores, notes }: StoreSearch): void {
  for (const { pid, command, cwd } of processes) print(`process    ${pid} ${visible(command)}, in ${visible(cwd)}`);
  for (const one of stores) for (const line of linesOf(one)) print(line);
  if (stores.length === 0 && processes.length > 0) print('No store was found to which these processes point.');
  for (const text of notes) note(text);
}

function linesOf(one: FoundStore): string[] {
  const count = one.records === null ? '' : `, ${one.records} ${one.records === 1 ? 'record' : 'records'}`;
  const contains = one.contains === null ? [] : [`  contains the session: ${one.contains ? 'yes' : 'no'}`];
  return [
    visible(one.url),
    `  ${one.layout ?? 'layout not known'}${count}`,
    ...one.reasons.map((reason) => `  because ${visible(reason)}`),
    ...one.first.map((id) => `  ${visible(id)}`),
    ...contains,
    ...(one.problem === null ? [] : [`  cannot be opened: ${visible(one.problem.message)}`]),
  ];
}
