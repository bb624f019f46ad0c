import { type Command, InvalidArgumentError } from 'commander';
import { findStores } from '../../core/engine/find-stores/find-stores.ts';
import { systemProcesses } from '../../core/engine/find-stores/system.ts';
import type { FoundStore, StoreSearch } from '../../core/model/found-store.ts';
import { toProblem } from '../../core/model/problem.ts';
import { visible } from '../../core/model/visible.ts';
import { complain, note, print, printJson } from '../output.ts';

interface Options {
  readonly cookie?: { readonly name: string; readonly id: string; readonly raw: string };
  readonly json?: true;
}

/** Adds `sessionscope stores find URL`. */
export function registerStores(program: Command): void {
  program
    .command('stores')
    .description('finds the stores of an application')
    .command('find <url>')
    .description('looks for the stores of the application at an address of this computer; nothing is attached')
    .option('--cookie <name=value>', 'a session whose record should be there', cookieOf)
    .option('--json', 'print one JSON document')
    .action(async (url: string, options: Options) => {
      try {
        const { search } = await findStores(url, systemProcesses(), options.cookie);
        if (options.json) printJson(search);
        else show(search);
        process.exitCode = search.stores.some(({ problem }) => problem === null) ? 0 : 1;
      } catch (error) {
        if (options.json) printJson({ error: toProblem(error) });
        complain(error);
        process.exitCode = 2;
      }
    });
}

function cookieOf(text: string) {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is written NAME=VALUE.');
  const raw = text.slice(at + 1);
  return { name: text.slice(0, at), id: decoded(raw), raw };
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
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
